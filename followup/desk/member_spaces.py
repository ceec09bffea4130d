"""A user's spaces: the progress of each month, and how much is new.

The rail and Today share them, so they are queried once per request, and each query covers all of them. Who
opens the months of an institute is a member of hundreds: only the nearest are counted and drawn, and the page
of all one's months has the rest.
"""

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import BooleanField, Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.urls import reverse

from common import clock
from common.instances import Instances
from common.statements import statement
from community.posts import counting
from community.spaces.kinds import Right, roles_where
from community.spaces.models import Membership, MembershipQuerySet, Space
from community.spaces.permissions import membership_of_row, memberships
from community.unread.queries import NewPosts, new_in, recent_practices_in, with_kept
from followup.courses.roles import SpaceRole
from followup.desk.run_queries import spaces as space_instances
from followup.live_hours.models import LiveHour
from followup.months.dates import last_day_before
from followup.months.models import Month
from followup.overview.timeline import Timeline
from messaging.chat.history import unread_count

if TYPE_CHECKING:
    from community.people.models import User

CLOSES_SOON_WITHIN = dt.timedelta(days=7)
"""How long before its end a month is shown as closing soon."""
NEAREST = 20
"""How many open spaces, and how many closed ones, are counted for a page."""
months = Instances(Month)


class PostsByDay:
    """The numbers of posts per day in some spaces, each found when one is asked for that was not loaded."""

    def __init__(self, tokens: Mapping[int, int]) -> None:
        self._tokens = tokens
        self._loaded: dict[int, Mapping[dt.date, int]] = {}

    def load(self, spaces: Collection[int]) -> None:
        """Find those of these spaces together."""
        wanted = self._tokens.keys() & set(spaces) - self._loaded.keys()
        self._loaded |= counting.by_day({space: self._tokens[space] for space in wanted})

    def of(self, space: int) -> Mapping[dt.date, int]:
        """The numbers in one of the spaces; those of all are found with it. Of another space none."""
        if space not in self._loaded:
            self.load(self._tokens)
        return self._loaded.get(space, {})


class Row(NamedTuple):
    """What a page needs of one of a user's spaces, its membership and its month, as plain values."""

    pk: int
    title: str
    closes_at: dt.datetime | None
    token: int
    is_kept: bool
    """Whether the numbers of new conversations and practices are valid."""
    threads: int | None
    practices: int | None
    messages: int
    last_number: int
    """Of the log of its room."""
    is_live: bool
    """Whether a live hour is going on."""
    membership: tuple[Any, ...]
    space: tuple[Any, ...]
    month: tuple[Any, ...]

    @property
    def is_open(self) -> bool:
        return self.closes_at is None or self.closes_at > clock.now()


@dataclass(kw_only=True, eq=False)
class MemberSpace:
    """One space of a user, with their membership, its month if it has one, and what is new for them."""

    row: Row
    new_threads: int = 0
    new_practices: int = 0
    posts: PostsByDay
    current: bool = False

    @property
    def pk(self) -> int:
        return self.row.pk

    @cached_property
    def space(self) -> Space:
        return space_instances.made_of(self.row.space)

    @cached_property
    def membership(self) -> Membership:
        return membership_of_row(self.row.membership, self.space)

    @cached_property
    def month(self) -> Month | None:
        if self.row.month[0] is None:
            return None
        month = months.made_of(self.row.month)
        month.space = self.space
        return month

    @property
    def title(self) -> str:
        return self.row.title

    @cached_property
    def url(self) -> str:
        return reverse("space", args=[self.pk])

    @property
    def room_url(self) -> str:
        return reverse("space_room", args=[self.pk])

    @property
    def stream(self) -> str:
        """The live stream of its room."""
        return f"room:{self.space.room_id}"

    @property
    def new_messages(self) -> int:
        return self.row.messages

    @property
    def unread(self) -> int:
        """The number of conversations, practices and chat messages that are new."""
        return self.new_threads + self.new_practices + self.new_messages

    @property
    def trains(self) -> bool:
        """Whether the user is one of those whom participants of a month ask."""
        return self.month is not None and Right.ANSWER in self.membership.rights

    @property
    def manages(self) -> bool:
        """Whether the user begins and ends live hours in a month."""
        return self.month is not None and Right.MANAGE in self.membership.rights

    @property
    def coordinates(self) -> bool:
        """Whether the user is in a month from the institute."""
        return self.month is not None and self.membership.role == SpaceRole.COORDINATOR

    @property
    def takes_part(self) -> bool:
        """Whether the user is a participant of a month, to whom the weekly prompts are addressed."""
        return self.month is not None and self.membership.role == SpaceRole.PARTICIPANT

    @property
    def is_open(self) -> bool:
        return self.row.is_open

    @property
    def closes_soon(self) -> bool:
        """Whether talk closes within a week."""
        return (
            self.is_open
            and self.space.closes_at is not None
            and self.space.closes_at - clock.now() <= CLOSES_SOON_WITHIN
        )

    @property
    def awaiting_last_day(self) -> dt.date | None:
        """The last day of a user who is awaiting confirmation; None for the others."""
        until = self.membership.ends_at(self.space.closes_at)
        return last_day_before(until, self.space.time_zone) if until else None

    @property
    def last_day(self) -> dt.date | None:
        """The last day of talk, in the institute's time zone."""
        return self.space.last_day if self.month else None

    @cached_property
    def mini_timeline(self) -> Timeline | None:
        """The month's timeline."""
        return timeline_of(self.month, self.posts.of(self.pk)) if self.month else None


def timeline_of(month: Month, posts: Mapping[dt.date, int]) -> Timeline:
    """The timeline of a month whose space and institute are loaded; `posts` are numbers by day."""
    return Timeline(
        first=month.opened_on,
        last=month.space.last_day,
        today=clock.today(month.space.time_zone),
        posts=posts,
        closed=not month.space.is_open,
    )


def titles_of(user: "User") -> list[tuple[int, str]]:
    """The ids and titles of all spaces of the user: open ones by their end, then closed ones, the newest
    first."""
    return list(_titles_of(user))


def nearest_spaces(user: "User", current_path: str = "") -> list[MemberSpace]:
    """The user's spaces for the rail and Today: the open ones that end first, the closed ones that ended
    last, and the one to which `current_path` belongs. In the order of `titles_of`."""
    current = space_in(current_path)
    return _with_news(user, _nearest(user, current, nearest=NEAREST), current)


def spaces_among(user: "User", spaces: Collection[int]) -> list[MemberSpace]:
    """Those of these spaces in which the user is, all to be drawn, in the order of `titles_of`."""
    return _with_news(user, _among(user, list(spaces), 0), 0, draws_closed=True)


def _with_news(
    user: "User", found: Sequence[tuple[Any, ...]], current: int, *, draws_closed: bool = False
) -> list[MemberSpace]:
    """These spaces with what is new in them.

    What is new is counted in the open ones and in the current one. In the other closed ones, of which a
    trainer collects dozens, only practices of the last weeks are counted. The posts of the closed ones that
    have nothing new are read only if these are drawn as well.
    """
    rows = _rows_of(found)
    tokens = {row.pk: row.token for row in rows}
    counted = {row.pk for row in rows if row.is_open or row.pk == current}
    kept = {row.pk: NewPosts(row.pk, row.threads or 0, row.practices or 0) for row in rows if row.is_kept}
    new = kept | new_in(user, counted - kept.keys())
    recent = recent_practices_in(user, {pk: tokens[pk] for pk in tokens.keys() - counted})
    drawn = tokens.keys() if draws_closed else counted | recent.keys()
    posts = PostsByDay({pk: tokens[pk] for pk in drawn})
    return [
        MemberSpace(
            row=row,
            new_threads=new[row.pk].threads if row.pk in counted else 0,
            new_practices=new[row.pk].practices if row.pk in counted else recent.get(row.pk, 0),
            posts=posts,
            current=row.pk == current,
        )
        for row in rows
    ]


def _rows_of(found: Sequence[tuple[Any, ...]]) -> list[Row]:
    membership = len(Row._fields) - 3
    space = membership + len(memberships.columns)
    month = space + len(space_instances.columns)
    return [
        Row._make((*values[:membership], values[membership:space], values[space:month], values[month:]))
        for values in found
    ]


@statement(tuple)
def _titles_of(user: "User") -> QuerySet[Any, Any]:
    return _in_order(Membership.objects.current().filter(user=user)).values_list("space_id", "space__title")


@statement(tuple)
def _nearest(user: "User", current: int, *, nearest: int) -> QuerySet[Any, Any]:
    mine = Membership.objects.current().filter(user=user)
    is_open = Q(space__closes_at=None) | Q(space__closes_at__gt=clock.now())
    open_ones = mine.filter(is_open).order_by(F("space__closes_at").asc(nulls_last=True), "space_id")
    closed = mine.exclude(is_open).order_by("-space__closes_at", "space_id")
    # Ids alone, which the index has. A union, since with "or" each membership is compared with all parts.
    near = (
        Space.objects.filter(pk__in=open_ones.values("space")[:nearest])
        .values("pk")
        .union(
            Space.objects.filter(pk__in=closed.values("space")[:nearest]).values("pk"),
            Space.objects.filter(pk=current).values("pk"),
        )
    )
    return _rows(mine.filter(space__among=near), user, current)


@statement(tuple)
def _among(user: "User", spaces: list[int], current: int) -> QuerySet[Any, Any]:
    return _rows(Membership.objects.current().filter(user=user, space__among=spaces), user, current)


def _rows(mine: MembershipQuerySet, user: "User", current: int) -> QuerySet[Any, Any]:
    """The columns of `Row`; messages are counted in open spaces and in the current one."""
    counted = Q(space__closes_at=None) | Q(space__closes_at__gt=clock.now()) | Q(space=current)
    messages = Case(
        When(counted, then=unread_count(user.pk, OuterRef("space__room"))),
        default=Value(0),
        output_field=IntegerField(),
    )
    is_live = Exists(LiveHour.objects.going_on().filter(month=OuterRef("space__month")))
    answers = Case(
        When(roles_where(lambda role: role.answers), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
    return with_kept(_in_order(mine), user, "space__", answers).values_list(
        "space_id",
        "space__title",
        "space__closes_at",
        "token",
        "is_kept",
        "kept__threads",
        "kept__practices",
        messages,
        "space__room__last_number",
        is_live,
        *memberships.columns,
        *(f"space__{name}" for name in space_instances.columns),
        *(f"space__month__{name}" for name in months.columns),
    )


def _in_order(mine: MembershipQuerySet) -> QuerySet[Any, Any]:
    is_open = Q(space__closes_at=None) | Q(space__closes_at__gt=clock.now())
    ends = Case(When(is_open, then=F("space__closes_at")))
    return mine.order_by(
        Case(When(is_open, then=Value(0)), default=Value(1)),
        ends.asc(nulls_last=True),
        F("space__closes_at").desc(nulls_last=True),
        "space_id",
    )


def space_in(path: str) -> int:
    """The id of the space to whose pages a path belongs; 0 for none."""
    found = re.match(r"/spaces/([0-9]{1,9})/", path)
    return int(found[1]) if found else 0
