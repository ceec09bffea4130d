"""The outbox: a mail is a row first, inserted in the transaction of the change; `delivery` sends it later."""

import datetime as dt
from collections.abc import Callable, Mapping
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


def recent(*, address: str, kinds: tuple[str, ...], within: dt.timedelta) -> MailQuerySet:
    """The mails of these kinds (`account-` stands for all that begin so) that were posted to an address
    within this time, the oldest first."""
    of_kinds = Q()
    for kind in kinds:
        of_kinds |= Q(kind__startswith=kind) if kind.endswith("-") else Q(kind=kind)
    posted = Mail.objects.filter(of_kinds, address=address, created_at__gt=clock.now() - within)
    return posted.order_by("created_at")


def post(
    *,
    key: str,
    kind: str,
    user: "User | None",
    address: str,
    language: str,
    zone: str,
    context: Mapping[str, Any],
    not_before: dt.datetime | None = None,
    expires_at: dt.datetime | None = None,
    priority: Mail.Priority = Mail.Priority.NORMAL,
    has_secret: bool = False,
    stop_scope: str = "",
    thing: tuple[str, int] | None = None,
) -> Mail | None:
    """Write a mail, to be sent when it is due. Idempotent: returns None if a mail with this key was posted
    before.

    It is composed now, from `mail/<kind>.txt` (see `mails`), in the reader's language and time zone. After
    `expires_at` it is not sent any more. `has_secret` is for a code or a sign-in link: its text is deleted
    once it is sent or given up, and is never exported. With a `stop_scope` (`space:3`) the mail has a link to
    unsubscribe. With a `thing` (see `common.visibility`) it is sent only while its reader may see that.
    """
    if Mail.objects.filter(key=key).exists():
        return None
    composed = mails.compose(
        kind=kind,
        user=user,
        address=address,
        language=language,
        zone=zone,
        context=context,
        stop_scope=stop_scope,
    )
    try:
        with transaction.atomic():
            return Mail.objects.create(
                key=key,
                kind=kind,
                user=user,
                address=address,
                language=language,
                subject=Truncator(composed.subject).chars(MAX_SUBJECT_CHARS),
                text=composed.text,
                html=composed.html,
                has_secret=has_secret,
                priority=priority,
                stop_scope=stop_scope,
                thing_kind=thing[0] if thing else "",
                thing_id=thing[1] if thing else None,
                not_before=not_before or clock.now(),
                expires_at=expires_at,
            )
    except IntegrityError:
        # Another process inserted the same key between our query and our insert.
        if Mail.objects.filter(key=key).exists():
            return None
        raise


def withdraw(keys_prefix: str) -> int:
    """Delete mails that have not been sent, also those that were given up, because they could be sent again.
    Those that a worker has claimed are still sent. Returns how many."""
    unsent = Mail.objects.filter(sent_at=None, key__startswith=keys_prefix)
    return unsent.exclude(claimed_until__gt=clock.now()).delete()[0]


def was_sent(keys_prefix: str) -> bool:
    """Whether one of these mails was sent, or is claimed by a worker that sends it now."""
    mails = Mail.objects.filter(key__startswith=keys_prefix)
    return mails.filter(Q(sent_at__isnull=False) | Q(claimed_until__gt=clock.now())).exists()


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
