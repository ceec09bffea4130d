"""How often a user gets mail about a scope: at once, once a day or never; and the signed link in a mail that
changes it without a sign-in.

A scope (`space:3`) is something that mails are about and that a user can unsubscribe from. The subjects that
own scopes register which of them belong to a user.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from common import clock
from messaging.notifications.models import Mail, MailPreference, Notification

if TYPE_CHECKING:
    from community.people.models import User

Frequency = MailPreference.Frequency
DEFAULT_FREQUENCY = Frequency.DAILY
EVERYWHERE = "everywhere"
"""The scope of a mail that is about several scopes."""
SALT = "messaging.notifications.pace"
"""Links in old mails are signed with it, so the value must not change."""


@dataclass(frozen=True)
class MailScope:
    """Something that mails are about, with its title and its page."""

    scope: str
    title: str
    path: str
    days: tuple[dt.date, dt.date] | None = None
    """Its first and last day: two of them may have the same title."""


ScopesOf = Callable[[list[int]], Iterable[tuple[int, MailScope]]]
_registered: dict[str, ScopesOf] = {}


def register_scopes(kind: str, scopes_of_kind: ScopesOf) -> None:
    """Register the function that returns which scopes of a kind belong to which of these users now, for each
    user in the order in which they are listed."""
    _registered[kind] = scopes_of_kind


def scopes_of(user: "User") -> dict[str, MailScope]:
    """The scopes that belong to the person now, by name."""
    return scopes_of_all([user.pk])[user.pk]


def scopes_of_all(users: Iterable[int]) -> dict[int, dict[str, MailScope]]:
    """The scopes that belong to each of these users now, by name."""
    found: dict[int, dict[str, MailScope]] = {user: {} for user in users}
    for scopes_of_kind in _registered.values():
        for user, each in scopes_of_kind(list(found)):
            found[user][each.scope] = each
    return found


def frequencies_of(user: "User") -> dict[str, str]:
    """The frequencies that the person set, by scope; a missing scope has `DEFAULT_FREQUENCY`."""
    return frequencies_of_all([user.pk])[user.pk]


def frequencies_of_all(users: Iterable[int]) -> dict[int, dict[str, str]]:
    """The frequencies that each of these users set, by scope."""
    found: dict[int, dict[str, str]] = {user: {} for user in users}
    chosen = MailPreference.objects.filter(user__in=found)
    for user, scope, frequency in chosen.values_list("user", "scope", "frequency"):
        found[user][scope] = frequency
    return found


def frequency_of(user: "User", scope: str) -> str:
    """How often the person wants mail about a scope."""
    return frequencies_of(user).get(scope, DEFAULT_FREQUENCY)


def unsubscribed(scope: str, users: Iterable["User"]) -> set[int]:
    """The ids of those of these people who want no mail about a scope."""
    never = MailPreference.objects.filter(
        scope=scope, frequency=Frequency.NEVER, user__in=[user.pk for user in users]
    )
    return set(never.values_list("user_id", flat=True))


def unsubscribed_scopes(users: Iterable[int]) -> set[tuple[int, str]]:
    """The scopes about which these people want no mail, each with the id of who does not."""
    never = MailPreference.objects.filter(frequency=Frequency.NEVER, user__in=list(users))
    return set(never.values_list("user_id", "scope"))


@transaction.atomic
def set_frequency(*, user: "User", scope: str, frequency: str) -> None:
    """Set how often the person gets mail about a scope. Idempotent. Raises ValueError for an unknown
    frequency."""
    before = frequency_of(user, scope)
    if before == frequency:
        return
    MailPreference.objects.update_or_create(
        user=user, scope=scope, defaults={"frequency": Frequency(frequency), "chosen_at": clock.now()}
    )
    if frequency == Frequency.NEVER:
        _delete_unsent(user, scope)
    unmailed = Notification.objects.filter(user=user, scope=scope, mailed_at=None)
    if before == Frequency.NEVER:
        # Notifications from the time without mail are not mailed afterwards.
        unmailed.update(mailed_at=clock.now())
    else:
        unmailed.update(mail_due_at=clock.now())


@transaction.atomic
def unsubscribe(*, user: "User", scope: str) -> None:
    """Send no more mail about one scope, or with `EVERYWHERE` about all that are mailed once a day.

    Idempotent.
    """
    if scope != EVERYWHERE:
        set_frequency(user=user, scope=scope, frequency=Frequency.NEVER)
        return
    _delete_unsent(user, EVERYWHERE)
    frequencies = frequencies_of(user)
    for each in scopes_of(user):
        if frequencies.get(each, DEFAULT_FREQUENCY) == Frequency.DAILY:
            set_frequency(user=user, scope=each, frequency=Frequency.NEVER)


def _delete_unsent(user: "User", scope: str) -> None:
    """Delete unsent mails; one that a worker has claimed is still sent."""
    unsent = Mail.objects.filter(user=user, stop_scope=scope, sent_at=None, given_up_at=None)
    unsent.exclude(claimed_until__gt=clock.now()).delete()


def unsubscribe_link(user_pk: int, scope: str) -> str:
    """The URL at which this person's mail preference for a scope is changed without a sign-in."""
    signed = signing.dumps([user_pk, scope], salt=SALT)
    return settings.SITE_URL + reverse("mail_stop", kwargs={"signed": signed})


def read_unsubscribe_link(signed: str) -> tuple[int, str]:
    """The user id and the scope in the signed part of such a URL, which never expires.

    Raises `signing.BadSignature`.
    """
    user_pk, scope = signing.loads(signed, salt=SALT)
    return user_pk, scope
