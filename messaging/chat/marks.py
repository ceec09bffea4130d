"""Marks (reactions) as pages show them, on messages and on posts: label, icon, and who reacted."""

from dataclasses import dataclass

from messaging.chat.history import GivenMark
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


def marks_on_message(given: list[GivenMark], reader: int) -> list[MarkOnMessage]:
    """The marks that one message was given, in display order."""
    found = []
    for offered in offered_marks() if given else ():
        people = [each for each in given if each.mark == offered.mark]
        if people:
            names = tuple(each.name for each in people)
            mine = any(each.user == reader for each in people)
            found.append(MarkOnMessage(offered.mark, offered.label, offered.icon, names, mine))
    return found
