"""Mails leave over real SMTP: refusals, a server that is away or hangs, priorities and secrets."""

import datetime as dt
import logging
import smtplib
import socket
import threading

import pytest
from django.core import mail as django_mail
from django.db import InterfaceError, OperationalError, connection
from django.db.models import QuerySet

from common import clock
from messaging.jobs import due, loop
from messaging.jobs.models import Failure
from messaging.notifications import delivery, outbox, privacy
from messaging.notifications.models import Mail
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db
Unavailable = delivery.ServerUnavailableError
NORMAL = {"priority": Mail.Priority.NORMAL, "kind": "account-password-changed"}


@pytest.fixture
def no_server(settings):
    """Nobody listens where the mail server should be."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1


@pytest.fixture
def hanging_server(settings):
    """It accepts connections and says nothing. Gives how many it has accepted."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_TIMEOUT = 0.2
    accepted = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()

        def accept():
            while True:
                try:
                    accepted.append(server.accept())
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield accepted
        server.shutdown(socket.SHUT_RDWR)
    for client, _address in accepted:
        client.close()


def test_a_refused_recipient_is_given_up_at_once_and_holds_up_nobody(smtp, post, caplog):
    smtp.refusals["gone@school.test"] = "550 gone@school.test: No such mailbox"
    post("gone", "gone@school.test")
    post("here", "here@school.test")
    assert delivery.sweep_mail() == 1
    gone = Mail.objects.refused().get()
    assert gone.key == "gone"
    assert "No such mailbox" in gone.last_error
    assert len(smtp.to("here@school.test")) == 1
    assert "gone@" not in caplog.text, "no address gets into the log"


def test_what_a_server_quotes_of_a_mail_is_not_kept(smtp, post, monkeypatch):
    async def refuse(*_arguments):
        return "554 5.7.1 Message with the subject Your code: ABC-D'EF was rejected"

    monkeypatch.setattr(smtp, "handle_DATA", refuse)
    post(has_secret=True)
    delivery.sweep_mail()
    mail = Mail.objects.refused().get()
    assert mail.last_error == "SMTPDataError 554 5.7.1"


def test_an_error_in_composing_a_mail_does_not_quote_it(smtp, post):
    mail = post(has_secret=True)
    Mail.objects.filter(pk=mail.pk).update(subject="Your code:\nABC-D'EF")
    delivery.sweep_mail()
    assert Mail.objects.get().last_error == "BadHeaderError"


def test_a_mail_refused_for_now_waits_longer_each_time_under_the_same_message_id(smtp, post, caplog):
    smtp.refusals["full@school.test"] = "452 full@school.test: Mailbox full"
    post("full", "full@school.test", **NORMAL)
    now, waits = clock.now(), []
    for _attempt in range(len(delivery.RETRY_DELAYS) + 1):
        with clock.at(now):
            assert delivery.sweep_mail() == 0
            assert delivery.sweep_mail() == 0, "not before its wait is over"
        mail = Mail.objects.get()
        waits.append(mail.not_before - now)
        now = mail.not_before
    assert tuple(waits) == (*delivery.RETRY_DELAYS, delivery.RETRY_DELAYS[-1])
    assert mail.given_up_at is None
    assert "452" in mail.last_error
    assert "full@" not in caplog.text
    smtp.refusals.clear()
    with clock.at(now):
        assert delivery.sweep_mail() == 1
    assert smtp.mails[0]["Message-ID"] == delivery.message_id(mail)


def test_a_mail_that_was_refused_for_days_is_given_up_and_can_be_sent_again(smtp, post):
    smtp.refusals["full@school.test"] = "452 Mailbox full"
    post("full", "full@school.test", **NORMAL)
    with clock.at(clock.now() + delivery.LIFETIME):
        assert delivery.sweep_mail() == 0
        assert Mail.objects.get().give_up_reason == Mail.GiveUpReason.EXPIRED
        assert outbox.retry(Mail.objects.all()) == 1
        smtp.refusals.clear()
        assert delivery.sweep_mail() == 1


def test_a_mail_that_could_not_even_be_tried_for_weeks_is_sent_however_late(smtp, post):
    post(**NORMAL)
    with clock.at(clock.now() + dt.timedelta(days=30)):
        assert delivery.sweep_mail() == 1


def test_while_the_server_is_away_no_mail_is_counted_or_given_up_and_all_leave_when_it_is_back(
    no_server, post, smtp, settings
):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    post("one", **NORMAL)
    post("two", **NORMAL)
    for _ in range(3):
        with pytest.raises(Unavailable, match="Connection refused"):
            delivery.sweep_mail()
    assert set(Mail.objects.values_list("attempts", "claimed_until", "given_up_at")) == {(0, None, None)}
    settings.EMAIL_PORT = port
    assert delivery.sweep_mail() == 2


def test_a_server_that_hangs_is_asked_once_in_a_sweep_and_not_once_for_each_mail(hanging_server, post):
    for number in range(5):
        post(str(number))
    with pytest.raises(Unavailable):
        delivery.sweep_mail()
    assert len(hanging_server) == 1


def test_a_server_that_is_away_waits_seconds_and_the_administrator_sees_it(no_server, post, monkeypatch):
    for name in ("_retry_at", "_succeeded"):
        monkeypatch.setattr(loop, name, type(getattr(loop, name))())
    monkeypatch.setattr(loop, "_sweeps", {"mail": loop._sweeps["mail"]})
    now = [1000.0]
    monkeypatch.setattr(loop, "monotonic", lambda: now[0])
    post()
    waits = []
    for _ in range(4):
        loop.run_once()
        waits.append(loop._retry_at["mail"] - now[0])
        now[0] = loop._retry_at["mail"]
    assert waits == [5, 10, 15, 15]
    failure = Failure.objects.get(kind="mail", row_id=0)
    assert failure.attempts == 4
    assert "Connection refused" in failure.error


def test_a_connection_that_breaks_after_some_mails_is_no_failure_of_the_server(smtp, post, monkeypatch):
    for number in range(3):
        post(str(number), **NORMAL)
    sent, send = [], django_mail.EmailMessage.send

    def break_at_the_second(message):
        sent.append(message)
        if len(sent) == 2:
            raise smtplib.SMTPServerDisconnected
        return send(message)

    monkeypatch.setattr(django_mail.EmailMessage, "send", break_at_the_second)
    assert delivery.sweep_mail() == 1
    second = Mail.objects.get(key="1")
    assert second.attempts == 1
    assert second.not_before > clock.now(), "others go first, should it be what breaks the connection"
    assert delivery.sweep_mail() == 1
    with clock.at(second.not_before):
        assert delivery.sweep_mail() == 1


def test_a_refused_sender_is_our_own_mistake_and_loses_no_mail(post, monkeypatch):
    post(**NORMAL)
    refused = smtplib.SMTPSenderRefused(550, b"who are you", "us@localhost")
    monkeypatch.setattr(django_mail.EmailMessage, "send", lambda self: (_ for _ in ()).throw(refused))
    for _ in range(10):
        with clock.at(Mail.objects.get().not_before), pytest.raises(Unavailable):
            delivery.sweep_mail()
    mail = Mail.objects.get()
    assert mail.given_up_at is None
    assert mail.not_before - clock.now() <= 11 * delivery.RETRY_DELAYS[0]
    with clock.at(clock.now() + dt.timedelta(days=6)), pytest.raises(Unavailable):
        delivery.sweep_mail()
    mail.refresh_from_db()
    assert (mail.given_up_at, mail.attempts) == (None, 0), "it is not given up while the server takes none"
    monkeypatch.undo()
    with clock.at(mail.not_before):
        assert delivery.sweep_mail() == 1


def test_a_mail_without_an_answer_waits_longer_each_time_because_it_may_have_been_delivered(
    post, monkeypatch
):
    def time_out(message):
        raise TimeoutError("timed out")

    monkeypatch.setattr(django_mail.EmailMessage, "send", time_out)
    post(**NORMAL)
    now, waits = clock.now(), []
    for _attempt in delivery.RETRY_DELAYS:
        with clock.at(now), pytest.raises(Unavailable):
            delivery.sweep_mail()
        waits.append(Mail.objects.get().not_before - now)
        now = Mail.objects.get().not_before
    assert tuple(waits) == delivery.RETRY_DELAYS


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_mail_is_marked_as_sent_over_a_new_connection_if_the_database_fails_once(
    smtp, post, monkeypatch, error
):
    post()
    update = QuerySet.update

    def fail_at_first(rows, **values):
        if values.get("sent_at"):
            monkeypatch.undo()
            raise error
        return update(rows, **values)

    monkeypatch.setattr(QuerySet, "update", fail_at_first)
    assert delivery.sweep_mail() == 1
    assert QuerySet.update is update, "it has failed"
    assert Mail.objects.get().sent_at is not None
    assert len(smtp.mails) == 1


def test_a_mail_of_which_every_worker_dies_is_not_tried_for_ever(smtp, post):
    mail = post()
    Mail.objects.filter(pk=mail.pk).update(attempts=delivery.MAX_ATTEMPTS)
    assert delivery.sweep_mail() == 0
    assert Mail.objects.get().give_up_reason == Mail.GiveUpReason.FAILED
    assert smtp.mails == []


def test_codes_and_invitations_are_sent_before_everything_else(smtp, post, monkeypatch):
    monkeypatch.setattr(delivery, "MAILS_PER_QUERY", 2)
    moment = clock.now() - dt.timedelta(hours=1)
    for number in range(4):
        with clock.at(moment):
            post(f"letter {number}", f"letter{number}@school.test", **NORMAL)
    post("invitation", "invited@school.test", priority=Mail.Priority.INVITATION)
    post("code", "code@school.test", priority=Mail.Priority.CODE)
    deliver = delivery._deliver

    def post_another_code(mail, server):
        if mail.key == "letter 0":
            post("late", "late@school.test", priority=Mail.Priority.CODE)
        return deliver(mail, server)

    monkeypatch.setattr(delivery, "_deliver", post_another_code)
    assert delivery.sweep_mail() == 7
    order = [mail["To"].removesuffix("@school.test") for mail in smtp.mails]
    assert order == ["code", "invited", "letter0", "letter1", "late", "letter2", "letter3"]


def test_a_code_that_is_too_old_to_be_of_use_is_not_sent(smtp, post):
    post(expires_at=clock.now() + dt.timedelta(minutes=15), priority=Mail.Priority.CODE)
    with clock.at(clock.now() + dt.timedelta(minutes=16)):
        assert delivery.sweep_mail() == 0
        assert Mail.objects.get().give_up_reason == Mail.GiveUpReason.EXPIRED
        assert outbox.retry(Mail.objects.all()) == 0
    assert smtp.mails == []


def test_a_code_refused_for_now_is_sent_again_within_seconds(smtp, post):
    smtp.refusals["anna@school.test"] = "451 Try again"
    post(priority=Mail.Priority.CODE, expires_at=clock.now() + dt.timedelta(minutes=15))
    delivery.sweep_mail()
    assert Mail.objects.get().not_before - clock.now() <= dt.timedelta(seconds=10)


def test_an_account_mail_that_does_not_expire_is_retried_for_days_and_not_just_for_an_hour(smtp, post):
    smtp.refusals["anna@school.test"] = "451 Try again"
    post(priority=Mail.Priority.CODE)
    now = start = clock.now()
    for _attempt in range(8):
        with clock.at(now):
            delivery.sweep_mail()
        now = Mail.objects.get().not_before
    assert now - start > dt.timedelta(hours=10)


def test_a_sweep_that_is_out_of_time_leaves_the_rest_to_the_next_round(smtp, post, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(due, "monotonic", lambda: now[0])
    deliver = delivery._deliver

    def slow(mail, server):
        now[0] += 15
        return deliver(mail, server)

    monkeypatch.setattr(delivery, "_deliver", slow)
    for number in range(3):
        post(str(number))
    with due.time_box(20):
        assert delivery.sweep_mail() == 2
    assert Mail.objects.due().count() == 1


def test_many_mails_go_over_one_connection(smtp, post, monkeypatch):
    opened = []
    real = smtplib.SMTP.connect
    monkeypatch.setattr(smtplib.SMTP, "connect", lambda self, *where: opened.append(1) or real(self, *where))
    for number in range(3):
        post(str(number))
    assert delivery.sweep_mail() == 3
    assert len(opened) == 1


@pytest.mark.parametrize("keeps", [False, True])
def test_what_lets_somebody_in_is_deleted_as_soon_as_it_is_sent(smtp, post, settings, keeps):
    settings.MAIL_KEEPS_SECRETS = keeps
    post("code", has_secret=True)
    post("letter", **NORMAL)
    delivery.sweep_mail()
    assert len(smtp.mails) == 2
    code = Mail.objects.get(key="code")
    assert ("ABC-D'EF" in code.subject + code.text + code.html) is keeps
    assert Mail.objects.get(key="letter").text


def test_what_lets_somebody_in_is_never_handed_out(post, participant):
    post("code", user=participant, has_secret=True)
    post("letter", user=participant, **NORMAL)
    mails = privacy.export_for(participant)["mails"]
    assert "ABC-D'EF" not in str(mails)
    assert not any("text" in mail for mail in mails), "neither is about anything its reader may see now"


def test_a_mail_whose_text_was_deleted_cannot_be_sent_again(smtp, post, settings):
    settings.MAIL_KEEPS_SECRETS = False
    post(has_secret=True)
    delivery.sweep_mail()
    Mail.objects.update(sent_at=None)
    assert outbox.retry(Mail.objects.all()) == 0


@pytest.mark.django_db(transaction=True)
def test_a_code_is_sent_at_once_and_nothing_else_is_sent_with_it(smtp, post, settings, monkeypatch):
    settings.MAIL_LEAVES_AT_ONCE = True
    monkeypatch.setattr(delivery, "_pool_paused_until", 0.0)
    post("letter", "letter@school.test", **NORMAL)
    mail = post("code")
    delivery.send_soon(mail.key)
    delivery._send_pool().submit(lambda: connection.close()).result(20)
    assert [each["To"] for each in smtp.mails] == ["anna@school.test"]


@pytest.mark.django_db(transaction=True)
def test_while_the_server_is_away_codes_do_not_queue_up_behind_each_other(
    hanging_server, post, settings, monkeypatch, caplog
):
    settings.MAIL_LEAVES_AT_ONCE = True
    monkeypatch.setattr(delivery, "_pool_paused_until", 0.0)
    # All are written first: SQLite in memory, shared by threads, refuses a write beside a read at once.
    mails = [post(f"code {number}") for number in range(4)]
    for mail in mails:
        delivery.send_soon(mail.key)
    with caplog.at_level(logging.WARNING):
        delivery._send_pool().submit(lambda: connection.close()).result(PATIENCE_SECONDS)
    assert len(hanging_server) == 1
    assert Mail.objects.due().count() == 4
    assert "the jobs will send" in caplog.text


def test_the_mails_that_are_due_are_found_by_an_index(post):
    plan = Mail.objects.due().order_by("priority", "not_before", "pk").explain()
    assert "mail_waiting_by_priority" in plan or connection.vendor == "postgresql"  # it scans small tables
