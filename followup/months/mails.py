"""The mails of a month. Each has a unique key, so posting it twice posts it once."""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from django.conf import settings
from django.urls import reverse

from common import clock
from common.access import System
from community.people import invitations
from community.people.destinations import Destination
from community.people.models import Invitation
from community.spaces.models import Membership
from followup.courses.roles import SpaceRole
from followup.months import dates, destinations, prompts
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
    users: "Iterable[User]",
    by: "User | System",
    not_before: dt.datetime | None,
    *,
    trains: bool = False,
) -> None:
    """Mail new members that the month is open; those who have not joined yet get an invitation instead."""
    users = [user for user in users if user.email]
    _invite(month, [user for user in users if user.joined_at is None], by, not_before, trains=trains)
    if not (joined := [user for user in users if user.joined_at is not None]):
        return
    zone = month.space.time_zone
    prompt = prompts.current(list(month.prompts.all()), zone)
    # The day is part of the key, so that a member who is readmitted on a later day gets the mail again.
    keys = f"month-opened:{month.pk}:{{}}:{clock.today(zone)}"
    # Who trains is told who else does.
    for readers in [[user] for user in joined] if trains else [joined]:
        context = opened_context(
            month.space.title,
            destinations.follow_up_of(month, readers[0] if trains else None),
            prompt,
            link_to(month),
            trains=trains,
            on_hand=has_trainer(month),
        )
        _post_all(keys, "month-opened", month, readers, context, not_before)


def _invite(
    month: Month, users: "list[User]", by: "User | System", not_before: dt.datetime | None, *, trains: bool
) -> None:
    if trains and users:
        # The invitation to train the group is in their mailbox already.
        lately = Invitation.objects.open().filter(user__in=users, invited_at__gt=clock.now() - INVITED_LATELY)
        invited = set(lately.values_list("user_id", flat=True))
        users = [user for user in users if user.pk not in invited]
    if users:
        invitations.invite_all(
            people=[(user, user.email) for user in users],
            occasion=month.space.title,
            next_path=path_of(month),
            by=by,
            not_before=not_before,
        )


def opened_context(
    title: str,
    about: Destination,
    prompt: MonthPrompt | prompts.PromptText | None,
    link: str,
    *,
    trains: bool = False,
    on_hand: bool = True,
) -> dict[str, Any]:
    """The template context of the mail that a month is open, without the reader's name; a preview uses it
    before there is a month."""
    return {
        "title": title,
        "link": link,
        "about": about,
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
    _post_for(
        occasion,
        "month-prompt",
        [user for user in users if user.pk not in unsubscribed],
        {"prompt": prompt},
        expires_at=occasion.due_at + prompts.MAX_DELAY,
        stop_scope=scope,
    )


def post_closing(occasion: Occasion, memberships: Iterable[Membership]) -> None:
    """Mail that the end is near."""
    on_hand, end = has_trainer(occasion.month), occasion.month.space.closes_at
    memberships = list(memberships)
    for trains in (False, True):
        users = [each.user for each in memberships if (each.role == TRAINER) == trains]
        context = {"trains": trains, "on_hand": on_hand}
        _post_for(occasion, "month-closing", users, context, expires_at=end)


def post_closed(occasion: Occasion, users: Iterable["User"]) -> None:
    """Mail that talk is closed. The end is at midnight; the mail is sent in the morning."""
    zone = occasion.month.space.time_zone
    morning = dates.morning_of(dates.day_in(occasion.due_at, zone), zone)
    _post_for(occasion, "month-closed", users, {}, not_before=morning)


def post_awaiting(occasion: Occasion, memberships: Iterable[Membership]) -> None:
    """Mail that their completion is not confirmed yet, and until when they have access."""
    by_end: dict[dt.datetime, list[User]] = {}
    for membership in memberships:
        assert membership.awaiting_until is not None
        by_end.setdefault(membership.awaiting_until, []).append(membership.user)
    for until, users in by_end.items():
        context = {"awaiting_last_day": dates.last_day_before(until, occasion.month.space.time_zone)}
        _post_for(occasion, "month-awaiting", users, context, expires_at=until)


def post_not_confirmed(occasion: Occasion, users: Iterable["User"]) -> None:
    """Mail that they were not confirmed in time; also to people who are no longer members."""
    link = settings.SITE_URL + reverse("profile")
    _post_for(occasion, "month-not-confirmed", users, {"own_page": link}, to_members=False)


def post_extended(extension: Extension, users: Iterable["User"]) -> None:
    """Mail that there is more time, and why."""
    _post_for(extension, "month-extended", users, {"extension": extension})


def post_question_to_trainers(extension: Extension, trainers: Iterable["User"]) -> None:
    """Ask the trainers by mail whether they stay on hand until the later end."""
    link = settings.SITE_URL + reverse("month_extend", kwargs={"pk": extension.month_id})
    _post_for(extension, "month-asked", trainers, {"extension": extension, "answer_link": link})


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
    about: Occasion | Extension,
    kind: str,
    users: "Iterable[User]",
    context: dict[str, Any],
    **options: Unpack[_Options],
) -> None:
    _post_all(f"{kind}:{about.pk}:{{}}:", kind, about.month, users, context, **options)


def _post_all(
    keys: str,
    kind: str,
    month: Month,
    users: "Iterable[User]",
    context: dict[str, Any],
    not_before: dt.datetime | None = None,
    stop_scope: str = "",
    *,
    expires_at: dt.datetime | None = None,
    to_members: bool = True,
) -> None:
    """Post the same mail to each of these users. `keys` has a place for the user's id."""
    context = {
        "title": month.space.title,
        "link": link_to(month),
        "last_day": month.space.last_day,
        **context,
    }
    outbox.post_all(
        outbox.Letter(
            key=keys.format(user.pk),
            kind=kind,
            user=user,
            address=user.email,
            language=user.language,
            zone=user.time_zone,
            context=context,
            personal={"name": user.get_short_name()},
            not_before=not_before,
            expires_at=expires_at,
            stop_scope=stop_scope,
            thing=("space", month.space_id) if to_members else None,
        )
        for user in users
        if user.email and user.suspended_at is None
    )
