"""Announcing, moving and cancelling live hours, in which a trainer is in the chat room.

Members are notified of each change. The jobs remind them half an hour before an hour begins and notify them
when it does, each in one transaction with its mark, so that it is done once even if a process is killed.
Locks are taken in the order month, hour, room, bells.
"""

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from common import clock
from common.access import Refused, require
from followup.live_hours import news
from followup.live_hours.models import LiveHour, LiveHourQuerySet
from followup.live_hours.permissions import can_announce
from followup.months.actions import lock_month
from followup.months.models import Month
from messaging.chat import actions as chat

if TYPE_CHECKING:
    from community.people.models import User

DEFAULT_LENGTH = dt.timedelta(hours=1)
MAX_LENGTH = dt.timedelta(hours=4)
REMINDER_LEAD = dt.timedelta(minutes=30)
"""How long before an hour the members are reminded of it."""


@transaction.atomic
def announce(
    *, month: Month, title: str, starts_at: dt.datetime, ends_at: dt.datetime, by: "User"
) -> LiveHour:
    """Announce a live hour in the chat room, and notify the members. Idempotent.

    Raises Refused for everybody but trainers and coordinators, in a closed month, and for a time that is
    in the past, too long, after the month's end or overlapping. Returns the hour.
    """
    month = lock_month(month)
    _require_announcer(by, month)
    announced = LiveHour.objects.not_cancelled().filter(
        month=month, title=title.strip(), starts_at=starts_at, ends_at=ends_at, announced_by=by
    )
    if (first := announced.first()) is not None:
        return first
    _require_time(month, starts_at, ends_at)
    hour = LiveHour.objects.create(
        month=month, title=title.strip(), starts_at=starts_at, ends_at=ends_at, announced_by=by
    )
    _notice_change(hour)
    news.notify_announced(hour, by)
    return hour


@transaction.atomic
def move(*, hour: LiveHour, title: str, starts_at: dt.datetime, ends_at: dt.datetime, by: "User") -> LiveHour:
    """Change time or title of an hour that has not begun, and notify the members if the time changed.

    Raises Refused like `announce`, and once the hour has begun. Returns the hour.
    """
    hour = _lock_hour(hour)
    _require_announcer(by, hour.month)
    require(hour.is_ahead, gettext("This hour has already started, so it can’t be moved."))
    moved = (hour.starts_at, hour.ends_at) != (starts_at, ends_at)
    if moved:
        _require_time(hour.month, starts_at, ends_at, exclude=hour)
        _notice_change(hour)
        people = news.lock_bells(hour, moved_to=starts_at)
        news.withdraw(hour)
    reminded = hour.reminded_at is not None
    hour.title = title.strip()
    if moved:
        hour.starts_at, hour.ends_at, hour.reminded_at = starts_at, ends_at, None
    hour.save(update_fields=["title", "starts_at", "ends_at", "reminded_at"])
    if moved:
        news.notify_moved(hour, people, by, reminded=reminded)
    return hour


@transaction.atomic
def cancel(*, hour: LiveHour, by: "User") -> LiveHour:
    """Cancel an hour and notify the members; one that is going on ends now. Idempotent.

    Raises Refused for everybody but trainers and coordinators. Returns the hour.
    """
    hour = _lock_hour(hour)
    require(can_announce(by, hour.month), _refusal())
    if hour.is_live:
        hour.ends_at = clock.now()
        hour.save(update_fields=["ends_at"])
        end(hour)
    elif hour.is_ahead:
        hour.cancelled_at, hour.cancelled_by = clock.now(), by
        hour.save(update_fields=["cancelled_at", "cancelled_by"])
        _notice_change(hour)
        people = news.lock_bells(hour)
        news.withdraw(hour)
        news.notify_cancelled(hour, people, by)
    return hour


@transaction.atomic
def go_live(*, month: Month, by: "User", title: str = "") -> LiveHour:
    """Begin an hour now and notify the members. Returns it.

    If an hour is going on, it is that one; one that would begin within the next hour begins now. Raises
    Refused for everybody but trainers and coordinators, and in a closed month.
    """
    month = lock_month(month)
    _require_announcer(by, month)
    now = clock.now()
    # Locked before the room, as the job does that begins an hour at its time; it may just have done so.
    upcoming = lock_hours().to_come().filter(month=month, starts_at__lt=now + DEFAULT_LENGTH)
    hour = upcoming.order_by("starts_at").first()
    if hour is not None:
        hour.month = month
    else:
        assert month.space.closes_at is not None, "a month has an end"
        hour = LiveHour.objects.create(
            month=month,
            title=title.strip() or _default_title(month),
            starts_at=now,
            ends_at=min(now + DEFAULT_LENGTH, month.space.closes_at),
            announced_by=by,
        )
    begin(hour, starts_at=now)
    return hour


def begin(hour: LiveHour, *, starts_at: dt.datetime | None = None) -> None:
    """Mark an hour as begun and notify the members, once; one that is ahead begins at `starts_at`."""
    if hour.begun_at is not None:
        return
    _notice_change(hour)
    people = news.lock_bells(hour, moved_to=starts_at)
    if starts_at is not None and hour.is_ahead:
        news.withdraw(hour)
        hour.starts_at = starts_at
    hour.begun_at = clock.now()
    hour.save(update_fields=["starts_at", "begun_at"])
    news.notify_begun(hour, people)


def end(hour: LiveHour) -> None:
    """Mark an hour as over; its notifications no longer count as unseen."""
    hour.ended_at = clock.now()
    hour.save(update_fields=["ended_at"])
    _notice_change(hour)
    news.recount(hour)


def _notice_change(hour: LiveHour) -> None:
    """Let the pages that are open show the hours of this month anew."""
    chat.notice_change(room=hour.month.space.room)


def _require_announcer(by: "User", month: Month) -> None:
    require(can_announce(by, month), _refusal())
    require(month.space.is_open, gettext("The chat closed with the follow-up. Extend it to meet there."))


def _refusal() -> str:
    return gettext("Only a trainer or the coordinator can announce a live hour.")


def _require_time(
    month: Month, starts_at: dt.datetime, ends_at: dt.datetime, exclude: LiveHour | None = None
) -> None:
    require(starts_at > clock.now(), gettext("That’s in the past. Please choose a later time."))
    require(ends_at > starts_at, gettext("It must end after it starts."))
    require(ends_at - starts_at <= MAX_LENGTH, gettext("A live hour can last four hours at most."))
    closes_at = month.space.closes_at
    if closes_at is not None and ends_at > closes_at:
        raise Refused(gettext("The follow-up ends before that. Choose an earlier day, or extend it."))
    overlapping = LiveHour.objects.not_cancelled().filter(
        month=month, starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    if exclude is not None:
        overlapping = overlapping.exclude(pk=exclude.pk)
    if (other := overlapping.first()) is not None:
        raise Refused(gettext("“%(title)s” is already scheduled for that time.") % {"title": other.title})


def _default_title(month: Month) -> str:
    with translation.override(month.space.language):
        return gettext("Questions and answers")


def _lock_hour(hour: LiveHour) -> LiveHour:
    month = lock_month(hour.month)
    hour = lock_hours().get(pk=hour.pk)
    hour.month = month
    return hour


def lock_hours(*, skip_locked: bool = False) -> LiveHourQuerySet:
    """Live hours whose rows are locked when they are read, with what their notifications need."""
    hours = LiveHour.objects.select_for_update(of=("self",), skip_locked=skip_locked)
    return hours.select_related("month__space__institute", "month__space__room", "announced_by")
