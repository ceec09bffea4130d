"""Send the mails of the outbox over SMTP.

Before a mail is sent, its reader's rights and preferences are checked again. A mail is never lost, and is
sent twice only if its worker is killed or the database is unavailable between the server's answer and our
commit, or if that answer is not received; then it is sent again with the same Message-ID, by which mail
programs recognise a duplicate.

When the mail server is unavailable, the sweep stops at the first mail and is retried soon, without a back-off
of the single mails. So codes are sent within seconds of the server's return.
"""

import datetime as dt
import logging
import re
import smtplib
import threading
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic
from typing import NamedTuple, TypeGuard
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction
from django.db.models import F, Min
from django.db.models.functions import Greatest

from common import clock, visibility
from messaging.jobs import loop, status
from messaging.jobs.due import out_of_time
from messaging.notifications import mail_preferences
from messaging.notifications.models import Mail, MailQuerySet

LEASE = dt.timedelta(minutes=5)
"""How long a mail is claimed: longer than it may wait after that, and the slowest SMTP session can take."""
CHECK_LASTS_SECONDS = 5.0
"""A mail that was claimed and checked with others is sent within this time, or claimed and checked again."""
RETRY_DELAYS = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180))
"""Delays after temporary refusals (4xx); the last one is repeated until the mail expires."""
RETRY_DELAYS_OF_CODES = tuple(dt.timedelta(seconds=seconds) for seconds in (10, 20, 30, 60))
LIFETIME = dt.timedelta(days=5)
"""The age at which a mail that is temporarily refused is given up, as mail servers do. One that waits for the
mail server or the jobs is sent however late, unless it has an `expires_at`."""
MAX_ATTEMPTS = 60
"""More than a mail can have in its lifetime, unless its workers are killed each time, perhaps by the mail."""
SERVER_RETRY_DELAYS = tuple(dt.timedelta(seconds=seconds) for seconds in (5, 10, 15))
MAILS_PER_QUERY = 20
"""Few, so that a code that is posted during a long batch is sent after at most this number of other mails."""

Reason = Mail.GiveUpReason
Recheck = Callable[[list[Mail]], list[Mail]]
_rechecks: dict[str, Recheck] = {}

logger = logging.getLogger("aftercourse.mail")


class ServerUnavailableError(Exception):
    """The mail server cannot be reached, or accepts no mail of ours now."""

    def __init__(self, error: OSError) -> None:
        self.strerror = _code(error)
        super().__init__(self.strerror)


def register() -> None:
    """Have due mails sent by the jobs, in a thread of its own."""
    loop.register("mail", sweep_mail, thread="mail", retry_delays=SERVER_RETRY_DELAYS)


def register_recheck(kind: str, recheck: Recheck) -> None:
    """Register a check of mails of a kind before they are sent. It returns those to send; it has deleted the
    others."""
    _rechecks[kind] = recheck


def sweep_mail() -> int:
    """Send all mails that are due, codes and invitations first. Returns how many were sent.

    Several workers share them by claiming. Raises ServerUnavailableError at the first broken connection.
    """
    try:
        return _send(Mail.objects.all())
    finally:
        status.report_oldest_due("mail", Mail.objects.due().aggregate(oldest=Min("not_before"))["oldest"])


def send_soon(keys_prefix: str) -> None:
    """Send these mails after the commit without waiting for the jobs: a user waits for a code or link.

    Sent in a thread, so that no request waits for a mail server; if that fails, the jobs retry.
    """
    if settings.MAIL_LEAVES_AT_ONCE:
        transaction.on_commit(lambda: _send_pool().submit(_send_in_pool, keys_prefix))


def message_id(mail: Mail) -> str:
    """The Message-ID, the same at every attempt."""
    return f"<{mail.message_id}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>"


def _send(mails: MailQuerySet) -> int:
    sent, dropped, seen = 0, Counter[str](), set[int]()
    with _server_connection() as server, _logged(dropped):
        while not out_of_time() and (due := [mail for mail in _next_due(mails) if mail.pk not in seen]):
            _open(server)
            for group in _groups(due):
                if out_of_time():
                    break
                seen.update(group)
                waiting, claimed_at = deque(_checked(_claim(group), dropped)), monotonic()
                try:
                    while waiting:
                        sent += _deliver(waiting.popleft(), server)
                        if out_of_time() or monotonic() - claimed_at > CHECK_LASTS_SECONDS:
                            break
                except ServerUnavailableError:
                    if sent:
                        return sent  # the server limits the mails per connection
                    raise
                finally:
                    _release(waiting)
                    seen.difference_update(mail.pk for mail in waiting)
    return sent


class _Due(NamedTuple):
    """A mail that is due."""

    pk: int
    attempts: int
    priority: int


def _next_due(mails: MailQuerySet) -> list[_Due]:
    due = mails.due().order_by("priority", "not_before", "pk")
    return [_Due(*row) for row in due.values_list("pk", "attempts", "priority")[:MAILS_PER_QUERY]]


def _groups(due: list[_Due]) -> Iterator[list[int]]:
    """These mails in groups that are claimed together.

    One that was tried before is claimed alone: should it be what kills its worker, then those beside it would
    use up their attempts as well. So is a code, since somebody waits for it, also when a worker is killed.
    """
    together: list[int] = []
    for mail in due:
        if not mail.attempts and mail.priority != Mail.Priority.CODE:
            together.append(mail.pk)
            continue
        if together:
            yield together
            together = []
        yield [mail.pk]
    if together:
        yield together


def _claim(ids: list[int]) -> list[Mail]:
    """Claim those of these mails that no other worker has, for the length of a lease; in this order."""
    until = clock.now() + LEASE
    with transaction.atomic():
        due = Mail.objects.due().filter(pk__in=ids).select_related("user")
        found = {mail.pk: mail for mail in due.select_for_update(of=("self",), skip_locked=True)}
        claimed = Mail.objects.filter(pk__in=found)
        claimed.update(claimed_until=until, attempts=F("attempts") + 1)
    for mail in found.values():
        mail.claimed_until, mail.attempts = until, mail.attempts + 1
    return [found[pk] for pk in ids if pk in found]


def _release(mails: Collection[Mail]) -> None:
    """End the claim of mails that were not tried, except where another worker has claimed them since."""
    # An administrator may have set the attempts to 0 meanwhile (`outbox.retry`).
    _claimed(mails).update(claimed_until=None, attempts=Greatest(F("attempts") - 1, 0))


def _claimed(mails: Collection[Mail]) -> MailQuerySet:
    """Those of these mails whose claim by this worker has not ended."""
    leases = {mail.claimed_until for mail in mails}
    return Mail.objects.filter(pk__in=[mail.pk for mail in mails], claimed_until__in=leases)


def _checked(mails: list[Mail], dropped: Counter[str]) -> list[Mail]:
    """As `_to_send`. When a check raises, each of these mails is claimed alone the next time, so that only
    the one that cannot be checked waits for the end of its lease."""
    try:
        return _to_send(mails, dropped)
    except Exception:
        if len(mails) > 1:
            _claimed(mails).update(claimed_until=None)
        raise


def _to_send(mails: list[Mail], dropped: Counter[str]) -> list[Mail]:
    """Those of these claimed mails that are to be sent. The others are given up, or deleted by a check."""
    readers = {mail.user_id for mail in mails if mail.user_id and mail.stop_scope}
    unsubscribed = mail_preferences.unsubscribed_scopes(readers) if readers else set()
    ready = []
    for mail in mails:
        why_not = _why_not(mail)
        if not why_not and (mail.user_id, mail.stop_scope) in unsubscribed:
            why_not = Reason.CANCELLED, "its reader has unsubscribed"
        if why_not:
            _give_up(mail, *why_not)
            dropped[why_not[1]] += 1
        else:
            ready.append(mail)
    for kind, recheck in _rechecks.items():
        if of_kind := [mail for mail in ready if mail.kind == kind]:
            stays = {mail.pk for mail in recheck(of_kind)}
            ready = [mail for mail in ready if mail.kind != kind or mail.pk in stays]
    return ready


def _why_not(mail: Mail) -> tuple[Mail.GiveUpReason, str] | None:
    """The reason for which it is not sent any more, with a text for the log; None if it is sent."""
    if mail.expires_at is not None and mail.expires_at <= clock.now():
        return Reason.EXPIRED, "it is too late to be of use"
    if mail.attempts > MAX_ATTEMPTS:
        return Reason.FAILED, "it was claimed too often without an end"
    user = mail.user
    if user is None:
        return None
    if user.suspended_at is not None:
        return Reason.CANCELLED, "its reader is suspended or was erased"
    if mail.thing_id is not None and not visibility.visible(user, mail.thing_kind, [mail.thing_id]):
        return Reason.CANCELLED, "its reader may not see any more what it is about"
    return None


def _deliver(mail: Mail, server: BaseEmailBackend) -> int:
    """Send a claimed mail; returns 1 if the server accepted it. Raises ServerUnavailableError if the
    connection broke."""
    message = EmailMultiAlternatives(
        subject=mail.subject, body=mail.text, to=[mail.address], headers=_headers(mail), connection=server
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    try:
        message.send()
    except Exception as error:
        _note_refusal(mail, error)
        if _is_of_server(error):
            raise ServerUnavailableError(error) from error
        return 0
    _mark_sent(mail)
    return 1


def _mark_sent(mail: Mail) -> None:
    sent = {"sent_at": clock.now(), "claimed_until": None, "last_error": "", **mail.end_of_secret()}
    row = Mail.objects.filter(pk=mail.pk)
    try:
        row.update(**sent)
    except (OperationalError, InterfaceError) as error:
        # Without this mark the mail would be sent a second time after its lease.
        logger.warning("Mail %s could not be marked as sent (%s); retrying", mail.pk, type(error).__name__)
        connection.close()
        row.update(**sent)


def _headers(mail: Mail) -> dict[str, str]:
    headers = {
        "Message-ID": message_id(mail),
        "Content-Language": mail.language,
        "Auto-Submitted": "auto-generated",
    }
    if mail.stop_scope and mail.user_id:
        # The unsubscribe button of mail programs posts to it without asking us first (RFC 8058).
        headers["List-Unsubscribe"] = f"<{mail_preferences.unsubscribe_link(mail.user_id, mail.stop_scope)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _note_refusal(mail: Mail, error: Exception) -> None:
    reason = _reason(error)
    is_of_server = _is_of_server(error)
    if _is_final(error) or (not is_of_server and clock.now() - mail.created_at >= LIFETIME):
        why = Reason.REFUSED if _is_final(error) else Reason.EXPIRED
        # The server's answer may quote the address, so it is not logged.
        logger.error("Mail %s is given up: %s", mail.pk, _code(error))
        _give_up(mail, why, reason)
        return
    # Only for codes that expire: others would use up all attempts within an hour.
    is_code = mail.priority == Mail.Priority.CODE and mail.expires_at is not None
    delays = RETRY_DELAYS_OF_CODES if is_code else RETRY_DELAYS
    attempts = mail.attempts
    if is_of_server and _has_answer(error):
        # Not a fault of this mail, so it does not count as an attempt; others are sent first.
        attempts -= 1
    delay = delays[max(0, min(attempts, len(delays)) - 1)]
    logger.warning("Mail %s was not accepted (%s); next attempt in %s", mail.pk, _code(error), delay)
    Mail.objects.filter(pk=mail.pk).update(
        claimed_until=None, attempts=attempts, not_before=clock.now() + delay, last_error=reason
    )


def _give_up(mail: Mail, why: Mail.GiveUpReason, reason: str) -> None:
    Mail.objects.filter(pk=mail.pk).update(
        claimed_until=None,
        given_up_at=clock.now(),
        give_up_reason=why,
        last_error=reason[:300],
        **mail.end_of_secret(),
    )


def _reason(error: Exception) -> str:
    """What the administrator is told. An answer to the mail itself, or an error in composing it, may quote
    the code or the words in it, so of those only the codes are kept."""
    if isinstance(error, smtplib.SMTPRecipientsRefused) or (
        isinstance(error, OSError) and not isinstance(error, smtplib.SMTPDataError)
    ):
        return f"{type(error).__name__}: {error}"[:300]
    answer = error.smtp_error if isinstance(error, smtplib.SMTPDataError) else b""
    quoted = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
    status = re.match(r"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)", quoted)  # RFC 3463
    return " ".join([_code(error), *([status[0]] if status else [])])


def _is_final(error: Exception) -> bool:
    """Whether the server permanently refused this mail or its recipient (5xx)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _answer in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and 500 <= error.smtp_code < 600


def _has_answer(error: Exception) -> bool:
    """Whether the server answered. Without an answer the mail may have been delivered, or may be the reason
    why the connection breaks, so it must not be retried every minute."""
    return isinstance(error, (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused))


def _is_of_server(error: Exception) -> TypeGuard[OSError]:
    """Whether the next mail would fail too: the connection is broken, or our sender address or password is
    refused, which an administrator has to correct while the mails wait."""
    if isinstance(error, (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)):
        return _code(error).endswith(" 421")  # the server closes the connection
    return isinstance(error, OSError) and not isinstance(error, smtplib.SMTPNotSupportedError)


def _code(error: Exception) -> str:
    """The class of an error with the code of the server's answer, or the system's error text; no address."""
    details: list[object]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        details = [code for code, _answer in error.recipients.values()]
    else:
        attribute = "smtp_code" if isinstance(error, smtplib.SMTPException) else "strerror"
        details = [getattr(error, attribute, None)]
    return " ".join([type(error).__name__, *(str(each) for each in details if each)])


@contextmanager
def _server_connection() -> Iterator[BaseEmailBackend]:
    """One connection for many mails, opened when the first of them is to be sent."""
    server = get_connection()
    try:
        yield server
    finally:
        try:
            server.close()
        except OSError:
            logger.info("The mail server closed the connection first")


@contextmanager
def _logged(dropped: Counter[str]) -> Iterator[None]:
    """Log at the end of a sweep how many mails were dropped, by reason."""
    try:
        yield
    finally:
        for reason, count in dropped.items():
            logger.info("Mails that are not sent: %s, because %s", count, reason)


def _open(server: BaseEmailBackend) -> None:
    try:
        server.open()
    except OSError as error:
        raise ServerUnavailableError(error) from error


_lock = threading.Lock()
_executor: ThreadPoolExecutor | None = None
_pool_paused_until = 0.0
"""On the monotonic clock. While the server is unavailable, urgent mails are left to the jobs too."""


def _send_pool() -> ThreadPoolExecutor:
    """The thread for urgent mails, created with the first of them."""
    global _executor
    with _lock:
        if _executor is None:
            _executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")
        return _executor


def _send_in_pool(keys_prefix: str) -> None:
    global _pool_paused_until
    if monotonic() < _pool_paused_until:
        return
    close_old_connections()
    try:
        _send(Mail.objects.filter(key__startswith=keys_prefix))
    except ServerUnavailableError as error:
        _pool_paused_until = monotonic() + SERVER_RETRY_DELAYS[-1].total_seconds()
        logger.warning("The mail server is unavailable (%s); the jobs will send the mails", error)
    except Exception:
        logger.exception("A mail could not be sent at once; the jobs will send it")
    finally:
        close_old_connections()
