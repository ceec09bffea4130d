"""The kinds of posts. The subject that owns one registers here at start-up who may read it, where it stands,
who keeps order over it, and what else changes when it is withdrawn or restored."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from community.posts.models import Post, PostQuerySet
from messaging.files.housekeeping import register_owner

if TYPE_CHECKING:
    from community.people.models import User


def no_change(post: Any) -> None:
    """Default of `withdrawn` and `restored`."""


def no_keys(_post: Any) -> list[str]:
    """Default of `bell_keys`."""
    return []


def everyone(_post: Any) -> Q:
    """Default of `readers`: all members of its space."""
    return Q()


def itself(post: Any) -> Any:
    """Default of `head`."""
    return post


@dataclass(frozen=True)
class PostKind:
    """What differs between kinds of posts."""

    keeps_order: Callable[["User", Any], bool]
    """Whether a user may take down and restore this post of another user."""
    model: Any
    """The model, whose manager has `visible_to`."""
    related: tuple[str, ...]
    """Relations that are read with a post that somebody answers."""
    path: Callable[[Any], str]
    """The permanent address of a post."""
    is_talk: bool
    """Whether answering it ends when the space closes, as talk does and what people do does not."""
    head: Callable[[Any], Any] = itself
    """The post with the title under which this one stands, about which notifications are."""
    bell_keys: Callable[[Any], list[str]] = no_keys
    """The keys of notifications about this post alone, if it stands under another."""
    readers: Callable[[Any], Q] = everyone
    """Which memberships of its space may read it."""
    withdrawn: Callable[[Any], None] = no_change
    """Called in the same transaction, with the row locked; so is `restored`."""
    restored: Callable[[Any], None] = no_change


_kinds: dict[str, PostKind] = {}


def register(name: str, kind: PostKind) -> None:
    """Register a kind of post under the name that its model has as `KIND`."""
    _kinds[name] = kind


def register_files(model: type[Post]) -> None:
    """Let posts of this kind have files, which stay while the post is there."""
    register_owner(model.KIND, partial(_still_there, model))


def _still_there(model: type[Post], ids: Iterable[int]) -> set[int]:
    posts: PostQuerySet[Any] = model.objects  # type: ignore[attr-defined]
    return set(posts.filter(pk__in=list(ids)).values_list("pk", flat=True))


def kind_named(name: str) -> PostKind:
    """The kind registered under this name; KeyError when no subject owns it."""
    return _kinds[name]


def every_kind() -> list[PostKind]:
    """All registered kinds."""
    return list(_kinds.values())


def visible_post(kind: str, pk: int, reader: "User") -> Post | None:
    """A post that is not withdrawn, if the reader may read it."""
    if kind not in _kinds:
        return None
    posts = _kinds[kind].model.objects.visible_to(reader).published()
    post: Post | None = posts.select_related("author", *_kinds[kind].related).filter(pk=pk).first()
    return post


def kind_of(post: Post) -> PostKind:
    """The registered kind; KeyError when no subject owns it."""
    return _kinds[post.KIND]
