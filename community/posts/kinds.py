"""The kinds of posts. The subject that owns one registers here at start-up who keeps order over it, and what
else changes when it is withdrawn or restored."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from community.posts.models import Post

if TYPE_CHECKING:
    from community.people.models import User


def no_change(post: Any) -> None:
    """Default of `withdrawn` and `restored`."""


@dataclass(frozen=True)
class PostKind:
    """What differs between kinds of posts. `keeps_order`: whether a user may take down and restore this post
    of another user. `withdrawn` and `restored` are called in the same transaction, with the row locked."""

    keeps_order: Callable[["User", Any], bool]
    withdrawn: Callable[[Any], None] = no_change
    restored: Callable[[Any], None] = no_change


_kinds: dict[str, PostKind] = {}


def register(name: str, kind: PostKind) -> None:
    """Register a kind of post under the name that its model has as `KIND`."""
    _kinds[name] = kind


def kind_of(post: Post) -> PostKind:
    """The registered kind; KeyError when no subject owns it."""
    return _kinds[post.KIND]
