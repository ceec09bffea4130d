"""What subjects add to the page of a room: links in its header, and the form that takes over a question.

They register here at start-up; rooms do not depend on conversations.
"""

from collections.abc import Callable
from dataclasses import dataclass

from community.spaces.lookup import MemberRequest
from community.spaces.models import Space


@dataclass(frozen=True)
class HeaderLink:
    """A link in the header of the room, or with `posts` a button that does something at once."""

    label: str
    url: str
    icon: str
    posts: bool = False


LinkSource = Callable[[MemberRequest, Space], list[HeaderLink]]
QuestionPath = Callable[[Space], str]

_link_sources: list[LinkSource] = []
_question_paths: list[QuestionPath] = []


def register_links(source: LinkSource) -> None:
    """Add links to the header of every room."""
    _link_sources.append(source)


def register_question_path(path: QuestionPath) -> None:
    """Set the URL of the form (fields `title` and `text`) that takes over a question typed in a room.

    A later registration replaces it.
    """
    _question_paths[:] = [path]


def links_of(request: MemberRequest, space: Space) -> list[HeaderLink]:
    """The links in the header of this room for the reader of this page."""
    return [link for source in _link_sources for link in source(request, space)]


def question_path(space: Space) -> str:
    """The URL of the form that takes over a question."""
    return _question_paths[0](space)
