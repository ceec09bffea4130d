"""What can be new in a space: each kind of post registers which of its posts are new to a reader."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from django.db.models import QuerySet

from common import statements

if TYPE_CHECKING:
    from community.people.models import User

Name = Literal["threads", "practices"]
Source = Callable[["User"], QuerySet[Any]]
"""The posts new to a reader, of all spaces; they have a `space`."""

_sources: dict[Name, Source] = {}


def register(name: Name, source: Source) -> None:
    """Register a kind of post."""
    _sources[name] = source
    statements.clear()


def new_posts(name: Name, user: "User") -> QuerySet[Any]:
    """The posts of a kind that are new to a reader."""
    return _sources[name](user)
