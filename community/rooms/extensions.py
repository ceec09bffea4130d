"""What subjects above add to the page of a room: links at its head, and the form in which a question goes on.

They register here at start-up; a room knows nothing of conversations.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from community.spaces.models import Space

if TYPE_CHECKING:
    from community.people.models import User


@dataclass(frozen=True)
class HeadLink:
    """A link at the head of the room."""

    label: str
    url: str
    icon: str


LinkSource = Callable[["User", Space], list[HeadLink]]
QuestionPath = Callable[[Space], str]

_link_sources: list[LinkSource] = []
_question_paths: list[QuestionPath] = []


def register_links(source: LinkSource) -> None:
    """Add links to the head of every room."""
    _link_sources.append(source)


def register_question_path(path: QuestionPath) -> None:
    """Set the address of the form (fields `title` and `text`) in which a question typed in a room goes on.

    The last registration counts.
    """
    _question_paths[:] = [path]


def links_of(user: "User", space: Space) -> list[HeadLink]:
    """The links at the head of this room for this reader."""
    return [link for source in _link_sources for link in source(user, space)]


def question_path(space: Space) -> str:
    """The address of the form in which a question goes on."""
    return _question_paths[0](space)
