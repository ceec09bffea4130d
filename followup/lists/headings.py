"""What the heading of a column means. People name their columns in five languages and as they like."""

import re
from dataclasses import dataclass
from functools import lru_cache

from followup.lists.columns import DOUBTFUL_NAMES, GIVEN, MIDDLE, NAME, NAMES, SURNAME, normalize

MAX_HEADING_LENGTH = 200
_FULL = "фио"

PART_NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        SURNAME: ("surname", "last name", "lastname", "family name"),
        GIVEN: ("first name", "firstname", "given name", "given names", "forename", "forenames"),
        MIDDLE: ("middle name", "middlename", "second name", "patronymic"),
    },
    "hu": {
        SURNAME: ("vezetéknév", "vezeték név", "családnév", "családi név"),
        GIVEN: ("keresztnév", "kereszt név", "utónév"),
        MIDDLE: ("második keresztnév", "második utónév", "középső név"),
    },
    "pl": {
        SURNAME: ("nazwisko", "nazwiska"),
        GIVEN: ("imię", "imiona"),
        MIDDLE: ("drugie imię", "imię drugie"),
    },
    "lt": {
        SURNAME: ("pavardė", "pavardės"),
        GIVEN: ("vardas", "vardai"),
        MIDDLE: ("antras vardas", "antrasis vardas", "tėvavardis"),
    },
    "ru": {
        SURNAME: ("фамилия",),
        GIVEN: ("имя", "имена"),
        MIDDLE: ("отчество", "второе имя"),
    },
}
"""Headings of a part of the name. Several in one heading mean the whole name, in that order."""
SHORT_PART_NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {SURNAME: ("last",), GIVEN: ("first", "given")},
    "hu": {SURNAME: ("vezeték", "család", "családi"), GIVEN: ("kereszt",)},
}
"""They mean a part of the name only beside another, as in "vezeték- és keresztnév"."""
NAME_WORDS = {"name": "", "names": "", "név": "hu", "neve": "hu", "nevek": "hu"}
"""The whole name, or beside a surname the given name; with the language of the word."""
FILLING_WORDS = (
    "and or of the i és ir и a о "
    "participant participants teacher résztvevő pedagógus tanár uczestnika uczestniczki nauczyciela "
    "dalyvio mokytojo pedagogo участника слушателя педагога учителя"
)
"""What else may stand in the heading of a name: connecting words, and whose it is."""


@dataclass(frozen=True)
class Heading:
    """What a heading means. A whole name has the order of its parts if the heading says it."""

    column: str | None = None
    is_sure: bool = False
    order: tuple[str, ...] = ()
    language: str = ""
    has_comma: bool = False


UNKNOWN = Heading()


def heading_of(text: str) -> Heading:
    """What the heading of a column means, also with a note in brackets or in two languages."""
    return _heading_of(text[:MAX_HEADING_LENGTH])


@lru_cache(maxsize=4096)
def _heading_of(text: str) -> Heading:
    found = _plain_heading(text)
    if found is UNKNOWN and "(" in text:
        found = _plain_heading(text.partition("(")[0])
    if found is UNKNOWN and "/" in text:
        pieces = [_plain_heading(piece) for piece in text.split("/") if piece.strip()]
        if len({piece.column for piece in pieces}) == 1:
            found = pieces[0]
    return found


def column_of(text: str) -> str | None:
    """The column with this heading, if any."""
    return heading_of(text).column


def _plain_heading(text: str) -> Heading:
    squeezed = _squeezed(text)
    if column := _SURE.get(squeezed):
        return Heading(column, is_sure=True)
    if column := _DOUBTFUL.get(squeezed):
        return Heading(column)
    return _name_heading(text)


def _name_heading(text: str) -> Heading:
    """The heading of a name or of a part of one; UNKNOWN if it has other words too."""
    parts: list[str] = []
    language, words = "", _words(text)
    while words:
        match = next((entry for entry in _PARTS if entry[0] == words[: len(entry[0])]), None)
        if match is None:
            return UNKNOWN
        names, part, spoken = match
        if part:
            parts.append(part)
            language = language or spoken
        del words[: len(names)]
    if _FULL in parts:
        return Heading(NAME, is_sure=True, order=(SURNAME, GIVEN, MIDDLE), language="ru")
    if SURNAME in parts and GIVEN not in parts:
        parts = [GIVEN if part == NAME else part for part in parts]
    is_whole = NAME in parts
    parts = [part for part in parts if part != NAME]
    if {SURNAME, GIVEN} <= set(parts):
        return Heading(NAME, is_sure=True, order=tuple(parts), language=language, has_comma="," in text)
    if is_whole:
        return Heading(NAME, language=language)
    if len(set(parts)) == 1 and _words(text) not in _SHORT:
        return Heading(parts[0], is_sure=True, language=language)
    return UNKNOWN


def _squeezed(text: str) -> str:
    return "".join(filter(str.isalnum, normalize(text)))


def _words(text: str) -> list[str]:
    joined = re.sub(r"\bф\W{0,2}и\W{0,2}о\b", _FULL, normalize(text))
    return re.findall(r"[^\W_]+", joined)


def _part_entries(table: dict[str, dict[str, tuple[str, ...]]]) -> list[tuple[list[str], str, str]]:
    return [
        (_words(name), part, language)
        for language, parts in table.items()
        for part, names in parts.items()
        for name in names
    ]


_SURE = {_squeezed(name): column for column, names in NAMES.items() for name in names}
_DOUBTFUL = {_squeezed(name): column for column, names in DOUBTFUL_NAMES.items() for name in names}
_SHORT = [words for words, _part, _language in _part_entries(SHORT_PART_NAMES)]
_PARTS = sorted(
    [
        ([_FULL], _FULL, "ru"),
        *_part_entries(PART_NAMES),
        *_part_entries(SHORT_PART_NAMES),
        *((_words(word), NAME, language) for word, language in NAME_WORDS.items()),
        *((_words(word), "", "") for word in FILLING_WORDS.split()),
    ],
    key=lambda entry: -len(entry[0]),
)
"""Words that a heading of a name may consist of, with the part they name; long ones first."""
