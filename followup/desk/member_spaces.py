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
from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.urls import reverse

from common import clock
from community.posts import counting
from community.practices.models import Practice
from community.practices.queries import unread
from community.spaces.kinds import Right
from community.spaces.models import Membership, Space
from community.spaces.permissions import standing_of
from community.threads.queries import unread_threads
from followup.courses.roles import SpaceRole
from followup.months.dates import last_day_before
from followup.months.models import Month
from followup.overview.timeline import Timeline
from messaging.chat.history import unread_in

if TYPE_CHECKING:
    from community.people.models import User

CLOSES_SOON_WITHIN = dt.timedelta(days=7)
"""How long before its end a month is shown as closing soon."""
NEAREST = 20
"""How many open spaces, and how many closed ones, are counted for a page."""
RECENT_PRACTICES_WITHIN = dt.timedelta(days=30)
"""How new a practice in a closed space must be to be counted there."""


@dataclass(kw_only=True)
class MemberSpace:
    """One space of a user, with their membership, its month if it has one, and what is new for them."""

    space: Space
    membership: Membership
    month: Month | None
    new_threads: int = 0
    new_practices: int = 0
    new_messages: int = 0
    posts: Mapping[dt.date, int]
    current: bool = False

    @property
    def title(self) -> str:
        return self.space.title

    @cached_property
    def url(self) -> str:
        return reverse("space", args=[self.space.pk])

    @property
    def room_url(self) -> str:
        return reverse("space_room", args=[self.space.pk])

    @property
    def unread(self) -> int:
        """The number of conversations, practices and chat messages that are new."""
        return self.new_threads + self.new_practices + self.new_messages

    @property
    def trains(self) -> bool:
        """Whether the user is one of those whom participants of a month ask."""
        return self.month is not None and Right.ANSWER in self.membership.rights

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
        return self.space.is_open

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
        return timeline_of(self.month, self.posts) if self.month else None


def timeline_of(month: Month, posts: Mapping[dt.date, int]) -> Timeline:
    """The timeline of a month whose space and institute are loaded; `posts` are numbers by day."""
    return Timeline(
        first=month.opened_on,
        last=month.space.last_day,
        today=clock.today(month.space.time_zone),
        posts=posts,
        closed=not month.space.is_open,
    )


def memberships_of(user: "User") -> list[Membership]:
    """All current memberships of the user: open spaces by their end, then closed ones, the newest first."""
    return sorted(standing_of(user).memberships.values(), key=_sort_key)


def member_spaces_of(user: "User", current_path: str = "") -> list[MemberSpace]:
    """The user's spaces for the rail and Today: the open ones that end first, the closed ones that ended
    last, and the one to which `current_path` belongs. In the order of `memberships_of`."""
    memberships, current = memberships_of(user), space_in(current_path)
    open_ones = [membership for membership in memberships if membership.space.is_open]
    closed = memberships[len(open_ones) :]
    nearest = {membership.space_id for membership in [*open_ones[:NEAREST], *closed[:NEAREST]]} | {current}
    shown = [membership for membership in memberships if membership.space_id in nearest]
    return with_news(user, shown, current)


def with_news(user: "User", memberships: Sequence[Membership], current: int = 0) -> list[MemberSpace]:
    """These spaces with their months and what is new in them.

    What is new is counted in the open ones and in the current one. In the other closed ones, of which a
    trainer collects dozens, only practices of the last weeks are counted.
    """
    if not memberships:
        return []
    rooms = {membership.space_id: membership.space.room_id for membership in memberships}
    months = {
        month.space_id: month
        for month in Month.objects.filter(space__in=rooms).select_related("space__institute")
    }
    counted = {
        membership.space_id
        for membership in memberships
        if membership.space.is_open or membership.space_id == current
    }
    practices = _new_practices(user, counted, rooms)
    threads = unread_threads(user, counted)
    messages = unread_in(user.pk, {rooms[pk] for pk in counted})
    posts = counting.by_day(counted | practices.keys())
    return [
        MemberSpace(
            space=months[membership.space_id].space if membership.space_id in months else membership.space,
            membership=membership,
            month=months.get(membership.space_id),
            new_threads=threads.get(membership.space_id, 0),
            new_practices=practices.get(membership.space_id, 0),
            new_messages=messages.get(membership.space.room_id, 0),
            posts=posts.get(membership.space_id, {}),
            current=membership.space_id == current,
        )
        for membership in memberships
    ]


def space_in(path: str) -> int:
    """The id of the space to whose pages a path belongs; 0 for none."""
    found = re.match(r"/spaces/([0-9]{1,9})/", path)
    return int(found[1]) if found else 0


def _new_practices(user: "User", counted: Collection[int], spaces: Collection[int]) -> dict[int, int]:
    recent = Q(space__in=spaces, published_at__gt=clock.now() - RECENT_PRACTICES_WITHIN)
    visible = Practice.objects.visible_to(user).filter(Q(space__in=counted) | recent)
    new = unread(visible, user).order_by().values("space").annotate(total=Count("pk"))
    return dict(new.values_list("space", "total"))


def _sort_key(membership: Membership) -> tuple[bool, float]:
    closes_at, is_open = membership.space.closes_at, membership.space.is_open
    ends = closes_at.timestamp() if closes_at else float("inf")
    return (not is_open, ends if is_open else -ends)
