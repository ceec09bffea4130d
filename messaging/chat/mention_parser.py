"""Names in texts: whom "@Full Name" names, and the same text without a name.

Names are compared in small letters and with one space between words; `_Said` knows where in the text as it
was typed each of those letters stands.
"""

import unicodedata
from collections.abc import Collection, Iterable, Iterator

from common.names import NAMELESS


class _Said:
    """A text in the form in which names are looked for in it."""

    def __init__(self, text: str) -> None:
        self.text = unicodedata.normalize("NFC", text)
        letters: list[str] = []
        self._places: list[int] = []
        for place, sign in enumerate(self.text):
            # A run of spaces is one, as it is in a name.
            for letter in " " if sign.isspace() else sign.casefold():
                if letter != " " or letters[-1:] != [" "]:
                    letters.append(letter)
                    self._places.append(place)
        self.plain = "".join(letters)

    def signs(self) -> Iterator[int]:
        """Where an "@" stands that may begin a mention."""
        start = self.plain.find("@")
        while start >= 0:
            if start == 0 or not self.plain[start - 1].isalnum():
                yield start
            start = self.plain.find("@", start + 1)

    def has(self, name: str, start: int) -> bool:
        """Whether this name stands there whole, with its "@"."""
        end = start + len(name)
        return self.plain.startswith(name, start) and not self.plain[end : end + 1].isalnum()

    def span(self, name: str, start: int) -> tuple[int, int]:
        """From where to where this name goes in the text as it was typed, without its "@"."""
        return self._places[start] + 1, self._places[start + len(name) - 1] + 1


def named(text: str, members: Iterable[tuple[int, str]]) -> set[int]:
    """Whom of these members a text names: "@" and the whole name, in small or capital letters. The longest
    name counts, and who shares a name is named with the other."""
    said = _Said(text)
    names = [(member, _plain(name)) for member, name in members if name.strip()]
    found: set[int] = set()
    for start in said.signs():
        here = [(len(name), member) for member, name in names if said.has(name, start)]
        longest = max(here, default=(0, 0))[0]
        found |= {member for length, member in here if length == longest}
    return found


def without(text: str, name: str, others: Collection[str]) -> str:
    """A text with a sign where it names somebody. It stays where it names one of these others, who may be
    called the same or longer."""
    if not name.strip():
        return text
    said, gone = _Said(text), _plain(name)
    staying = [other for other in map(_plain, others) if other.startswith(gone)]
    spans = [
        said.span(gone, start)
        for start in said.signs()
        if said.has(gone, start) and not any(said.has(other, start) for other in staying)
    ]
    left = said.text
    for begin, end in reversed(spans):
        left = left[:begin] + NAMELESS + left[end:]
    return left if spans else text


def _plain(name: str) -> str:
    return "@" + " ".join(unicodedata.normalize("NFC", name).casefold().split())
