"""The rules of ARCHITECTURE.md that import-linter and ruff do not check: strings that name modules above,
file names, and what a repository may hold."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from tests.on_postgres import PATTERNS, matches, runs_on_postgres
from tools import messages, templates

ROOT = Path(settings.BASE_DIR)
APPS = ("common", "messaging", "community", "followup")
"""From the bottom up."""
NOT_SUBJECTS = {"management", "migrations", "templatetags"}
NAMING_CALLS = {"reverse", "reverse_lazy", "redirect", "resolve_url", "get_model"}
TEXT = {".css", ".html", ".in", ".js", ".lock", ".md", ".po", ".py", ".svg", ".toml", ".txt", ".yml", ""}
FILES = "models permissions actions queries forms views urls news jobs privacy kind".split()
"""The files of a subject; a second one is `<noun>_<name>.py`."""

OWN_FILES = {
    "messaging.chat": "attachments entries history marks mentions metrics posting reactions read_state "
    "search search_index serialize shown socket_commands sql texts writer",
    "messaging.files": "decoding file_types housekeeping pictures shown",
    "messaging.jobs": "clock_guard due housekeeping loop metrics status",
    "messaging.live": "frames handshake hub lifecycle log_reader metrics peers presence publish reconcile "
    "revocations socket streams subscription ticket transport",
    "messaging.notifications": "bell delivery digests housekeeping mail_preferences mails metrics outbox "
    "person_stream sql",
    "community.erasure": "record",
    "community.institutes": "destinations roles",
    "community.people": "belonging destinations drafts invitations limits middleware proofs sign_in "
    "signed_in unsent zones",
    "community.posts": "counting kinds quotations",
    "community.practices": "shown",
    "community.reports": "helplines things",
    "community.rooms": "extensions panel",
    "community.spaces": "frame kinds lookup",
    "community.threads": "saving_from_room shown",
    "community.unread": "remembered sources",
    "followup.completions": "preview undo",
    "followup.courses": "roles",
    "followup.demo": "attachments blurbs bulk_rows context days fixtures mail_csp people phrases "
    "programme programme_posts programme_tables read_marks sample_list seed talk tour windows",
    "followup.desk": "context coordinating member_spaces shown today training welcome",
    "followup.lists": "columns days encodings headings matching naming parser pasted reasons tables "
    "workbook_reader workbooks",
    "followup.months": "contributors dates destinations lookup mails prompts reminders",
    "followup.overview": "day_shown drawing header labels shown timeline",
    "followup.steps": "figures sources",
}
"""Files with a noun of their own: parts of an engine, pure functions, what a subject registers. A new one is
meant to be rare, and so has to be written down here."""


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


@cache
def contracts() -> list[dict[str, Any]]:
    """The contracts of import-linter."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    return found


@cache
def heights() -> dict[str, tuple[int, int]]:
    """How high each app and subject stands, by its dotted name, from the layers of the contracts."""
    found = {app: (height, 0) for height, app in enumerate(APPS)}
    for height, app in enumerate(APPS):
        layers = [each["layers"] for each in contracts() if each.get("containers") == [app]]
        for level, layer in enumerate(reversed(layers[0] if layers else []), start=1):
            found |= {f"{app}.{subject}": (height, level) for subject in re.findall(r"\w+", layer)}
    return found


def owner_of(module: str) -> str:
    """The subject that a module belongs to, or its app where it belongs to none."""
    subject = ".".join(module.split(".")[:2])
    return subject if subject in heights() else module.split(".")[0]


def may_name(lower: str, upper: str) -> bool:
    """Whether code of one app or subject may name something of another: it stands below, or is the same.

    What is in no subject (management, template tags, the URLs of an app) belongs to the whole app.
    """
    if upper not in heights() or lower == upper:
        return True
    one, other = heights()[lower], heights()[upper]
    return other < one or (one[0] == other[0] and 0 in (one[1], other[1]))


def python_files() -> Iterator[tuple[str, Path]]:
    """Our code with the app or subject it belongs to, migrations left out."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield owner_of(".".join(path.relative_to(ROOT).with_suffix("").parts)), path


@dataclass(frozen=True)
class Subject:
    """A folder of an app that holds Python and is not one of Django's own."""

    app: str
    name: str

    @property
    def folder(self) -> Path:
        return ROOT / self.app / self.name

    def __str__(self) -> str:
        return f"{self.app}.{self.name}"


SUBJECTS = [
    Subject(app, path.name)
    for app in APPS[1:]
    for path in sorted((ROOT / app).iterdir())
    if path.name not in NOT_SUBJECTS and (path / "__init__.py").exists()
]


def url_owners(patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, str]]:
    """The name of every URL, with the subject that answers it."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from url_owners(pattern.url_patterns)
        elif pattern.name:
            yield pattern.name, owner_of(pattern.callback.__module__)


def named_in(path: Path) -> Iterator[tuple[int, str, bool]]:
    """Strings that a file passes to NAMING_CALLS, and names of templates (True), with their lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if called in NAMING_CALLS and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.lineno, first.value, False
        if isinstance(node, ast.Constant) and re.fullmatch(r"[\w/]+\.(html|txt)", str(node.value)):
            yield node.lineno, str(node.value), True


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Every module that a file imports, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def test_no_relation_of_a_model_points_to_a_subject_above():
    wrong = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        if model._meta.app_label in APPS
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model
        if field.related_model._meta.label != settings.AUTH_USER_MODEL
        if not may_name(owner_of(model.__module__), owner_of(field.related_model.__module__))
    ]
    assert not wrong


def test_no_string_in_code_names_a_url_a_model_or_a_template_of_a_subject_above():
    url_owner = dict(url_owners(get_resolver().url_patterns))
    model_owner = {model._meta.label.lower(): owner_of(model.__module__) for model in apps.get_models()}
    template_owner = {subject.name: str(subject) for subject in SUBJECTS}
    wrong = []
    for owner, path in python_files():
        for line, name, is_template in named_in(path):
            if is_template:
                named = template_owner.get(name.split("/")[0], "")
            else:
                named = url_owner.get(name) or model_owner.get(name.lower(), "")
            if not may_name(owner, named) and name != settings.AUTH_USER_MODEL:
                wrong.append(f"{path.relative_to(ROOT)}:{line} names {name!r} of {named}")
    assert not wrong


def test_no_query_sorts_people_by_name():
    """A database does not know the reader's alphabet: `common.collation` sorts names."""
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for _owner, path in python_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "order_by"
        for value in ast.walk(node)
        if isinstance(value, ast.Constant) and re.fullmatch(r"-?(?:\w+__)?(?:name|title)", str(value.value))
    ]
    assert not wrong


def test_domain_code_imports_no_template_tags():
    """They are presentation. What both need is an ordinary module (common.dates, say)."""
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for _owner, path in python_files()
        if "templatetags" not in path.parts
        for line, module in imports_of(path)
        if "templatetags" in module.split(".") and module.split(".")[0] in APPS
    ]
    assert not wrong


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_every_subject_has_its_place_in_the_layers_and_its_tests(subject):
    assert str(subject) in heights()
    files = next(each["containers"] for each in contracts() if each["name"] == "Files of a subject")
    assert str(subject) in files or not (subject.folder / "models.py").exists()
    assert list((ROOT / "tests" / subject.app / subject.name).glob("test_*.py"))


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_the_files_of_a_subject_have_the_usual_names(subject):
    found = {path.stem for path in subject.folder.glob("*.py")} - {"__init__"}
    usual = {name for name in found if name.rpartition("_")[2] in FILES}
    assert found - usual == set(OWN_FILES.get(str(subject), "").split())


def test_tests_stand_where_the_code_stands():
    places = {(subject.app, subject.name) for subject in SUBJECTS}
    wrong = [
        path.relative_to(ROOT).as_posix()
        for app in APPS[1:]
        for path in sorted((ROOT / "tests" / app).rglob("*.py"))
        if tuple(path.relative_to(ROOT / "tests").parts[:2]) not in places
    ]
    assert not wrong


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_a_test_named_like_a_file_of_the_subject_is_about_that_file(subject):
    """test_run_actions.py tests run_actions.py, and what tests actions.py is called test_actions.py."""
    modules = {path.stem for path in subject.folder.glob("*.py")}
    tests = {path.stem[5:] for path in (ROOT / "tests" / subject.app / subject.name).glob("test_*.py")}
    assert {name for name in tests if name.rpartition("_")[2] in FILES} <= modules


def test_tests_that_depend_on_the_database_run_on_postgres():
    """A module that looks so must match a pattern of tests/on_postgres.py.

    No pattern may name a folder or file that is gone.
    """
    looks = re.compile(r"transaction=True|raises\(IntegrityError|select_for_update|concurrent\(|\.vendor\b")
    both = re.compile(r'"sqlite", "postgres"|servers\.postgres\(')
    modules = [
        path
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if path != Path(__file__) and not {"faults", "browser"} & set(path.relative_to(ROOT).parts)
    ]
    texts = {path: path.read_text(encoding="utf-8") for path in modules}
    left_out = [
        path.relative_to(ROOT).as_posix()
        for path, text in texts.items()
        if looks.search(text) and not both.search(text) and not runs_on_postgres(path)
    ]
    assert not left_out
    unused = [
        pattern
        for pattern in PATTERNS
        if not pattern.startswith("*") and not any(matches(path, pattern) for path in modules)
    ]
    assert not unused


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
