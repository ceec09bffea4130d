"""What stands at the head of a space's pages. Each kind of space is owned by a subject above this one, which
gives its face here: a function from space and reader to what its template shows, and the tabs it adds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from community.spaces.models import Space


@dataclass(frozen=True)
class Tab:
    """One tab of a space: its word and where it leads. `name` is the URL name of the tab's page, `new` its
    number of unread things."""

    name: str
    label: str
    url: str
    new: int = 0


def no_tabs(request: HttpRequest, space: Space) -> list[Tab]:
    """The tabs of a space that has only those every space has."""
    return []


@dataclass(frozen=True)
class Hour:
    """When somebody will be in the room, in words for the reader; `is_live` while they are there."""

    line: str
    is_live: bool = False


def no_hour(request: HttpRequest, space: Space) -> Hour | None:
    """The room of a space for which nobody announces hours."""
    return None


@dataclass(frozen=True)
class Face:
    """The head's template and how its variables are found, the tabs beside those of every space, and when
    somebody will be in its room."""

    template: str
    context: Callable[[HttpRequest, Space], dict[str, Any]]
    tabs: Callable[[HttpRequest, Space], list[Tab]] = no_tabs
    hour: Callable[[HttpRequest, Space], Hour | None] = no_hour


_faces: dict[str, Face] = {}


def register(kind: str, face: Face) -> None:
    """Give the spaces of a kind their head."""
    _faces[kind] = face


def face_of(space: Space) -> Face:
    """The head of this space's pages; KeyError when no subject owns its kind."""
    return _faces[space.kind]
