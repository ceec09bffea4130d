"""Mails are rows first, and leave once, over real SMTP."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.core import mail as django_mail
from django.db import transaction

from common import clock
from messaging.notifications import outbox
from messaging.notifications.models import Mail
from tests.messaging.post_office import PostOffice, open_post_office, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def post_office(settings) -> Iterator[PostOffice]:
    with open_post_office() as office:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
        yield office


def post(key: str = "one", address: str = "anna@school.test", **more) -> Mail | None:
    about = {
        "kind": "account-code",
        "user": None,
        "language": "en",
        "zone": "Europe/Budapest",
        "context": {"code": "ABC-D'EF"},
    }
    return outbox.post(key=key, address=address, **(about | more))


def test_a_mail_is_written_in_the_moment_it_tells_of_and_leaves_later(post_office):
    mail = post()
    assert mail.subject == "Your code: ABC-D'EF"
    assert post_office.mails == []
    assert outbox.sweep_mail() == 1
    [sent] = post_office.to("anna@school.test")
    assert sent["Subject"] == "Your code: ABC-D'EF"
    assert "ABC-D'EF" in words_of(sent)
    assert sent["Message-ID"] == outbox.message_id(mail)
    mail.refresh_from_db()
    assert mail.sent_at is not None
    assert mail.attempts == 1
    assert outbox.sweep_mail() == 0


def test_a_thing_is_told_once_however_often_it_is_posted():
    assert post("same") is not None
    assert post("same") is None
    assert Mail.objects.count() == 1


def test_what_is_rolled_back_was_never_posted():
    with transaction.atomic():
        post()
        transaction.set_rollback(True)
    assert not Mail.objects.exists()


def test_a_mail_says_days_in_the_readers_language_and_on_their_clock(participant):
    nearly_december = dt.datetime(2026, 11, 30, 23, 30, tzinfo=dt.UTC)
    letter = {"invitation": {"expires_at": nearly_december}, "link": "/"}
    with clock.at(dt.datetime(2026, 11, 1, tzinfo=dt.UTC)):
        london = post("a", kind="invitation", user=participant, zone="Europe/London", context=letter)
        warsaw = post("b", kind="invitation", user=participant, zone="Europe/Warsaw", context=letter)
        polish = post("c", kind="invitation", user=participant, language="pl", context=letter)
    assert "30 November" in london.text
    assert "1 December" in warsaw.text
    assert "1 grudnia" in polish.text


def test_every_mail_says_at_its_end_who_we_are_and_why_it_came(participant):
    known, unknown = post("known", user=participant), post("unknown")
    for mail in (known, unknown):
        foot = mail.text.partition("\n-- \n")[2]
        assert "Aftercourse" in foot
        assert foot.startswith("You get this mail because")
    assert known.text != unknown.text


def test_a_mail_held_back_waits_for_its_moment(post_office):
    post(not_before=clock.now() + dt.timedelta(minutes=10))
    assert outbox.sweep_mail() == 0
    with clock.at(clock.now() + dt.timedelta(minutes=11)):
        assert outbox.sweep_mail() == 1


def test_a_mail_that_is_no_longer_true_is_taken_back_unless_it_has_left(post_office):
    post("month:1:anna")
    outbox.sweep_mail()
    post("month:1:bela", "bela@school.test")
    post("month:12:cili", "cili@school.test")
    assert outbox.withdraw("month:1:") == 1
    assert set(Mail.objects.values_list("key", flat=True)) == {"month:1:anna", "month:12:cili"}


def test_a_mail_in_somebodys_hands_is_left_to_them(post_office):
    mail = post()
    Mail.objects.filter(pk=mail.pk).update(claimed_until=clock.now() + outbox.LEASE)
    assert outbox.sweep_mail() == 0
    assert outbox.withdraw("one") == 0
    with clock.at(clock.now() + outbox.LEASE + dt.timedelta(seconds=1)):
        assert outbox.sweep_mail() == 1
    assert len(post_office.mails) == 1


def test_a_refused_recipient_is_given_up_at_once_and_holds_up_nobody(post_office):
    post_office.refusals["gone@school.test"] = "550 No such mailbox"
    post("gone", "gone@school.test")
    post("here", "here@school.test")
    assert outbox.sweep_mail() == 1
    gone = Mail.objects.get(key="gone")
    assert gone.given_up_at is not None
    assert "No such mailbox" in gone.last_error
    assert len(post_office.to("here@school.test")) == 1


def test_a_mail_put_off_is_tried_again_later_under_the_same_message_id(post_office):
    post_office.refusals["full@school.test"] = "452 Mailbox full"
    post("full", "full@school.test")
    assert outbox.sweep_mail() == 0
    waiting = Mail.objects.get()
    assert waiting.given_up_at is None
    assert "452" in waiting.last_error
    assert outbox.sweep_mail() == 0, "not before its wait is over"
    post_office.refusals.clear()
    with clock.at(waiting.not_before):
        assert outbox.sweep_mail() == 1
    assert post_office.mails[0]["Message-ID"] == outbox.message_id(waiting)


def test_without_a_mail_server_a_mail_waits_longer_each_time_and_is_given_up_at_the_end(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    post()
    now = clock.now()
    waits = []
    for _attempt in range(len(outbox.RETRY_DELAYS)):
        with clock.at(now):
            outbox.sweep_mail()
        mail = Mail.objects.get()
        assert mail.given_up_at is None
        waits.append(mail.not_before - now)
        now = mail.not_before
    assert tuple(waits) == outbox.RETRY_DELAYS
    with clock.at(now):
        outbox.sweep_mail()
    mail.refresh_from_db()
    assert mail.given_up_at is not None
    assert "refused" in mail.last_error


def test_a_refused_sender_is_our_own_mistake_and_loses_no_mail(settings, monkeypatch):
    import smtplib

    post()
    monkeypatch.setattr(
        django_mail.EmailMessage,
        "send",
        lambda self: (_ for _ in ()).throw(smtplib.SMTPSenderRefused(550, b"who are you", "us@localhost")),
    )
    outbox.sweep_mail()
    mail = Mail.objects.get()
    assert mail.given_up_at is None
    assert mail.not_before > clock.now()


def test_a_mail_of_which_every_worker_dies_is_not_tried_for_ever(post_office):
    mail = post()
    Mail.objects.filter(pk=mail.pk).update(attempts=len(outbox.RETRY_DELAYS) + 1)
    assert outbox.sweep_mail() == 0
    assert Mail.objects.get().given_up_at is not None
    assert post_office.mails == []
