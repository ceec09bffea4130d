"""Live hours: a trainer is in the room from one moment to another, and everybody knows it ahead.

An hour is announced, moved or called off, and what the members were told is told anew. Half an hour before
it begins they are reminded, and told once more when it does: by the jobs, each in one transaction with its
mark, so that it is done once whatever is killed.
"""

import datetime as dt
import logging
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext

from common import clock
from common.access import Refused, require
from followup.months import live_news
from followup.months.models import LiveHour, LiveHourQuerySet, Month
from followup.months.permissions import can_announce

if TYPE_CHECKING:
    from community.people.models import User

USUAL = dt.timedelta(hours=1)
LONGEST = dt.timedelta(hours=4)
AHEAD = dt.timedelta(minutes=30)
"""How long before an hour its members are reminded of it."""

logger = logging.getLogger("aftercourse.months")


def to_come(months: Collection[int]) -> list[LiveHour]:
    """The hours of these months that are going on or ahead, the nearest first; one query."""
    hours = LiveHour.objects.to_come().filter(month__in=months).select_related("announced_by")
    return list(hours.order_by("starts_at", "pk"))


@transaction.atomic
def announce(
    *, month: Month, title: str, starts_at: dt.datetime, ends_at: dt.datetime, by: "User"
) -> LiveHour:
    """Say when somebody will be in the room. Members are told; the same a second time is the first one."""
    month = _hold(month)
    _require_announcer(by, month)
    same = LiveHour.objects.standing().filter(
        month=month, title=title.strip(), starts_at=starts_at, ends_at=ends_at, announced_by=by
    )
    if (first := same.first()) is not None:
        return first
    _require_time(month, starts_at, ends_at)
    hour = LiveHour.objects.create(
        month=month, title=title.strip(), starts_at=starts_at, ends_at=ends_at, announced_by=by
    )
    live_news.tell_announced(hour, by)
    return hour


@transaction.atomic
def move(*, hour: LiveHour, title: str, starts_at: dt.datetime, ends_at: dt.datetime, by: "User") -> LiveHour:
    """Set another time or title, until it begins. Members are told of another time."""
    hour = _hold_hour(hour)
    _require_announcer(by, hour.month)
    require(hour.is_ahead, gettext("This hour has begun already, so it cannot be moved."))
    moved = (hour.starts_at, hour.ends_at) != (starts_at, ends_at)
    if moved:
        _require_time(hour.month, starts_at, ends_at, but=hour)
        people = live_news.hold(hour, moved_to=starts_at)
        live_news.take_back(hour)
    reminded = hour.reminded_at is not None
    hour.title = title.strip()
    if moved:
        hour.starts_at, hour.ends_at, hour.reminded_at = starts_at, ends_at, None
    hour.save(update_fields=["title", "starts_at", "ends_at", "reminded_at"])
    if moved:
        live_news.tell_moved(hour, people, by, reminded=reminded)
    return hour


@transaction.atomic
def cancel(*, hour: LiveHour, by: "User") -> LiveHour:
    """Call an hour off, and tell the members; one that is going on ends now. Twice changes nothing."""
    hour = _hold_hour(hour)
    require(can_announce(by, hour.month), _why_not())
    if hour.is_live:
        hour.ends_at = clock.now()
        hour.save(update_fields=["ends_at"])
        _end(hour)
    elif hour.is_ahead:
        hour.cancelled_at, hour.cancelled_by = clock.now(), by
        hour.save(update_fields=["cancelled_at", "cancelled_by"])
        people = live_news.hold(hour)
        live_news.take_back(hour)
        live_news.tell_cancelled(hour, people, by)
    return hour


@transaction.atomic
def go_live(*, month: Month, by: "User", title: str = "") -> LiveHour:
    """Be in the room from now, for an hour, and tell the members at once.

    An hour that is going on is that hour, and one that would begin within this one begins now.
    """
    month = _hold(month)
    _require_announcer(by, month)
    now = clock.now()
    near = LiveHour.objects.to_come().filter(month=month, starts_at__lt=now + USUAL).order_by("starts_at")
    hour = near.first()
    if hour is None:
        assert month.space.closes_at is not None, "a month has an end"
        hour = LiveHour.objects.create(
            month=month,
            title=title.strip() or _usual_title(month),
            starts_at=now,
            ends_at=min(now + USUAL, month.space.closes_at),
            announced_by=by,
        )
    people = live_news.hold(hour, moved_to=now)
    if hour.is_ahead:
        live_news.take_back(hour)
        hour.starts_at = now
        hour.save(update_fields=["starts_at"])
    _begin(hour, people)
    return hour


def tell_due() -> int:
    """Remind of the hours that are near, tell of those that begin, and let go of those that are over.

    Returns how many of them there were.
    """
    now = clock.now()
    near = Q(cancelled_at=None, reminded_at=None, starts_at__gt=now, starts_at__lte=now + AHEAD)
    begun = Q(cancelled_at=None, begun_at=None, starts_at__lte=now, ends_at__gt=now)
    over = Q(ended_at=None, ends_at__lte=now)
    done = 0
    for pk in LiveHour.objects.filter(near | begun | over).values_list("pk", flat=True):
        try:
            done += tell(pk)
        except Exception:
            logger.exception("Live hour %s could not be told of; it is tried again in the next round", pk)
    return done


@transaction.atomic
def tell(pk: int) -> int:
    """Tell of one hour what is due, unless that is done or in other hands. Returns 1 if it was done here."""
    hour = _loaded(LiveHour.objects.all()).select_for_update(skip_locked=True, of=("self",))
    found = hour.filter(pk=pk).first()
    if found is None:
        return 0
    if found.ends_at <= clock.now() and found.ended_at is None:
        _end(found)
        return 1
    if not found.month.space.is_open:
        return 0
    if found.is_live and found.begun_at is None:
        _begin(found, live_news.hold(found))
        return 1
    if found.is_ahead and found.reminded_at is None and found.starts_at <= clock.now() + AHEAD:
        found.reminded_at = clock.now()
        found.save(update_fields=["reminded_at"])
        live_news.tell_soon(found)
        return 1
    return 0


def _begin(hour: LiveHour, people: "list[User]") -> None:
    if hour.begun_at is None:
        hour.begun_at = clock.now()
        hour.save(update_fields=["begun_at"])
        live_news.tell_begun(hour, people)


def _end(hour: LiveHour) -> None:
    hour.ended_at = clock.now()
    hour.save(update_fields=["ended_at"])
    live_news.let_go(hour)


def _require_announcer(by: "User", month: Month) -> None:
    require(can_announce(by, month), _why_not())
    require(
        month.space.is_open, gettext("The room is closed with the follow-up. Make it longer to meet there.")
    )


def _why_not() -> str:
    return gettext("Only a trainer or the coordinator can announce a live hour.")


def _require_time(
    month: Month, starts_at: dt.datetime, ends_at: dt.datetime, but: LiveHour | None = None
) -> None:
    require(starts_at > clock.now(), gettext("That is in the past. Please choose a later time."))
    require(ends_at > starts_at, gettext("It must end after it begins."))
    require(ends_at - starts_at <= LONGEST, gettext("A live hour can last four hours at most."))
    closes_at = month.space.closes_at
    if closes_at is not None and ends_at > closes_at:
        raise Refused(gettext("The follow-up ends before that. Choose an earlier day, or make it longer."))
    others = LiveHour.objects.standing().filter(month=month, starts_at__lt=ends_at, ends_at__gt=starts_at)
    if but is not None:
        others = others.exclude(pk=but.pk)
    if (other := others.first()) is not None:
        raise Refused(gettext("At that time there is “%(title)s” already.") % {"title": other.title})


def _usual_title(month: Month) -> str:
    with translation.override(month.space.language):
        return gettext("Questions and answers")


def _hold(month: Month) -> Month:
    months = Month.objects.select_for_update(of=("self",)).select_related("space__institute")
    return months.get(pk=month.pk)


def _hold_hour(hour: LiveHour) -> LiveHour:
    _hold(hour.month)
    return _loaded(LiveHour.objects.all()).select_for_update(of=("self",)).get(pk=hour.pk)


def _loaded(hours: LiveHourQuerySet) -> LiveHourQuerySet:
    return hours.select_related("month__space__institute", "announced_by")
