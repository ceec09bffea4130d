"""Notifications and mails about live hours, and withdrawing them when an hour moves.

Members who only read along are not notified. The reminder has a mail of its own, because a daily digest
would be too late for it; so has a change after the reminder.
"""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse

from common import clock, visibility
from community.spaces.models import Membership, Space
from followup.live_hours.models import LiveHour
from messaging.notifications import bell, mail_preferences, outbox

if TYPE_CHECKING:
    from community.people.models import User

THING = "live-hour"


def register() -> None:
    """Register who may see which live hour."""
    visibility.register_visibility(THING, visible)


def visible(user: "User", ids: Iterable[int]) -> set[int]:
    """The ids of those hours whose space the user may see, and that are not over."""
    hours = LiveHour.objects.filter(
        pk__in=ids, ends_at__gt=clock.now(), month__space__in=Space.objects.visible_to(user)
    )
    return set(hours.values_list("pk", flat=True))


def lock_bells(hour: LiveHour, *, moved_to: dt.datetime | None = None) -> "list[User]":
    """Lock the bells of the recipients, and of everybody who was notified before, in one statement.

    Several notifications are sent and withdrawn in this transaction; if each of them took its own locks, two
    such transactions could deadlock. `moved_to` is the other time of the hour. Returns the recipients.
    """
    people = _recipients(hour)
    keys = [f"live-{kind}:{hour.pk}" for kind in ("announced", "cancelled", "now")]
    keys += [f"live-{kind}:{_version(hour, at)}" for at in (None, moved_to) for kind in ("moved", "soon")]
    bell.lock_bells(users=people, keys=keys)
    return people


def notify_announced(hour: LiveHour, by: "User") -> None:
    """Notify of a new hour."""
    _notify(hour, _recipients(hour), "live-announced", f"live-announced:{hour.pk}", by=by)


def notify_moved(hour: LiveHour, people: "list[User]", by: "User", *, reminded: bool) -> None:
    """Notify of another time; by mail too if the reminder was mailed already."""
    _notify(hour, people, "live-moved", f"live-moved:{_version(hour)}", by=by, mailed=reminded)
    if reminded:
        _post(hour, people, "live-moved", by=by)


def notify_cancelled(hour: LiveHour, people: "list[User]", by: "User") -> None:
    """Notify of a cancelled hour; by mail too if the reminder was mailed already."""
    reminded = hour.reminded_at is not None
    _notify(hour, people, "live-cancelled", f"live-cancelled:{hour.pk}", by=by, mailed=reminded)
    if reminded:
        _post(hour, people, "live-cancelled", by=by)


def notify_soon(hour: LiveHour) -> None:
    """Send the reminder, also to the person who announced the hour."""
    people = _recipients(hour)
    _notify(hour, people, "live-soon", f"live-soon:{_version(hour)}", mailed=True)
    _post(hour, people, "live-soon")


def notify_begun(hour: LiveHour, people: "list[User]") -> None:
    """Notify that the hour has begun; not by mail, which would arrive when it is over."""
    bell.withdraw(key=f"live-soon:{_version(hour)}")
    _notify(hour, people, "live-now", f"live-now:{hour.pk}", by=hour.announced_by, mailed=True)


def recount(hour: LiveHour) -> None:
    """Recount the bells once an hour is over: its notifications no longer count as unseen."""
    bell.recount(things=[(THING, hour.pk)])


def withdraw(hour: LiveHour) -> None:
    """Withdraw the notifications and unsent mails about the hour at its present time. Needs `lock_bells`."""
    for key in (f"live-announced:{hour.pk}", f"live-moved:{_version(hour)}", f"live-soon:{_version(hour)}"):
        bell.withdraw(key=key)
    outbox.withdraw(f"live-soon:{_version(hour)}:")


def mark_seen(user: "User", hours: Iterable[int]) -> None:
    """Mark the notifications of the hours with these ids as seen by a user who opened their page or the
    room."""
    bell.mark_seen(user=user, things=[(THING, hour) for hour in hours])


def _version(hour: LiveHour, at: dt.datetime | None = None) -> str:
    """The part of a key that changes with the time of the hour."""
    return f"{hour.pk}:{(at or hour.starts_at).timestamp():.0f}"


def _recipients(hour: LiveHour) -> "list[User]":
    members = Membership.objects.current().filter(
        space=hour.month.space_id, reads_along=False, user__joined_at__isnull=False, user__suspended_at=None
    )
    return [membership.user for membership in members.select_related("user").order_by("user")]


def _notify(
    hour: LiveHour,
    people: "list[User]",
    kind: str,
    key: str,
    *,
    by: "User | None" = None,
    mailed: bool = False,
) -> None:
    space = hour.month.space
    bell.notify_many(
        users=people,
        key=key,
        kind=kind,
        thing=(THING, hour.pk),
        scope=space.scope,
        path=path_of(hour),
        context={
            "title": hour.title,
            "space": space.title,
            "at": hour.starts_at.isoformat(),
            "until": hour.ends_at.isoformat(),
        },
        by=by,
        mailed=mailed,
    )


def _post(hour: LiveHour, people: "list[User]", kind: str, by: "User | None" = None) -> None:
    """Mail everybody but the user who did it and those who unsubscribed from mails of this space."""
    space = hour.month.space
    who = hour.announced_by.name if hour.announced_by else ""
    unsubscribed = mail_preferences.unsubscribed(space.scope, people)
    # An hour may be moved back to an earlier time, and that is mailed again; each key is used once.
    now = f"{clock.now().timestamp():.0f}"
    for user in people:
        if user == by or user.pk in unsubscribed or not user.email:
            continue
        context: dict[str, Any] = {
            "title": hour.title,
            "space": space.title,
            "name": user.get_short_name(),
            "who": who,
            "own": user == hour.announced_by,
            "at": hour.starts_at,
            "until": hour.ends_at,
            "link": settings.SITE_URL + path_of(hour),
        }
        outbox.post(
            key=f"{kind}:{_version(hour)}:{user.pk}:{now}:",
            kind=kind,
            user=user,
            address=user.email,
            language=user.language,
            zone=user.time_zone,
            context=context,
            expires_at=hour.ends_at,
            stop_scope=space.scope,
            thing=(THING, hour.pk),
        )


def path_of(hour: LiveHour) -> str:
    """The path of the chat room."""
    return reverse("space_room", kwargs={"pk": hour.month.space_id})
