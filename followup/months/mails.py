"""The mails of a month. Each has a key of its own, so whoever writes it again writes nothing."""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse

from common import clock
from common.access import SYSTEM
from community.people import invitations
from community.spaces.models import Membership
from followup.months import dates, prompts
from followup.months.models import Extension, Month, MonthPrompt, Occasion
from messaging.notifications import mail_preferences, outbox

if TYPE_CHECKING:
    from community.people.models import User

TRAINER = Membership.Role.TRAINER


def tell_opened(
    month: Month, user: "User", by: "User | None", not_before: dt.datetime | None, *, trains: bool = False
) -> None:
    """That the month is there for them. Who has not joined yet gets the invitation, which leads there too."""
    if not user.email:
        return
    if user.joined_at is None:
        invitations.invite(
            user=user,
            address=user.email,
            occasion=month.space.title,
            next_path=path_of(month),
            by=by or SYSTEM,
            not_before=not_before,
        )
        return
    zone = month.space.time_zone
    now = prompts.current(list(month.prompts.all()), zone)
    # With the day: who was out and comes in again on a later one is told so.
    _post(
        f"month-opened:{month.pk}:{user.pk}:{clock.today(zone)}",
        "month-opened",
        month,
        user,
        {"prompt": now, "trains": trains},
        not_before,
    )


def take_back_opened(month: Month, users: Iterable["User"]) -> None:
    """Withdraw what `tell_opened` wrote and has not left; an invitation that only this sent stops working."""
    for user in users:
        outbox.withdraw(f"month-opened:{month.pk}:{user.pk}:")
        for invitation in user.invitations.open().filter(next_path=path_of(month)):
            invitations.take_back(invitation=invitation)


def tell_prompt(occasion: Occasion, prompt: MonthPrompt, users: Iterable["User"]) -> None:
    """What this week asks for, to everybody who has not said that they want no mail of this space."""
    users = list(users)
    scope = occasion.month.space.scope
    silent = mail_preferences.unsubscribed(scope, users)
    for user in users:
        if user.pk not in silent:
            _post_for(occasion, "month-prompt", user, {"prompt": prompt}, stop_scope=scope)


def tell_closing(occasion: Occasion, memberships: Iterable[Membership]) -> None:
    """That the end is near."""
    tomorrow = occasion.kind == Occasion.Kind.DAY_BEFORE
    for membership in memberships:
        trains = membership.role == TRAINER
        _post_for(occasion, "month-closing", membership.user, {"tomorrow": tomorrow, "trains": trains})


def tell_closed(occasion: Occasion, users: Iterable["User"]) -> None:
    """That talk is closed and doing is not. It leaves in the morning, though the end is at midnight."""
    zone = occasion.month.space.time_zone
    morning = dates.morning_of(dates.day_in(occasion.due_at, zone), zone)
    for user in users:
        _post_for(occasion, "month-closed", user, {}, not_before=morning)


def tell_awaiting(occasion: Occasion, memberships: Iterable[Membership]) -> None:
    """That their completion is not confirmed yet, and until when they are let in."""
    for membership in memberships:
        until = membership.awaiting_until
        assert until is not None
        last_day = dates.last_day_before(until, occasion.month.space.time_zone)
        _post_for(occasion, "month-awaiting", membership.user, {"awaiting_last_day": last_day})


def tell_not_confirmed(occasion: Occasion, users: Iterable["User"]) -> None:
    """That they were not confirmed in time; what they wrote stays theirs."""
    link = settings.SITE_URL + reverse("profile")
    for user in users:
        _post_for(occasion, "month-not-confirmed", user, {"own_page": link}, to_members=False)


def tell_extended(extension: Extension, users: Iterable["User"]) -> None:
    """That there is more time, and why."""
    for user in users:
        key = f"month-extended:{extension.pk}:{user.pk}:"
        _post(key, "month-extended", extension.month, user, {"extension": extension})


def ask_trainers(extension: Extension, trainers: Iterable["User"]) -> None:
    """Ask them whether they stay on hand until the later end."""
    link = settings.SITE_URL + reverse("month_extend", kwargs={"pk": extension.month_id})
    for user in trainers:
        key = f"month-asked:{extension.pk}:{user.pk}:"
        _post(key, "month-asked", extension.month, user, {"extension": extension, "answer_link": link})


def path_of(month: Month) -> str:
    """Where the month's space is."""
    return reverse("space", kwargs={"pk": month.space_id})


def _post_for(
    occasion: Occasion,
    kind: str,
    user: "User",
    context: dict[str, Any],
    not_before: dt.datetime | None = None,
    stop_scope: str = "",
    *,
    to_members: bool = True,
) -> None:
    key = f"{kind}:{occasion.pk}:{user.pk}:"
    _post(key, kind, occasion.month, user, context, not_before, stop_scope, to_members=to_members)


def _post(
    key: str,
    kind: str,
    month: Month,
    user: "User",
    context: dict[str, Any],
    not_before: dt.datetime | None = None,
    stop_scope: str = "",
    *,
    to_members: bool = True,
) -> None:
    if not user.email or user.suspended_at is not None:
        return
    outbox.post(
        key=key,
        kind=kind,
        user=user,
        address=user.email,
        language=user.language,
        zone=user.time_zone,
        context={
            "title": month.space.title,
            "name": user.first_name,
            "link": settings.SITE_URL + path_of(month),
            "last_day": month.space.last_day,
            **context,
        },
        not_before=not_before,
        stop_scope=stop_scope,
        thing=("space", month.space_id) if to_members else None,
    )
