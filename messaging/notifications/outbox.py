"""The outbox: a mail is a row first, inserted in the transaction of the change; `delivery` sends it later."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.text import Truncator

from common import clock
from messaging.notifications import mails
from messaging.notifications.models import Mail, MailQuerySet

if TYPE_CHECKING:
    from community.people.models import User

MAX_SUBJECT_CHARS = 300
"""What the column holds. A subject may quote two titles and a name."""
Renewal = Callable[[Mail], bool]
_renewals: dict[str, Renewal] = {}


def register_renewal(kind: str, renew: Renewal) -> None:
    """Register what posts a mail of a kind anew when it is to be sent again and its text was deleted. It
    returns whether it did."""
    _renewals[kind] = renew


def recent(*, addresses: Collection[str], kinds: tuple[str, ...], within: dt.timedelta) -> MailQuerySet:
    """The mails of these kinds (`account-` stands for all that begin so) that were posted to these
    addresses within this time, the oldest first."""
    of_kinds = Q()
    for kind in kinds:
        of_kinds |= Q(kind__startswith=kind) if kind.endswith("-") else Q(kind=kind)
    posted = Mail.objects.filter(of_kinds, address__in=addresses, created_at__gt=clock.now() - within)
    return posted.order_by("created_at")


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail to be posted.

    It is composed from `mail/<kind>.txt` (see `mails`), in the reader's language and time zone. Letters with
    the same `context` (the same object) are rendered once; what differs in each of them is `personal`. After
    `expires_at` it is not sent any more. `has_secret` is for a code or a sign-in link: its text is deleted
    once it is sent or given up, and is never exported. With a `stop_scope` (`space:3`) the mail has a link to
    unsubscribe. With a `thing` (see `common.visibility`) it is sent only while its reader may see that.
    """

    key: str
    kind: str
    user: "User | None"
    address: str
    language: str
    zone: str
    context: Mapping[str, Any]
    personal: Mapping[str, str] = field(default_factory=dict)
    not_before: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    priority: Mail.Priority = Mail.Priority.NORMAL
    has_secret: bool = False
    stop_scope: str = ""
    thing: tuple[str, int] | None = None


def post(**letter: Any) -> Mail | None:
    """Write one mail, see `Letter` and `post_all`. Returns None if one with its key was posted before."""
    posted = post_all([Letter(**letter)])
    return posted[0] if posted else None


def post_all(letters: Iterable[Letter]) -> list[Mail]:
    """Write mails, composed now and sent when they are due, in a fixed number of statements. Idempotent:
    those whose key was posted before are left out. Returns the new ones."""
    composer, by_key = mails.Composer(), {letter.key: letter for letter in letters}
    posted = _posted(by_key)
    new = [_written(letter, composer) for key, letter in by_key.items() if key not in posted]
    while new:
        try:
            with transaction.atomic():
                return Mail.objects.bulk_create(new)
        except IntegrityError:
            # Another process inserted one of the keys between our query and our insert.
            posted = _posted([mail.key for mail in new])
            if not posted:
                raise
            new = [mail for mail in new if mail.key not in posted]
    return []


def _posted(keys: Iterable[str]) -> set[str]:
    return set(Mail.objects.filter(key__in=list(keys)).values_list("key", flat=True))


def _written(letter: Letter, composer: mails.Composer) -> Mail:
    composed = composer.compose(
        kind=letter.kind,
        user=letter.user,
        address=letter.address,
        language=letter.language,
        zone=letter.zone,
        context=letter.context,
        personal=letter.personal,
        stop_scope=letter.stop_scope,
    )
    return Mail(
        key=letter.key,
        kind=letter.kind,
        user=letter.user,
        address=letter.address,
        language=letter.language,
        subject=Truncator(composed.subject).chars(MAX_SUBJECT_CHARS),
        text=composed.text,
        html=composed.html,
        has_secret=letter.has_secret,
        priority=letter.priority,
        stop_scope=letter.stop_scope,
        thing_kind=letter.thing[0] if letter.thing else "",
        thing_id=letter.thing[1] if letter.thing else None,
        not_before=letter.not_before or clock.now(),
        expires_at=letter.expires_at,
    )


def withdraw(keys_prefix: str) -> int:
    """Delete mails that have not been sent, also those that were given up, because they could be sent again.
    Those that a worker has claimed are still sent. Returns how many."""
    return Mail.objects.filter(key__startswith=keys_prefix).unsent().delete()[0]


def withdraw_all(keys: Collection[str]) -> int:
    """Withdraw the mails with these keys, as `withdraw` does. Returns how many."""
    return Mail.objects.filter(key__in=keys).unsent().delete()[0] if keys else 0


def was_sent(keys_prefix: str) -> bool:
    """Whether one of these mails was sent, or is claimed by a worker that sends it now."""
    return Mail.objects.filter(key__startswith=keys_prefix).sent_or_claimed().exists()


def retry(mails: MailQuerySet) -> int:
    """Send mails that were given up or wait for their next attempt as soon as possible. Returns how many.

    One whose text was deleted is posted anew where its kind can be (see `register_renewal`). Those that have
    expired are not sent.
    """
    unsent = mails.filter(Q(expires_at=None) | Q(expires_at__gt=clock.now()), sent_at=None)
    renewable = list(unsent.filter(text="", kind__in=_renewals))
    count = unsent.exclude(text="").update(
        given_up_at=None, give_up_reason="", attempts=0, not_before=clock.now()
    )
    return count + sum(_renewals[mail.kind](mail) for mail in renewable)
