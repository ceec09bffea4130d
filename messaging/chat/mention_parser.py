"""Finds "@Full Name" in a text, and replaces it.

Names are compared case-folded, in NFC and with one space between words. `_Normalized` stores the offset of
each of its characters in the text as typed.
"""

import unicodedata
from collections.abc import Collection, Iterable, Iterator

from common.names import NAMELESS


class _Normalized:
    """A text in the form in which names are searched for in it."""

    def __init__(self, text: str) -> None:
        self.text = unicodedata.normalize("NFC", text)
        characters: list[str] = []
        self._offsets: list[int] = []
        for offset, typed in enumerate(self.text):
            # A run of spaces counts as one, as in a name; case folding may make two characters of one.
            for character in " " if typed.isspace() else typed.casefold():
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
        """Whether this normalized name, with its "@", is at this offset and ends at a word boundary."""
        end = start + len(name)
        return self.plain.startswith(name, start) and not self.plain[end : end + 1].isalnum()

    def span(self, name: str, start: int) -> tuple[int, int]:
        """The begin and end of this name in the text as typed, without its "@"."""
        return self._offsets[start] + 1, self._offsets[start + len(name) - 1] + 1


def find_mentioned(text: str, members: Iterable[tuple[int, str]]) -> set[int]:
    """The ids of those members (ids and names) that a text mentions: "@" and the whole name, in any case. The
    longest name counts; members of the same name are all mentioned."""
    normalized = _Normalized(text)
    names = [(member, _normalize(name)) for member, name in members if name.strip()]
    found: set[int] = set()
    for start in normalized.at_signs():
        matching = [(len(name), member) for member, name in names if normalized.has(name, start)]
        longest = max(matching, default=(0, 0))[0]
        found |= {member for length, member in matching if length == longest}
    return found


def replace_name(text: str, name: str, others: Collection[str]) -> str:
    """The text with a placeholder for each mention of a name. A mention of one of `others`, whose name is the
    same or longer, is not replaced."""
    if not name.strip():
        return text
    normalized, searched = _Normalized(text), _normalize(name)
    kept = [other for other in map(_normalize, others) if other.startswith(searched)]
    spans = [
        normalized.span(searched, start)
        for start in normalized.at_signs()
        if normalized.has(searched, start) and not any(normalized.has(other, start) for other in kept)
    ]
    replaced = normalized.text
    for begin, end in reversed(spans):
        replaced = replaced[:begin] + NAMELESS + replaced[end:]
    return replaced if spans else text


def _normalize(name: str) -> str:
    return "@" + " ".join(unicodedata.normalize("NFC", name).casefold().split())
