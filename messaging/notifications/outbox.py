"""Mails on their way out. A mail is a row first, written in the transaction of what it tells of, and leaves
later.

Before it does, it is looked at once more: who may not have it any more, or wants none, does not get it.
Otherwise it is never left out, and doubled only when its worker is killed between the server's yes and our
commit; then it goes again under the same Message-ID, which mail programs show once.
"""

import datetime as dt
import logging
import smtplib
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, close_old_connections, transaction
from django.db.models import F, Q

from common import clock, visibility
from messaging.jobs import loop
from messaging.notifications import mail_preferences, mails
from messaging.notifications.models import Mail

if TYPE_CHECKING:
    from community.people.models import User

LEASE = dt.timedelta(minutes=5)
"""How long a worker may hold a mail: longer than the slowest conversation with a mail server can take."""
RETRY_DELAYS = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 480, 960))
"""How long to wait after each failure; after the last of them a mail is given up, a good day later."""
MAILS_PER_SWEEP = 200
"""Mails one round takes in hand."""

Recheck = Callable[[Mail], bool]
_rechecks: dict[str, Recheck] = {}

logger = logging.getLogger("aftercourse.mail")


def register() -> None:
    """Have due mails sent by `manage.py jobs`."""
    loop.register("mail", sweep_mail)


def register_recheck(kind: str, recheck: Recheck) -> None:
    """Have mails of a kind looked at before they leave. The look says whether this one does, and otherwise
    has seen to it that it never will."""
    _rechecks[kind] = recheck


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
    stop_scope: str = "",
    thing: tuple[str, int] | None = None,
) -> Mail | None:
    """Write a mail, to leave when it is due. None when its key was posted before: each thing is told once.

    The letter is made now, from `mail/<kind>.txt` (see `mails`), in the reader's language and time zone: it
    says what was true when it happened. With a `stop_scope` (`space:3`) the mail says how to have no more of
    them, which is for mails that somebody may do without. With a `thing` (see `common.visibility`) it leaves
    only while its reader sees that.
    """
    if Mail.objects.filter(key=key).exists():
        return None
    letter = mails.compose(
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
                subject=letter.subject,
                text=letter.text,
                html=letter.html,
                stop_scope=stop_scope,
                thing_kind=thing[0] if thing else "",
                thing_id=thing[1] if thing else None,
                not_before=not_before or clock.now(),
            )
    except IntegrityError:
        # Somebody else wrote the same key between our look and our insert.
        if Mail.objects.filter(key=key).exists():
            return None
        raise


def withdraw(keys_prefix: str) -> int:
    """Take back mails that are no longer true and have not left; those being sent right now leave."""
    now = clock.now()
    waiting = Mail.objects.filter(key__startswith=keys_prefix, sent_at=None, given_up_at=None)
    return waiting.exclude(claimed_until__gt=now).delete()[0]


def has_left(keys_prefix: str) -> bool:
    """Whether a mail of these has been sent, or is being sent right now."""
    mails = Mail.objects.filter(key__startswith=keys_prefix)
    return mails.filter(Q(sent_at__isnull=False) | Q(claimed_until__gt=clock.now())).exists()


def sweep_mail() -> int:
    """Send all mails that are due; returns how many left. Several workers share them out by claiming."""
    sent, kept = 0, Counter[str]()
    backend = get_connection()
    try:
        for number in list(
            Mail.objects.due().order_by("not_before", "pk").values_list("pk", flat=True)[:MAILS_PER_SWEEP]
        ):
            mail = _claim(number)
            if mail is None:
                continue
            if reason := _why_not(mail):
                _cancel(mail, reason)
                kept[reason] += 1
            elif (mail.kind not in _rechecks or _rechecks[mail.kind](mail)) and _send(mail, backend):
                sent += 1
    finally:
        _close(backend)
    for reason, many in kept.items():
        logger.info("Mails that do not leave: %s, since %s", many, reason)
    return sent


def send_soon() -> None:
    """Once this transaction is through, send what is due without waiting for the jobs.

    For codes that somebody sits waiting for. A thread does it, so that no page waits for a mail server; if it
    fails, the jobs try again.
    """
    if settings.MAIL_LEAVES_AT_ONCE:
        transaction.on_commit(lambda: _send_pool().submit(_send_in_pool))


def message_id(mail: Mail) -> str:
    """The Message-ID, the same however often the mail is tried."""
    return f"<{mail.message_id}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>"


def _claim(number: int) -> Mail | None:
    """Take one mail in hand for the length of a lease, unless somebody else just did."""
    until = clock.now() + LEASE
    claimed = Mail.objects.due().filter(pk=number).update(claimed_until=until, attempts=F("attempts") + 1)
    if not claimed:
        return None
    mail = Mail.objects.select_related("user").filter(pk=number).first()
    if mail is None:
        return None  # taken back at this very moment
    if mail.attempts > len(RETRY_DELAYS) + 1:
        # Its workers died each time; perhaps of it.
        _give_up(mail, "taken in hand too often without an end")
        return None
    return mail


def _cancel(mail: Mail, reason: str) -> None:
    """It stays here for good, with the reason."""
    Mail.objects.filter(pk=mail.pk).update(claimed_until=None, given_up_at=clock.now(), last_error=reason)


def _why_not(mail: Mail) -> str:
    """Why its reader may not have it any more; empty while they may."""
    user = mail.user
    if user is None:
        return ""
    if user.suspended_at is not None:
        return "its reader is suspended or was let go of"
    if mail.thing_id is not None and not visibility.visible(user, mail.thing_kind, [mail.thing_id]):
        return "its reader may not see any more what it tells of"
    if mail.stop_scope and mail_preferences.unsubscribed(mail.stop_scope, [user]):
        return "its reader wants no mail of this place any more"
    return ""


def _send(mail: Mail, backend: BaseEmailBackend) -> bool:
    message = EmailMultiAlternatives(
        subject=mail.subject, body=mail.text, to=[mail.address], headers=_headers(mail), connection=backend
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    try:
        backend.open()
        message.send()
    except Exception as refusal:
        _close(backend)
        _note_failure(mail, refusal)
        return False
    Mail.objects.filter(pk=mail.pk).update(sent_at=clock.now(), claimed_until=None, last_error="")
    return True


def _headers(mail: Mail) -> dict[str, str]:
    headers = {
        "Message-ID": message_id(mail),
        "Content-Language": mail.language,
        "Auto-Submitted": "auto-generated",
    }
    if mail.stop_scope and mail.user_id:
        # What a mail program's own button for stopping calls, without asking us first (RFC 8058).
        headers["List-Unsubscribe"] = f"<{mail_preferences.unsubscribe_link(mail.user_id, mail.stop_scope)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _note_failure(mail: Mail, refusal: Exception) -> None:
    reason = f"{type(refusal).__name__}: {refusal}"[:300]
    if _is_final(refusal) or mail.attempts > len(RETRY_DELAYS):
        _give_up(mail, reason)
        return
    logger.warning("Mail %s did not leave and is tried again: %s", mail.pk, reason)
    Mail.objects.filter(pk=mail.pk).update(
        claimed_until=None, not_before=clock.now() + RETRY_DELAYS[mail.attempts - 1], last_error=reason
    )


def _give_up(mail: Mail, reason: str) -> None:
    logger.error("Mail %s is given up: %s", mail.pk, reason)
    Mail.objects.filter(pk=mail.pk).update(
        claimed_until=None, given_up_at=clock.now(), last_error=reason[:300]
    )


def _is_final(refusal: Exception) -> bool:
    """Whether the server said that this mail will never be taken. A refused sender or password is our own
    mistake, to be mended while the mails wait."""
    if isinstance(refusal, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _ in refusal.recipients.values())
    return isinstance(refusal, smtplib.SMTPDataError) and 500 <= refusal.smtp_code < 600


def _close(backend: BaseEmailBackend) -> None:
    try:
        backend.close()
    except OSError:
        logger.info("The mail server hung up first")


_lock = threading.Lock()
_executor: ThreadPoolExecutor | None = None


def _send_pool() -> ThreadPoolExecutor:
    """The one thread for mails that cannot wait, made when the first of them comes."""
    global _executor
    with _lock:
        if _executor is None:
            _executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")
        return _executor


def _send_in_pool() -> None:
    close_old_connections()
    try:
        sweep_mail()
    except Exception:
        logger.exception("Mails could not be sent at once; the jobs will send them")
    finally:
        close_old_connections()
