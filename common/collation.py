"""Sorting by name, in the order of the reader's language.

A database sorts as it was set up, SQLite by code point, and neither knows the reader's language. So people
are sorted here: the same on every database, and the browser gets them in order.

The order is that of the Unicode collation algorithm (UTS #10) with the tailoring of CLDR for our languages,
as far as names need it: letters of the alphabet first, diacritics where everything else is equal, then case.
It is compared with a browser's in the tests. No library that installs without a compiler has the tailorings.
"""

import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeVar

from django.utils.translation import get_language

from common.searching import LETTERS

T = TypeVar("T")
Key = tuple[tuple[tuple[int, str, int], ...], tuple[str, ...], tuple[bool, ...], str]

OWN_LETTERS: dict[str, dict[str, tuple[str, int]]] = {
    # By language: what is a letter of the alphabet, after which other one, and as which of those after it.
    "hu": {
        "cs": ("c", 1), "dz": ("d", 1), "dzs": ("d", 2), "gy": ("g", 1), "ly": ("l", 1), "ny": ("n", 1),
        "ö": ("o", 1), "ő": ("o", 1), "sz": ("s", 1), "ty": ("t", 1), "ü": ("u", 1), "ű": ("u", 1),
        "zs": ("z", 1),
    },
    "lt": {"č": ("c", 1), "š": ("s", 1), "ž": ("z", 1), "y": ("i", 0)},
    "pl": {
        "ą": ("a", 1), "ć": ("c", 1), "ę": ("e", 1), "ł": ("l", 1), "ń": ("n", 1), "ó": ("o", 1),
        "ś": ("s", 1), "ź": ("z", 1), "ż": ("z", 2),
    },
}  # fmt: skip
EVERYWHERE: dict[str, tuple[str, int]] = {
    "ð": ("d", 0), "ħ": ("h", 0), "ŧ": ("t", 0), "ı": ("i", 1), "ŋ": ("n", 1),
    "ґ": ("г", 0), "ђ": ("д", 1), "і": ("и", 1), "ї": ("и", 1), "й": ("и", 2),
}  # fmt: skip
"""In every language: letters of their own, or of another, other than their code points say."""
SIGNS = "_-,;:!?.'\"()[]{}@*/\\&#%"
"""The order of signs that names contain; others follow by code point."""
DOUBLED = {"ccs": "cs", "ddz": "dz", "ddzs": "dzs", "ggy": "gy", "lly": "ly", "nny": "ny"}
DOUBLED |= {"ssz": "sz", "tty": "ty", "zzs": "zs"}
"""Hungarian writes a letter of two signs twice by doubling the first sign only."""
LONGEST = 4
"""Characters of the longest entry above."""
SPACE, SIGN, DIGIT, OWN_SCRIPT, OTHER_SCRIPT = range(5)


def sorted_by_name(rows: Iterable[T], name: Callable[[T], str]) -> list[T]:
    """The rows in the order of their names in the active language; those of one name stay as they come."""
    language = get_language() or "en"
    return sorted(rows, key=lambda row: name_key(name(row), language))


@lru_cache(maxsize=20_000)
def name_key(name: str, language: str) -> Key:
    """What a name is sorted by in a language."""
    letters: list[tuple[int, str, int]] = []
    marks: list[str] = []
    cases: list[bool] = []
    typed = " ".join(unicodedata.normalize("NFC", name).split())
    for unit in _units(typed, language):
        small = unit.casefold()
        for letter, mark in _weights(small, language):
            script = _script(letter[0], language)
            letters.append((script, "" if script == SIGN else letter[0], letter[1]))
            marks.append(mark)
            cases.append(unit != small)
    return tuple(letters), tuple(marks), tuple(cases), typed


def _units(typed: str, language: str) -> Iterable[str]:
    """The name in letters of the alphabet; in Hungarian some have two or three characters."""
    known, start = OWN_LETTERS.get(language, {}), 0
    while start < len(typed):
        for length in range(LONGEST, 1, -1):
            unit = typed[start : start + length]
            small = unit.casefold()
            if len(unit) == length and (small in known or (language == "hu" and small in DOUBLED)):
                break
        else:
            unit = typed[start]
        yield unit
        start += len(unit)


def _weights(small: str, language: str) -> list[tuple[tuple[str, int], str]]:
    """The letters of a unit in lower case, each with its diacritics."""
    if language == "hu" and small in DOUBLED:
        letter = OWN_LETTERS["hu"][DOUBLED[small]]
        return [(letter, ""), (letter, "")]
    own = OWN_LETTERS.get(language, {}).get(small) or EVERYWHERE.get(small)
    if own:
        return [(own, "" if len(small) > 1 else small)]
    parts = unicodedata.normalize("NFKD", small)
    base = "".join(part for part in parts if not unicodedata.combining(part)).translate(LETTERS)
    mark = "".join(part for part in parts if unicodedata.combining(part))
    if not mark and base != small:
        mark = small
    return [((each, _sign_number(each)), mark if index == 0 else "") for index, each in enumerate(base)]


def _sign_number(char: str) -> int:
    """The rank of a sign; 0 for letters and digits."""
    if char.isalnum() or char.isspace():
        return 0
    return SIGNS.index(char) if char in SIGNS else len(SIGNS) + ord(char)


def _script(letter: str, language: str) -> int:
    """Spaces and signs before digits before letters, of which those of the language's own script first."""
    if letter.isdigit():
        return DIGIT
    if not letter.isalpha():
        return SPACE if letter.isspace() else SIGN
    is_cyrillic = "\u0400" <= letter <= "\u052f"
    return OWN_SCRIPT if is_cyrillic == (language == "ru") else OTHER_SCRIPT
