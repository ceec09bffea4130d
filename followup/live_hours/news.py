"""Who is told of live hours, by the bell and by mail, and what of it is taken back when an hour moves.

Who only reads along is not called. The reminder has a letter of its own, since once a day would be too late
for it; so has a change after the reminder.
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
    """Say who may hear of which live hour."""
    visibility.register_visibility(THING, visible)


def visible(user: "User", ids: Iterable[int]) -> set[int]:
    """Those of these hours whose space the person sees. One that is over, or would be, is no news."""
    hours = LiveHour.objects.filter(
        pk__in=ids, ends_at__gt=clock.now(), month__space__in=Space.objects.visible_to(user)
    )
    return set(hours.values_list("pk", flat=True))


def hold(hour: LiveHour, *, moved_to: dt.datetime | None = None) -> "list[User]":
    """Who hears of the hour. Their bells are held until the end of the transaction, and with them those of
    all who heard of it before, as it is or at the other time: several things are told and taken back, and
    held anew for each of them, two who do so could wait for each other."""
    people = _people(hour)
    keys = [f"live-{kind}:{hour.pk}" for kind in ("announced", "cancelled", "now")]
    keys += [f"live-{kind}:{_moment(hour, at)}" for at in (None, moved_to) for kind in ("moved", "soon")]
    bell.lock_bells(users=people, keys=keys)
    return people


def tell_announced(hour: LiveHour, by: "User") -> None:
    """That there will be an hour."""
    _tell(hour, _people(hour), "live-announced", f"live-announced:{hour.pk}", by=by)


def tell_moved(hour: LiveHour, people: "list[User]", by: "User", *, reminded: bool) -> None:
    """That it is at another time; by letter too where a letter has called people already."""
    _tell(hour, people, "live-moved", f"live-moved:{_moment(hour)}", by=by, mailed=reminded)
    if reminded:
        _write(hour, people, "live-moved", by=by)


def tell_cancelled(hour: LiveHour, people: "list[User]", by: "User") -> None:
    """That it will not be; by letter too where a letter has called people already."""
    reminded = hour.reminded_at is not None
    _tell(hour, people, "live-cancelled", f"live-cancelled:{hour.pk}", by=by, mailed=reminded)
    if reminded:
        _write(hour, people, "live-cancelled", by=by)


def tell_soon(hour: LiveHour) -> None:
    """The reminder, which who announced it needs as well."""
    people = _people(hour)
    _tell(hour, people, "live-soon", f"live-soon:{_moment(hour)}", mailed=True)
    _write(hour, people, "live-soon")


def tell_begun(hour: LiveHour, people: "list[User]") -> None:
    """That somebody is there now. A mail about it would come when it is over."""
    bell.withdraw(key=f"live-soon:{_moment(hour)}")
    _tell(hour, people, "live-now", f"live-now:{hour.pk}", by=hour.announced_by, mailed=True)


def let_go(hour: LiveHour) -> None:
    """The hour is over: what bells still have of it counts no more."""
    bell.recount(things=[(THING, hour.pk)])


def take_back(hour: LiveHour) -> None:
    """What was told of the hour as it was is no news any more, and no letter about it leaves. Bells are held
    already."""
    for key in (f"live-announced:{hour.pk}", f"live-moved:{_moment(hour)}", f"live-soon:{_moment(hour)}"):
        bell.withdraw(key=key)
    outbox.withdraw(f"live-soon:{_moment(hour)}:")


def seen(user: "User", hours: Iterable[LiveHour]) -> None:
    """The person has opened the page where these hours stand, or the room."""
    bell.mark_seen(user=user, things=[(THING, hour.pk) for hour in hours])


def _moment(hour: LiveHour, at: dt.datetime | None = None) -> str:
    """The hour as it is now, or would be then: at another time it is something else to be told."""
    return f"{hour.pk}:{(at or hour.starts_at).timestamp():.0f}"


def _people(hour: LiveHour) -> "list[User]":
    members = Membership.objects.current().filter(
        space=hour.month.space_id, reads_along=False, user__joined_at__isnull=False, user__suspended_at=None
    )
    return [one.user for one in members.select_related("user").order_by("user")]


def _tell(
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


def _write(hour: LiveHour, people: "list[User]", kind: str, by: "User | None" = None) -> None:
    """A letter to everybody but who did it and who wants no mail of this space."""
    space = hour.month.space
    who = hour.announced_by.name if hour.announced_by else ""
    silent = mail_preferences.unsubscribed(space.scope, people)
    # An hour may come back to a time it had before, and that is told again. Once each is the row's own rule.
    now = f"{clock.now().timestamp():.0f}"
    for user in people:
        if user == by or user.pk in silent or not user.email:
            continue
        context: dict[str, Any] = {
            "title": hour.title,
            "space": space.title,
            "name": user.first_name,
            "who": who,
            "own": user == hour.announced_by,
            "at": hour.starts_at,
            "until": hour.ends_at,
            "link": settings.SITE_URL + path_of(hour),
        }
        outbox.post(
            key=f"{kind}:{_moment(hour)}:{user.pk}:{now}:",
            kind=kind,
            user=user,
            address=user.email,
            language=user.language,
            zone=user.time_zone,
            context=context,
            stop_scope=space.scope,
            thing=(THING, hour.pk),
        )


def path_of(hour: LiveHour) -> str:
    """Where it takes place."""
    return reverse("space_room", kwargs={"pk": hour.month.space_id})
