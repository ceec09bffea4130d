"""The mails of a month. Each has a unique key, so posting it twice posts it once."""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from django.conf import settings
from django.urls import reverse

from common import clock
from common.access import System
from community.people import invitations
from community.spaces.models import Membership
from followup.courses.roles import SpaceRole
from followup.months import dates, prompts
from followup.months.models import Extension, Month, MonthPrompt, Occasion
from followup.months.queries import has_trainer
from followup.months.reminders import END_KINDS
from messaging.notifications import mail_preferences, outbox

if TYPE_CHECKING:
    from community.people.models import User

TRAINER = SpaceRole.TRAINER
INVITED_LATELY = dt.timedelta(days=7)
"""A trainer who was invited to the group within this time gets no second invitation when its month opens."""


def post_opened(
    month: Month,
    user: "User",
    by: "User | System",
    not_before: dt.datetime | None,
    *,
    trains: bool = False,
) -> None:
    """Mail a new member that the month is open; a user who has not joined yet gets an invitation instead."""
    if not user.email:
        return
    if user.joined_at is None:
        if trains and user.invitations.open().filter(invited_at__gt=clock.now() - INVITED_LATELY).exists():
            # The invitation to train the group is in the mailbox already.
            return
        invitations.invite(
            user=user,
            address=user.email,
            occasion=month.space.title,
            next_path=path_of(month),
            by=by,
            not_before=not_before,
        )
        return
    zone = month.space.time_zone
    prompt = prompts.current(list(month.prompts.all()), zone)
    # The day is part of the key, so that a member who is readmitted on a later day gets the mail again.
    _post(
        f"month-opened:{month.pk}:{user.pk}:{clock.today(zone)}",
        "month-opened",
        month,
        user,
        opened_context(
            month.space.title,
            user,
            month.space.last_day,
            prompt,
            link_to(month),
            trains=trains,
            on_hand=has_trainer(month),
        ),
        not_before,
    )


def opened_context(
    title: str,
    user: "User",
    last_day: dt.date,
    prompt: MonthPrompt | prompts.PromptText | None,
    link: str,
    *,
    trains: bool = False,
    on_hand: bool = True,
) -> dict[str, Any]:
    """The template context of the mail that a month is open; a preview uses it before there is a month."""
    return {
        "title": title,
        "name": user.get_short_name(),
        "link": link,
        "last_day": last_day,
        "prompt": prompt,
        "trains": trains,
        "on_hand": on_hand,
    }


def withdraw_opened(month: Month, users: Iterable["User"]) -> None:
    """Withdraw unsent mails of `post_opened`; an invitation sent only for this is revoked."""
    for user in users:
        outbox.withdraw(f"month-opened:{month.pk}:{user.pk}:")
        for invitation in user.invitations.open().filter(next_path=path_of(month)):
            invitations.undo(invitation=invitation)


def withdraw_end(month: Month) -> None:
    """Withdraw unsent mails about an end that is another one now."""
    done = month.occasions.filter(kind__in=END_KINDS, done_at__isnull=False)
    for pk in done.values_list("pk", flat=True):
        outbox.withdraw(f"month-closing:{pk}:")
        outbox.withdraw(f"month-closed:{pk}:")
    for pk in month.extensions.values_list("pk", flat=True):
        outbox.withdraw(f"month-extended:{pk}:")
        outbox.withdraw(f"month-asked:{pk}:")


def post_prompt(occasion: Occasion, prompt: MonthPrompt, users: Iterable["User"]) -> None:
    """Send this week's prompt to everybody who has not unsubscribed from mails of this space."""
    users = list(users)
    scope = occasion.month.space.scope
    unsubscribed = mail_preferences.unsubscribed(scope, users)
    for user in users:
        if user.pk not in unsubscribed:
            _post_for(
                occasion,
                "month-prompt",
                user,
                {"prompt": prompt},
                expires_at=occasion.due_at + prompts.MAX_DELAY,
                stop_scope=scope,
            )


def post_closing(occasion: Occasion, memberships: Iterable[Membership]) -> None:
    """Mail that the end is near."""
    on_hand = has_trainer(occasion.month)
    for membership in memberships:
        trains = membership.role == TRAINER
        context = {"trains": trains, "on_hand": on_hand}
        end = occasion.month.space.closes_at
        _post_for(occasion, "month-closing", membership.user, context, expires_at=end)


def post_closed(occasion: Occasion, users: Iterable["User"]) -> None:
    """Mail that talk is closed. The end is at midnight; the mail is sent in the morning."""
    zone = occasion.month.space.time_zone
    morning = dates.morning_of(dates.day_in(occasion.due_at, zone), zone)
    for user in users:
        _post_for(occasion, "month-closed", user, {}, not_before=morning)


def post_awaiting(occasion: Occasion, memberships: Iterable[Membership]) -> None:
    """Mail that their completion is not confirmed yet, and until when they have access."""
    for membership in memberships:
        until = membership.awaiting_until
        assert until is not None
        last_day = dates.last_day_before(until, occasion.month.space.time_zone)
        context = {"awaiting_last_day": last_day}
        _post_for(occasion, "month-awaiting", membership.user, context, expires_at=until)


def post_not_confirmed(occasion: Occasion, users: Iterable["User"]) -> None:
    """Mail that they were not confirmed in time; also to people who are no longer members."""
    link = settings.SITE_URL + reverse("profile")
    for user in users:
        _post_for(occasion, "month-not-confirmed", user, {"own_page": link}, to_members=False)


def post_extended(extension: Extension, users: Iterable["User"]) -> None:
    """Mail that there is more time, and why."""
    for user in users:
        _post_for(extension, "month-extended", user, {"extension": extension})


def post_question_to_trainers(extension: Extension, trainers: Iterable["User"]) -> None:
    """Ask the trainers by mail whether they stay on hand until the later end."""
    link = settings.SITE_URL + reverse("month_extend", kwargs={"pk": extension.month_id})
    for user in trainers:
        _post_for(extension, "month-asked", user, {"extension": extension, "answer_link": link})


def path_of(month: Month) -> str:
    """The path of the month's space."""
    return reverse("space", kwargs={"pk": month.space_id})


def link_to(month: Month) -> str:
    """The absolute URL of the month's space."""
    return settings.SITE_URL + path_of(month)


class _Options(TypedDict, total=False):
    not_before: dt.datetime | None
    stop_scope: str
    expires_at: dt.datetime | None
    to_members: bool


def _post_for(
    about: Occasion | Extension, kind: str, user: "User", context: dict[str, Any], **options: Unpack[_Options]
) -> None:
    _post(f"{kind}:{about.pk}:{user.pk}:", kind, about.month, user, context, **options)


def _post(
    key: str,
    kind: str,
    month: Month,
    user: "User",
    context: dict[str, Any],
    not_before: dt.datetime | None = None,
    stop_scope: str = "",
    *,
    expires_at: dt.datetime | None = None,
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
            "name": user.get_short_name(),
            "link": link_to(month),
            "last_day": month.space.last_day,
            **context,
        },
        not_before=not_before,
        expires_at=expires_at,
        stop_scope=stop_scope,
        thing=("space", month.space_id) if to_members else None,
    )
