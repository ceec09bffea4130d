"""Imports every module of the product alone, each in a process of its own, and prints those that cannot be:
`python -m tests.import_each`.

An import circle is hidden as long as somebody else imports its modules in a lucky order, so here each module
comes first in a process. Forking from a process that has Django, the models and packages loaded makes that
cheap. `ready()` of the apps is left out: it imports half of the product.
"""

import importlib
import os
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import django
from django.apps import AppConfig
from django.apps.config import AppConfig as Config

ROOT = Path(__file__).parent.parent
APPS = ("common", "messaging", "community", "followup", "config")


def ours() -> Iterator[str]:
    """The dotted names of all modules of the product; migrations are never imported by another module."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts and path.name != "__init__.py":
                yield ".".join(path.relative_to(ROOT).with_suffix("").parts)


def is_ours(module: str) -> bool:
    """Whether a module belongs to the product."""
    return module.partition(".")[0] in APPS


def set_up() -> None:
    """Load settings and models, without `ready()` of our apps and of the admin, which imports ours."""
    create = Config.create

    def without_ready(entry: str) -> AppConfig:
        config = create(entry)
        if is_ours(config.name) or is_ours(type(config).__module__) or "admin" in config.name:
            config.ready = lambda: None  # type: ignore[method-assign]
        return config

    Config.create = without_ready  # type: ignore[method-assign,assignment]
    django.setup()


def in_a_fork(*modules: str) -> str:
    """Import modules in a forked process; returns the traceback, or "ok" and the modules loaded."""
    reading, writing = os.pipe()
    if child := os.fork():
        os.close(writing)
        with open(reading) as said:
            answer = said.read()
        os.waitpid(child, 0)
        return answer
    with open(writing, "w") as said:
        try:
            for module in modules:
                importlib.import_module(module)
            said.write("\n".join(["ok", *(name for name in list(sys.modules) if not is_ours(name))]))
        except BaseException:
            said.write(traceback.format_exc())
    os._exit(0)


def main() -> int:
    """Print the traceback of each module that fails; returns how many there are."""
    set_up()
    modules = list(ours())
    loaded = [module for module in modules if module in sys.modules]
    failed = 0
    packages = set(in_a_fork(*modules).split("\n")) - {"ok"} - set(sys.modules)
    for package in sorted(packages):
        try:
            importlib.import_module(package)
        except Exception:  # some can be imported only by their own parent
            continue
    for module in sorted(set(modules) - set(loaded)):
        answer = in_a_fork(module)
        if not answer.startswith("ok"):
            failed += 1
            sys.stdout.write(f"{module} cannot be imported first:\n{answer}\n")
    sys.stdout.write(
        f"{len(modules)} modules, {len(loaded)} of them loaded with the models, {failed} failed\n"
    )
    return failed


if __name__ == "__main__":
    sys.exit(min(main(), 1))
