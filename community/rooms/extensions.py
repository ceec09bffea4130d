"""What subjects add to the page of a room: links in its header, the form that takes over a question, and the
page on which messages are kept.

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
PathIn = Callable[[Space], str]

_link_sources: list[LinkSource] = []
_question_paths: list[PathIn] = []
_keep_paths: list[PathIn] = []


def register_links(source: LinkSource) -> None:
    """Add links to the header of every room."""
    _link_sources.append(source)


def register_question_path(path: PathIn) -> None:
    """Set the URL of the form (fields `title` and `text`) that takes over a question typed in a room.

    A later registration replaces it.
    """
    _question_paths[:] = [path]


def register_keep_path(path: PathIn) -> None:
    """Set the URL of the page on which those who keep order select messages to keep; with `?at=` and a
    number, that message and the exchange around it.

    A later registration replaces it.
    """
    _keep_paths[:] = [path]


def links_of(request: MemberRequest, space: Space) -> list[HeaderLink]:
    """The links in the header of this room for the reader of this page."""
    return [link for source in _link_sources for link in source(request, space)]


def question_path(space: Space) -> str:
    """The URL of the form that takes over a question."""
    return _question_paths[0](space)


def keep_path(space: Space) -> str:
    """The URL of the page on which messages are selected to keep; empty if there is none."""
    return _keep_paths[0](space) if _keep_paths else ""
