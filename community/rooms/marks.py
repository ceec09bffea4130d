"""Marks (reactions) on messages as the page of a room shows them: label, icon, and who reacted."""

from collections.abc import Iterable, Mapping
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
    """A mark that can be given."""

    mark: str
    label: str
    icon: str


@dataclass(frozen=True)
class MarkOnMessage(OfferedMark):
    """A mark that a message has."""

    names: tuple[str, ...] = ()
    mine: bool = False

    @property
    def count(self) -> int:
        """How many gave it."""
        return len(self.names)

    @property
    def title(self) -> str:
        """Label and names, for the tooltip."""
        return f"{self.label}: {', '.join(self.names)}"


def offered_marks() -> list[OfferedMark]:
    """All marks, in display order."""
    return [OfferedMark(mark.value, str(mark.label), ICONS[mark]) for mark in Mark]


def marks_on_message(marks: Mapping[str, Iterable[tuple[int, str]]], reader: int) -> list[MarkOnMessage]:
    """The marks of one message, in display order. `marks`: per mark the ids and names of the people who gave
    it."""
    found = []
    for offered in offered_marks() if marks else ():
        people = list(marks.get(offered.mark, ()))
        if people:
            names = tuple(name for _person, name in people)
            mine = any(person == reader for person, _name in people)
            found.append(MarkOnMessage(offered.mark, offered.label, offered.icon, names, mine))
    return found
