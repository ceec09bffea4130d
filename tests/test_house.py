"""The rules of the house that no linter sees: what strings point at, and what a repository may hold."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from tools import messages, templates

ROOT = Path(settings.BASE_DIR)
APPS = ("common", "messaging", "community", "followup")
"""From the bottom up: each may point at itself and at those before it."""
HEIGHT = {app: height for height, app in enumerate(APPS)}
POINTING = {"reverse", "reverse_lazy", "redirect", "resolve_url", "get_model"}
TEXT = {".css", ".html", ".in", ".js", ".lock", ".md", ".po", ".py", ".svg", ".toml", ".txt", ".yml", ""}


def repository() -> list[Path]:
    """Every file that is in the repository or about to be."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


def python_files() -> Iterator[tuple[str, Path]]:
    """Our code with the app it belongs to, migrations left out."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield app, path


def subjects() -> Iterator[tuple[str, str]]:
    """Every subject with its app: a folder of an app that holds Python and is not Django's own."""
    for app in APPS[1:]:
        for path in sorted((ROOT / app).iterdir()):
            if (
                path.name not in {"management", "migrations", "templatetags"}
                and (path / "__init__.py").exists()
            ):
                yield app, path.name


def url_names(patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, str]]:
    """The name of every address of ours, with the app that answers it."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from url_names(pattern.url_patterns)
        elif pattern.name:
            yield pattern.name, pattern.callback.__module__.split(".")[0]


def pointed_at(path: Path) -> Iterator[tuple[int, str]]:
    """Names of addresses and models that a file mentions as strings, with their lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        first = node.args[0]
        if called in POINTING and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield node.lineno, first.value


def test_no_relation_of_a_model_points_to_an_app_above():
    wrong = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        if model._meta.app_label in HEIGHT
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model
        if field.related_model._meta.label != settings.AUTH_USER_MODEL
        if HEIGHT.get(field.related_model._meta.app_label, 0) > HEIGHT[model._meta.app_label]
    ]
    assert not wrong


def test_no_string_in_code_names_an_address_or_a_model_of_an_app_above():
    app_of = {name: app for name, app in url_names(get_resolver().url_patterns) if app in HEIGHT}
    wrong = []
    for app, path in python_files():
        for line, name in pointed_at(path):
            named = app_of.get(name) or name.split(".")[0]
            if HEIGHT.get(named, 0) > HEIGHT[app] and name != settings.AUTH_USER_MODEL:
                wrong.append(f"{path.relative_to(ROOT)}:{line} names {name!r} of {named}")
    assert not wrong


@pytest.mark.parametrize(("app", "subject"), list(subjects()))
def test_every_subject_has_its_place_in_the_layers_and_its_tests(app, subject):
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each.get("containers") == [app])
    assert subject in re.findall(r"\w+", " ".join(layers))
    files = next(each["containers"] for each in contracts if each["name"] == "Files of a subject")
    assert f"{app}.{subject}" in files or not (ROOT / app / subject / "models.py").exists()
    assert list((ROOT / "tests" / app / subject).glob("test_*.py"))


def test_no_file_of_the_repository_names_a_package_index_or_a_folder_of_one_machine():
    # Put together here, so that this file does not find itself.
    parts = [("py", "pi.org"), ("pythonhosted", ".org"), ("registry.np", "mjs"), ("index", "-url http"),
             ("/ro", "ot/"), ("/wo", "rk/"), ("/ho", "me/"), ("/Us", "ers/"), ("/tmp/", "team")]  # fmt: skip
    banned = re.compile("|".join(re.escape("".join(part)) for part in parts))
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in repository()
        if path.suffix in TEXT and (match := banned.search(path.read_text(encoding="utf-8")))
    ]
    assert not found


def test_nothing_is_left_to_do_later_and_no_test_is_left_out():
    later = re.compile(
        r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b|pytest\.(?:mark\.)?(?:sk" r"ip|xf" r"ail)|unittest\.sk" r"ip"
    )
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in repository()
        if path.suffix in {".css", ".html", ".js", ".py", ".txt"}
        if (match := later.search(path.read_text(encoding="utf-8")))
    ]
    assert not found


def test_the_development_lock_holds_all_of_the_base_lock():
    pinned = re.compile(r"^\S+==\S+.*?(?= \\$)", re.M)
    base, dev = (
        set(pinned.findall((ROOT / f"requirements/{name}.lock").read_text())) for name in ("base", "dev")
    )
    assert base
    assert base <= dev


def test_every_string_is_translated_into_every_language():
    assert set(messages.LANGUAGES) == {code for code, _name in settings.LANGUAGES} - {"en"}
    assert not messages.check_all()


def test_templates_keep_to_the_security_policy_and_hide_no_word_from_translators():
    assert not templates.all_problems()


def test_no_file_grows_beyond_what_can_be_read_at_once():
    long = [
        f"{path.relative_to(ROOT)}: {count} lines"
        for path in repository()
        if path.suffix in {".css", ".html", ".js", ".py"} and "migrations" not in path.parts
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 420
    ]
    assert not long
