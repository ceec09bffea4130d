"""How much is new to a reader, by space: conversations, practices, and messages in the room."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import IntegrityError
from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    F,
    FilteredRelation,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from common import clock
from common.database import if_there_is_room
from common.statements import statement
from community.spaces.kinds import Right
from community.spaces.models import Membership, Space
from community.unread.models import NEVER, Unread, token_of
from community.unread.remembered import remembered
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
    """The posts that are new to a reader, by space. One query; those that had to be counted are kept."""
    rows = kept_in(user, list(spaces)) if spaces else []
    # Whose membership ended a moment ago has nothing new; after another beginning that would be wrong.
    counted = [row for row in rows if row.sees and not row.is_kept]
    if counted:
        # A space may have been deleted meanwhile.
        with suppress(IntegrityError), if_there_is_room():
            _keep(user, counted)
    return {row.space: NewPosts(row.space, row.threads, row.practices) for row in rows}


class Kept(NamedTuple):
    """The posts new to a reader in one space, as kept or as counted now, with what the count depends on."""

    space: int
    space_token: int
    own_token: int
    as_answerer: bool
    is_kept: bool
    sees: bool
    """Whether they see the space; of kept ones not asked."""
    threads: int
    practices: int


@statement(Kept)
def kept_in(user: "User", spaces: list[int]) -> QuerySet[Any, Any]:
    """The kept numbers where they are valid, else counted: in one statement, so that what is counted and what
    it depends on are read at the same moment."""
    answering = Membership.objects.current().with_right(Right.ANSWER).filter(user=user)
    answers = Exists(answering.filter(space=OuterRef("pk")))
    rows = with_kept(Space.objects.filter(pk__among=spaces), user, "", answers)

    def number(name: Name) -> Case:
        counted = _count_of(name, user)
        return Case(When(IS_KEPT, then=F(f"kept__{name}")), default=counted, output_field=IntegerField())

    visible = Exists(Space.objects.visible_to(user).filter(pk=OuterRef("pk")))
    sees = Case(When(IS_KEPT, then=Value(True)), default=visible, output_field=BooleanField())
    return rows.values_list(
        "pk", "token", "own_token", "answers", "is_kept", sees, number("threads"), number("practices")
    )


IS_KEPT = Q(kept__space_token=F("token"), kept__own_token=F("own_token"), kept__as_answerer=F("answers"))
"""Whether the numbers are valid, in rows of `with_kept`."""


def with_kept(rows: QuerySet[Any, Any], user: "User", space: str, answers: Combinable) -> QuerySet[Any, Any]:
    """Rows that have a space at this path (empty, or ending with "__"), each with what is kept of how much is
    new there (`kept__threads`, `kept__practices`), whether that `is_kept` as valid, and the tokens.

    `answers` says whether the reader answers questions there.
    """
    of_reader = FilteredRelation(f"{space}unread", condition=Q(**{f"{space}unread__user": user}))
    rows = rows.annotate(
        kept=of_reader,
        token=token_of(space),
        own_token=Coalesce("kept__state", Value(NEVER)),
        answers=answers,
    )
    is_kept = Case(When(IS_KEPT, then=Value(True)), default=Value(False), output_field=BooleanField())
    return rows.annotate(is_kept=is_kept)


@statement(NewPosts)
def counted_in(user: "User", spaces: list[int]) -> QuerySet[Any, Any]:
    """The numbers of `new_in`, counted."""
    return Space.objects.filter(pk__among=spaces).values_list(
        "pk", _count_of("threads", user), _count_of("practices", user)
    )


def _keep(user: "User", rows: list[Kept]) -> None:
    kept = [
        Unread(
            user=user,
            space_id=row.space,
            space_token=row.space_token,
            own_token=row.own_token,
            as_answerer=row.as_answerer,
            threads=row.threads,
            practices=row.practices,
        )
        for row in sorted(rows)
    ]
    # Never `state`: a visit may have changed it since.
    counts = ["space_token", "own_token", "as_answerer", "threads", "practices"]
    Unread.objects.bulk_create(
        kept, update_conflicts=True, unique_fields=["space", "user"], update_fields=counts
    )


def recent_practices_in(user: "User", tokens: Mapping[int, int]) -> dict[int, int]:
    """The practices of the last weeks that are new to a reader, by space; spaces without any are left out. Of
    the spaces, each with its token, only those are asked where somebody published one in these weeks."""
    since = clock.now() - RECENT_PRACTICES_WITHIN
    newest = remembered(_newest_practices, tokens)
    spaces = [space for space, published_at in newest.items() if published_at and published_at > since]
    return dict(_recent_practices_in(user, spaces)) if spaces else {}


def _newest_practices(spaces: list[int]) -> dict[int, dt.datetime | None]:
    return dict.fromkeys(spaces) | dict(_newest_practice_in(spaces))


@statement(tuple)
def _newest_practice_in(spaces: list[int]) -> QuerySet[Any, Any]:
    rows = Space.objects.filter(pk__among=spaces)
    return rows.values_list("pk").annotate(newest=Max("practices__published_at"))


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
