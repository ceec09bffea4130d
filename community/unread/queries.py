"""How much is new to a reader, by space: conversations, practices, and messages in the room."""

import datetime as dt
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from common import clock
from common.statements import statement
from community.spaces.models import Space
from community.unread.sources import Name, new_posts
from messaging.chat.history import unread_in

if TYPE_CHECKING:
    from community.people.models import User

RECENT_PRACTICES_WITHIN = dt.timedelta(days=30)
"""How new a practice in a closed space must be to be counted there."""


class NewPosts(NamedTuple):
    """The number of posts in one space that are new to a reader."""

    space: int
    threads: int
    practices: int


class New(NamedTuple):
    """What is new to a reader in one space."""

    threads: int
    practices: int
    messages: int


Frame = Callable[[HttpRequest, Space], New | None]
_frames: list[Frame] = []


def register_frame(frame: Frame) -> None:
    """Register what counts the reader's spaces for every page, so that no page counts one of them twice. A
    later registration replaces it."""
    _frames[:] = [frame]


def new_on_page(request: HttpRequest, space: Space) -> New:
    """What is new in a space to the reader of a page; counted once per request."""
    counted: dict[int, New] = request.__dict__.setdefault("_new_in_spaces", {})
    if space.pk not in counted:
        found = _frames[0](request, space) if _frames else None
        counted[space.pk] = found or _count(request.user, space)
    return counted[space.pk]


def new_in(user: "User", spaces: Collection[int]) -> dict[int, NewPosts]:
    """The posts that are new to a reader, by space; one query."""
    return {row.space: row for row in new_posts_in(user, list(spaces))} if spaces else {}


@statement(NewPosts)
def new_posts_in(user: "User", spaces: list[int]) -> QuerySet[Any, Any]:
    """The rows of `new_in`."""
    return Space.objects.filter(pk__among=spaces).values_list(
        "pk", _count_of("threads", user), _count_of("practices", user)
    )


def recent_practices_in(user: "User", spaces: Collection[int]) -> dict[int, int]:
    """The practices of the last weeks that are new to a reader, by space; spaces without any are left out."""
    return dict(_recent_practices_in(user, list(spaces))) if spaces else {}


@statement(tuple)
def _recent_practices_in(user: "User", spaces: list[int]) -> QuerySet[Any, Any]:
    recent = new_posts("practices", user).filter(published_at__gt=clock.now() - RECENT_PRACTICES_WITHIN)
    here = recent.filter(space__among=spaces).order_by().values("space")
    return here.annotate(count=Count("pk")).values_list("space", "count")


def _count(user: Any, space: Space) -> New:
    posts = new_in(user, [space.pk])[space.pk]
    messages = unread_in(user.pk, [space.room_id]).get(space.room_id, 0)
    return New(posts.threads, posts.practices, messages)


def _count_of(name: Name, user: "User") -> Coalesce:
    here = new_posts(name, user).filter(space=OuterRef("pk")).order_by().values("space")
    counted = here.annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
