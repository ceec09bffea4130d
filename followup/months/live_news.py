"""Who is told of live hours, by the bell and by mail, and what of it is taken back when an hour moves.

Who only reads along is not called. The reminder has a letter of its own, since once a day would be too late
for it; so has a change after the reminder.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse

from common import clock, things
from community.spaces.models import Membership, Space
from followup.months.models import LiveHour
from messaging.notifications import bell, outbox, pace

if TYPE_CHECKING:
    from community.people.models import User

THING = "live-hour"


def register() -> None:
    """Say who may hear of which live hour."""
    things.answer_for(THING, visible)


def visible(user: "User", ids: Iterable[int]) -> set[int]:
    """Those of these hours whose space the person sees. One that is over, or would be, is no news."""
    hours = LiveHour.objects.filter(
        pk__in=ids, ends_at__gt=clock.now(), month__space__in=Space.objects.visible_to(user)
    )
    return set(hours.values_list("pk", flat=True))


def tell_announced(hour: LiveHour, by: "User") -> None:
    """That there will be an hour."""
    _tell(hour, "live-announced", f"live-announced:{hour.pk}", by=by)


def tell_moved(hour: LiveHour, by: "User", *, reminded: bool) -> None:
    """That it is at another time; by letter too where a letter has called people already."""
    _tell(hour, "live-moved", f"live-moved:{_moment(hour)}", by=by, mailed=reminded)
    if reminded:
        _write(hour, "live-moved", by=by)


def tell_cancelled(hour: LiveHour, by: "User") -> None:
    """That it will not be; by letter too where a letter has called people already."""
    reminded = hour.reminded_at is not None
    _tell(hour, "live-cancelled", f"live-cancelled:{hour.pk}", by=by, mailed=reminded)
    if reminded:
        _write(hour, "live-cancelled", by=by)


def tell_soon(hour: LiveHour) -> None:
    """The reminder, which who announced it needs as well."""
    _tell(hour, "live-soon", f"live-soon:{_moment(hour)}", mailed=True)
    _write(hour, "live-soon")


def tell_begun(hour: LiveHour) -> None:
    """That somebody is there now. A mail about it would come when it is over."""
    soon = f"live-soon:{_moment(hour)}"
    bell.hold(users=_people(hour), keys=[soon])
    bell.withdraw(key=soon)
    _tell(hour, "live-now", f"live-now:{hour.pk}", by=hour.announced_by, mailed=True)


def let_go(hour: LiveHour) -> None:
    """The hour is over: what bells still have of it counts no more."""
    bell.reconsider(things=[(THING, hour.pk)])


def take_back(hour: LiveHour) -> None:
    """What was told of the hour as it was is no news any more, and no letter about it leaves.

    Something else is told in the same transaction, so everybody's bell is held from here.
    """
    keys = (f"live-announced:{hour.pk}", f"live-moved:{_moment(hour)}", f"live-soon:{_moment(hour)}")
    bell.hold(users=_people(hour), keys=keys)
    for key in keys:
        bell.withdraw(key=key)
    outbox.withdraw(f"live-soon:{_moment(hour)}:")


def seen(user: "User", hours: Iterable[LiveHour]) -> None:
    """The person has opened the page where these hours stand, or the room."""
    bell.seen(user=user, things=[(THING, hour.pk) for hour in hours])


def _moment(hour: LiveHour) -> str:
    """The hour as it is now: at another time it is something else to be told."""
    return f"{hour.pk}:{hour.starts_at.timestamp():.0f}"


def _people(hour: LiveHour) -> "list[User]":
    members = Membership.objects.current().filter(
        space=hour.month.space_id, reads_along=False, user__joined_at__isnull=False, user__suspended_at=None
    )
    return [one.user for one in members.select_related("user").order_by("user")]


def _tell(hour: LiveHour, kind: str, key: str, *, by: "User | None" = None, mailed: bool = False) -> None:
    space = hour.month.space
    bell.notify_many(
        users=_people(hour),
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


def _write(hour: LiveHour, kind: str, by: "User | None" = None) -> None:
    """A letter to everybody but who did it and who wants no mail of this space."""
    space = hour.month.space
    who = hour.announced_by.name if hour.announced_by else ""
    people = _people(hour)
    silent = pace.silent(space.scope, people)
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
        )


def path_of(hour: LiveHour) -> str:
    """Where it takes place."""
    return reverse("space_room", kwargs={"pk": hour.month.space_id})
