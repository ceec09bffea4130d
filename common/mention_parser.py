"""Finds "@Full Name" in a text, and replaces it.

Names are compared whatever case and diacritics (`common.searching.normalize`) and with one space between
words, as the suggestions in the browser are. Where that leaves several members, those whose name is written
exactly so count: "@Németh Anna" is not Nemeth Anna. `_Normalized` stores the offset of each of its characters
in the text as typed.
"""

import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from common.names import NAMELESS
from common.searching import normalize

SAME_SIGNS = str.maketrans(dict.fromkeys("‐‑‒", "-") | dict.fromkeys("’‘ʼ′`´", "'"))
"""Hyphens and apostrophes that keyboards and word processors write for the plain ones."""


class _Name(NamedTuple):
    """A name as it is written, and in the form in which it is searched for."""

    written: str
    searched: str


class _Normalized:
    """A text in the form in which names are searched for in it."""

    def __init__(self, text: str) -> None:
        self.text = unicodedata.normalize("NFC", text)
        characters: list[str] = []
        self._offsets: list[int] = []
        for offset, typed in enumerate(self.text):
            # A run of spaces counts as one, as in a name; one sign may become two, and a diacritic none.
            for character in _normalize(typed):
                if character != " " or characters[-1:] != [" "]:
                    characters.append(character)
                    self._offsets.append(offset)
        self.plain = "".join(characters)

    def at_signs(self) -> Iterator[int]:
        """The offsets of every "@" that may begin a mention: one inside a word, as in an address, does
        not."""
        start = self.plain.find("@")
        while start >= 0:
            if start == 0 or not self.plain[start - 1].isalnum():
                yield start
            start = self.plain.find("@", start + 1)

    def has(self, name: str, start: int) -> bool:
        """Whether this normalized name is after the "@" at this offset and ends at a word boundary."""
        end = start + 1 + len(name)
        return self.plain.startswith(name, start + 1) and not self.plain[end : end + 1].isalnum()

    def span(self, name: str, start: int) -> tuple[int, int]:
        """The begin and end of this name in the text as typed, without its "@"."""
        end = self._offsets[start + len(name)] + 1
        while end < len(self.text) and unicodedata.combining(self.text[end]):
            end += 1
        return self._offsets[start] + 1, end

    def closeness(self, name: _Name, start: int) -> tuple[int, bool] | None:
        """How well a name matches after the "@" at this offset: the longer the better, and better still as
        it is written; None if it does not."""
        if not name.searched or not self.has(name.searched, start):
            return None
        begin, end = self.span(name.searched, start)
        return len(name.searched), _as_written(self.text[begin:end]) == _as_written(name.written)


def find_mentioned(text: str, members: Iterable[tuple[int, str]]) -> set[int]:
    """The ids of those members (ids and names) that a text mentions: "@" and the whole name. The name that
    matches best counts; members of the same name are all mentioned."""
    normalized = _Normalized(text)
    by_initial: dict[str, list[tuple[int, _Name]]] = {}
    for member, written in members:
        name = _name(written)
        by_initial.setdefault(name.searched[:1], []).append((member, name))
    found: set[int] = set()
    for start in normalized.at_signs():
        # Most members are told apart by one character, and of "@@@@" nothing is compared.
        matching = [
            (close, member)
            for member, name in by_initial.get(normalized.plain[start + 1 : start + 2], ())
            if (close := normalized.closeness(name, start)) is not None
        ]
        best = max((close for close, _member in matching), default=None)
        found |= {member for close, member in matching if close == best}
    return found


def replace_name(text: str, name: str, others: Collection[str]) -> str:
    """The text with a placeholder for each mention of a name. A mention of one of `others`, whose name
    matches as well or better, is not replaced."""
    normalized, spans = _Normalized(text), []
    own, rivals = _name(name), [_name(other) for other in others]
    for start in normalized.at_signs():
        close = normalized.closeness(own, start)
        if close is not None and not any(
            rival_close >= close
            for rival in rivals
            if (rival_close := normalized.closeness(rival, start)) is not None
        ):
            spans.append(normalized.span(own.searched, start))
    replaced = normalized.text
    for begin, end in reversed(spans):
        replaced = replaced[:begin] + NAMELESS + replaced[end:]
    # What follows a placeholder may be a mention that the name before it hid.
    return replace_name(replaced, name, others) if spans and replaced != normalized.text else text


@lru_cache(maxsize=10_000)
def _normalize(character: str) -> str:
    return " " if character.isspace() else normalize(character.translate(SAME_SIGNS))


@lru_cache(maxsize=10_000)
def _name(name: str) -> _Name:
    return _Name(name, _Normalized(" ".join(name.split())).plain.strip())


def _as_written(name: str) -> str:
    """A name with its diacritics, in any case."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().translate(SAME_SIGNS).split())
