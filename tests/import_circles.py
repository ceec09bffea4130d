"""Finds circles among the imports of the product: `python -m tests.import_circles` prints them.

A circle is hidden as long as somebody else imports its modules in a lucky order. Without one, every module
can be imported first. All are imported in one process here: wherever that begins, the last import of a circle
is of a module that is being imported itself. Settings, models and packages are loaded before. `ready()` of
the apps is left out: it imports half of the product.
"""

import builtins
import importlib
import sys
import traceback
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

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


def circles(modules: Iterable[str], packages: Collection[str]) -> list[str]:
    """Import these modules; returns each import among these packages that closes a circle, and the traceback
    of each module that fails."""
    found = []
    load = builtins.__import__

    def load_and_look(
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        loaded = load(name, globals, locals, fromlist or (), level)
        importing = str((globals or {}).get("__name__", ""))
        for each in (name, *(f"{name}.{part}" for part in fromlist or ())):
            # A package begins before its modules, whichever of them is imported first.
            if (
                each.partition(".")[0] in packages
                and is_being_imported(each)
                and not f"{importing}.".startswith(f"{each}.")
            ):
                found.append(f"{importing} imports {each}, which is being imported")
        return loaded

    builtins.__import__ = load_and_look
    try:
        for module in modules:
            try:
                importlib.import_module(module)
            except Exception:
                found.append(traceback.format_exc())
    finally:
        builtins.__import__ = load
    return found


def is_being_imported(name: str) -> bool:
    """Whether a module has begun and not ended."""
    return bool(getattr(getattr(sys.modules.get(name), "__spec__", None), "_initializing", False))


def main() -> int:
    """Print the circles; returns how many there are."""
    set_up()
    modules = list(ours())
    found = circles(modules, APPS)
    sys.stdout.write("\n".join([*found, f"{len(modules)} modules, {len(found)} circles or errors\n"]))
    return len(found)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
