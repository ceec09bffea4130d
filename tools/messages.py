"""Translations: extract strings into locale/, check and compile them, without the system's gettext.

    python -m tools.messages extract   extract strings from code and templates, keep translations
    python -m tools.messages check     list what is missing, fuzzy, wrong or out of date
    python -m tools.messages compile   write the .mo of every .po that is newer

Sources are in English, so English has no catalogue.
"""

import io
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
LANGUAGES = ("hu", "lt", "pl", "ru")
CODE = ("common", "community", "config", "followup", "messaging")
TEMPLATES = (".html", ".txt")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Header lines that change with every extraction.
VOLATILE_HEADER = re.compile(
    rb'^"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By|'
    rb"Report-Msgid-Bugs-To|Project-Id-Version):.*\n",
    re.MULTILINE,
)
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|(?<!\{)\{\w*\}(?!\})|%[sd]\b")
TAG = re.compile(r"</?\w+[^<>]*>")
MAY_LEAVE_OUT = {"greeting": "%(name)s"}
"""By the context of a message, the placeholder that its translation may leave out. In a Polish or Lithuanian
greeting a name stands in the vocative, and in a Russian one it needs the patronymic, so these languages greet
without a name."""
LOOSE_LETTER = {
    "pl": re.compile(r"(?<![\w%(<&;/\"=-])[aiouwz] (?=\S)", re.IGNORECASE),
    "ru": re.compile(r"(?<![\w%(<&;/\"=-])[авикосуя] (?=\S)", re.IGNORECASE),
}
"""A word of one letter before a space where a line may break. These languages keep it with the next word."""

STOPPED_DATE = re.compile(r"%\((?:day|date|dates|before|last_day)\)s\.")
STOPPED_DATES = ("hu", "lt")
"""Languages whose dates end with a stop ("december 18.", "gruodžio 18 d."): no other follows at the end of a
sentence."""


def sources() -> Iterator[Path]:
    """Every file that may hold a string for people."""
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in TEMPLATES:
            yield path


def gather() -> Catalog:
    """What there is to translate today."""
    found = Catalog(charset="utf-8")
    for path in sources():
        text = path.read_text(encoding="utf-8")
        name = str(path.relative_to(ROOT))
        if path.suffix in TEMPLATES:
            # A templatized template is tokenized as Python, in which its indentation would be an error.
            lines = templatize(text, origin=name).splitlines()
            text = "\n".join(line.lstrip() for line in lines)
        file = io.BytesIO(text.encode())
        for _line, message, comments, context in extract("python", file, KEYWORDS, ["Translators:"]):
            if message and message != ("", ""):
                found.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    return found


def catalogue_path(language: str) -> Path:
    """The catalogue of a language."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def read_catalogue(language: str) -> Catalog:
    """The catalogue of a language as it is on disk, or an empty one."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False, header_comment="#")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def messages_of(catalogue: Catalog) -> dict[tuple[str, str | None], Message]:
    """The messages of a catalogue by their (singular) text and context."""
    return {
        (message.id[0] if message.pluralizable else str(message.id), message.context): message
        for message in catalogue
        if message.id
    }


def extract_all() -> None:
    """Bring every catalogue up to date: new strings are added untranslated, unused ones are removed."""
    found = gather()
    for language in LANGUAGES:
        catalogue = read_catalogue(language)
        before = messages_of(catalogue)
        catalogue.update(found, no_fuzzy_matching=True, update_header_comment=False)
        catalogue.obsolete.clear()
        for message in catalogue:
            message.locations = sorted(set(message.locations))
        catalogue.fuzzy = False
        catalogue.header_comment = "# Aftercourse. The words are those of docs/glossary.md."
        written = io.BytesIO()
        write_po(written, catalogue, width=100, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
        path = catalogue_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(VOLATILE_HEADER.sub(b"", written.getvalue()))
        after = messages_of(catalogue)
        empty = sum(not all(forms_of(message)) for message in after.values())
        print(
            f"{language}: {len(after)} strings, {len(after.keys() - before.keys())} new, "
            f"{len(before.keys() - after.keys())} removed, {empty} to translate"
        )


def check_all() -> list[str]:
    """A line for each problem of the catalogues."""
    wanted = messages_of(gather())
    return [problem for language in LANGUAGES for problem in problems_of(language, wanted)]


def problems_of(language: str, wanted: dict[tuple[str, str | None], Message]) -> Iterator[str]:
    """What is wrong with the catalogue of one language."""
    where = catalogue_path(language).relative_to(ROOT)
    catalogue = read_catalogue(language)
    present = messages_of(catalogue)
    shared = present.keys() & wanted.keys()
    changed_plural = {key for key in shared if present[key].pluralizable != wanted[key].pluralizable}
    yield from summarize(
        f"{where}: not gathered yet, run make messages", wanted.keys() - shared | changed_plural
    )
    yield from summarize(f"{where}: no longer used, run make messages", present.keys() - shared)
    empty = {key for key in shared if not any(forms_of(present[key]))}
    yield from summarize(f"{where}: not translated", empty)
    for key in shared - changed_plural - empty:
        if problem := problem_with(present[key], catalogue.num_plurals):
            yield f"{where}: {problem}: {key[0]!r}"
        if language in LOOSE_LETTER and any(map(LOOSE_LETTER[language].search, forms_of(present[key]))):
            yield f"{where}: no no-break space after a word of one letter: {key[0]!r}"
        if language in STOPPED_DATES and any(map(STOPPED_DATE.search, forms_of(present[key]))):
            yield f"{where}: a second stop after the stop of a date: {key[0]!r}"


def summarize(what: str, keys: Iterable[tuple[str, str | None]], shown: int = 4) -> Iterator[str]:
    """One line about many messages: how many, and the first few of them."""
    texts = sorted(repr(key[0]) for key in keys)
    if texts:
        yield f"{what}: {len(texts)} ({', '.join(texts[:shown])}{', ...' if len(texts) > shown else ''})"


def problem_with(message: Message, plural_forms: int) -> str | None:
    """What is wrong with one translation, if anything."""
    forms = forms_of(message)
    if message.fuzzy:
        return "marked as unsure (fuzzy)"
    if message.pluralizable and len(forms) != plural_forms:
        return f"has {len(forms)} plural forms, needs {plural_forms}"
    if not all(forms):
        return "not translated"
    originals = list(message.id) if message.pluralizable else [str(message.id)]
    may_leave_out = MAY_LEAVE_OUT.get(message.context or "")
    for form in forms:
        if not fits(form, originals, may_leave_out):
            return f"other placeholders or tags than the original in {form!r}"
    return None


def fits(form: str, originals: list[str], may_leave_out: str | None = None) -> bool:
    """True when a translation has the placeholders and tags of its original.

    With a plural, a form may omit what one of the originals omits ("one reply").
    """
    if len(originals) == 1:
        found, wanted = placeholders_and_tags(form), placeholders_and_tags(originals[0])
        if may_leave_out and may_leave_out not in found:
            del wanted[may_leave_out]
        return found == wanted
    allowed, needed = placeholders_and_tags(originals[0]), placeholders_and_tags(originals[0])
    for original in originals[1:]:
        allowed, needed = allowed | placeholders_and_tags(original), needed & placeholders_and_tags(original)
    return needed <= placeholders_and_tags(form) <= allowed


def placeholders_and_tags(text: str) -> Counter[str]:
    """The placeholders and tags of a text, counted."""
    return Counter(PLACEHOLDER.findall(text) + TAG.findall(text))


def forms_of(message: Message) -> list[str]:
    """The translation of a message as a list, of one form unless it has a plural."""
    string = message.string
    return list(string) if isinstance(string, list | tuple) else [string or ""]


def compile_all() -> list[str]:
    """Compile every catalogue that changed since; return their languages."""
    changed = []
    for language in LANGUAGES:
        source = catalogue_path(language)
        target = source.with_suffix(".mo")
        if not source.exists() or (target.exists() and target.stat().st_mtime >= source.stat().st_mtime):
            continue
        # Replaced atomically, because a running server may be reading the old one.
        temporary = target.with_suffix(f".{os.getpid()}")
        with temporary.open("wb") as file:
            write_mo(file, read_catalogue(language))
        temporary.replace(target)
        changed.append(language)
    return changed


def report(problems: Iterable[str]) -> int:
    """Print problems; return the exit code."""
    lines = sorted(problems)
    for line in lines:
        print(line)
    return 1 if lines else 0


def main(arguments: list[str]) -> int:
    """Do what the command line asks."""
    match arguments:
        case ["extract"]:
            extract_all()
            return 0
        case ["check"]:
            return report(check_all())
        case ["compile"]:
            compile_all()
            return 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
