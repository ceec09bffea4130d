"""How often somebody wants mail about a place: at once, once a day or never; and the link in a mail that
changes it without signing in.

A place is named by its scope (`space:3`). The subjects that own places say which of them are somebody's.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from common import clock
from messaging.notifications.models import Mail, MailChoice, Notification

if TYPE_CHECKING:
    from community.people.models import User

Pace = MailChoice.Pace
USUAL = Pace.DAILY
EVERYWHERE = "everywhere"
"""The scope of a mail that tells of several places."""
SALT = "messaging.notifications.pace"


@dataclass(frozen=True)
class Place:
    """Somewhere that may be told of by mail."""

    scope: str
    title: str
    path: str


Places = Callable[[Any], Iterable[Place]]
_answers: dict[str, Places] = {}


def answer_for(kind: str, places: Places) -> None:
    """Let a subject say which places of its kind are somebody's now."""
    _answers[kind] = places


def places_of(user: "User") -> dict[str, Place]:
    """The places that are the person's now, by scope."""
    return {place.scope: place for places in _answers.values() for place in places(user)}


def paces_of(user: "User") -> dict[str, str]:
    """What the person chose, by scope; what is not there is `USUAL`."""
    return dict(MailChoice.objects.filter(user=user).values_list("scope", "pace"))


def pace_of(user: "User", scope: str) -> str:
    """How often the person wants mail about a place."""
    return paces_of(user).get(scope, USUAL)


def silent(scope: str, users: Iterable["User"]) -> set[int]:
    """Who of these people wants no mail about a place."""
    none = MailChoice.objects.filter(scope=scope, pace=Pace.NEVER, user__in=[user.pk for user in users])
    return set(none.values_list("user_id", flat=True))


@transaction.atomic
def choose(*, user: "User", scope: str, pace: str) -> None:
    """Have mail about a place so often from now on. Choosing the same again changes nothing."""
    before = pace_of(user, scope)
    if before == pace:
        return
    MailChoice.objects.update_or_create(
        user=user, scope=scope, defaults={"pace": Pace(pace), "chosen_at": clock.now()}
    )
    if pace == Pace.NEVER:
        _take_back(user, scope)
    if before == Pace.NEVER:
        # What came while they wanted no mail is not sent after them.
        kept_back = Notification.objects.filter(user=user, scope=scope, mailed_at=None)
        kept_back.update(mailed_at=clock.now())


@transaction.atomic
def stop(*, user: "User", scope: str) -> None:
    """No more mail of this kind: about one place, or from everywhere that is told of once a day."""
    if scope != EVERYWHERE:
        choose(user=user, scope=scope, pace=Pace.NEVER)
        return
    _take_back(user, EVERYWHERE)
    chosen = paces_of(user)
    for place in places_of(user):
        if chosen.get(place, USUAL) == Pace.DAILY:
            choose(user=user, scope=place, pace=Pace.NEVER)


def _take_back(user: "User", scope: str) -> None:
    """What has not left yet stays here; what is in a worker's hands leaves."""
    waiting = Mail.objects.filter(user=user, stop_scope=scope, sent_at=None, given_up_at=None)
    waiting.exclude(claimed_until__gt=clock.now()).delete()


def stop_link(user_pk: int, scope: str) -> str:
    """The address at which this person's mails about a place are changed, without signing in."""
    signed = signing.dumps([user_pk, scope], salt=SALT)
    return settings.SITE_URL + reverse("mail_stop", kwargs={"signed": signed})


def read_stop_link(signed: str) -> tuple[int, str]:
    """Whose mails about what the end of such an address is for. Raises `signing.BadSignature`.

    It works for as long as mails are kept.
    """
    user_pk, scope = signing.loads(signed, salt=SALT)
    return user_pk, scope
