"""Marks on the messages of a room as its page shows them: a word, a picture, and who gave it."""

from collections.abc import Iterable
from dataclasses import dataclass

from messaging.chat.models import Reaction

Mark = Reaction.Mark
ICONS = {
    Mark.THANKS: "heart",
    Mark.AGREE: "thumbs-up",
    Mark.IDEA: "lightbulb",
    Mark.TRY: "footprints",
    Mark.SMILE: "smile",
}


@dataclass(frozen=True)
class OfferedMark:
    """A mark that may be given."""

    mark: str
    label: str
    icon: str


@dataclass(frozen=True)
class MarkShown(OfferedMark):
    """A mark that a message has."""

    names: tuple[str, ...] = ()
    mine: bool = False

    @property
    def count(self) -> int:
        """How many gave it."""
        return len(self.names)

    @property
    def title(self) -> str:
        """Who gave it, in a line."""
        return f"{self.label}: {', '.join(self.names)}"


def offered() -> list[OfferedMark]:
    """The marks there are, in the order in which they stand."""
    return [OfferedMark(mark.value, str(mark.label), ICONS[mark]) for mark in Mark]


def shown(marks: dict[str, Iterable[tuple[int, str]]], reader: int) -> list[MarkShown]:
    """The marks of one message, always in the same order."""
    found = []
    for one in offered() if marks else ():
        people = list(marks.get(one.mark, ()))
        if people:
            names = tuple(name for _person, name in people)
            mine = any(person == reader for person, _name in people)
            found.append(MarkShown(one.mark, one.label, one.icon, names, mine))
    return found
