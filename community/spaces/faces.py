"""What stands at the head of a space's pages. Each kind of space is owned by a subject above this one, which
gives its face here: a function from space and reader to what its template shows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from community.spaces.models import Space


@dataclass(frozen=True)
class Face:
    """The head's template (and that of the foot of its people page), and how their variables are found."""

    template: str
    context: Callable[[HttpRequest, Space], dict[str, Any]]


_faces: dict[str, Face] = {}


def register(kind: str, face: Face) -> None:
    """Give the spaces of a kind their head."""
    _faces[kind] = face


def face_of(space: Space) -> Face:
    """The head of this space's pages; KeyError when no subject owns its kind."""
    return _faces[space.kind]
