"""Mails are rows first, and leave once, over real SMTP."""

import datetime as dt

import pytest
from django.db import transaction

from common import clock
from messaging.notifications import delivery, outbox
from messaging.notifications.models import Mail
from tests.post_office import words_of

pytestmark = pytest.mark.django_db


def test_a_mail_is_composed_when_it_is_posted_and_sent_later(smtp, post):
    mail = post()
    assert mail.subject == "Your code: ABC-D'EF"
    assert smtp.mails == []
    assert delivery.sweep_mail() == 1
    [sent] = smtp.to("anna@school.test")
    assert sent["Subject"] == "Your code: ABC-D'EF"
    assert "ABC-D'EF" in words_of(sent)
    assert sent["Message-ID"] == delivery.message_id(mail)
    mail.refresh_from_db()
    assert mail.sent_at is not None
    assert mail.attempts == 1
    assert delivery.sweep_mail() == 0


def test_posting_one_key_twice_writes_one_mail(post):
    assert post("same") is not None
    assert post("same") is None
    assert Mail.objects.count() == 1


def test_a_mail_is_rolled_back_with_its_transaction(post):
    with transaction.atomic():
        post()
        transaction.set_rollback(True)
    assert not Mail.objects.exists()


def test_a_mail_has_dates_in_its_readers_language_and_time_zone(participant, post):
    nearly_december = dt.datetime(2026, 11, 30, 23, 30, tzinfo=dt.UTC)
    letter = {"invitation": {"expires_at": nearly_december}, "link": "/"}
    with clock.at(dt.datetime(2026, 11, 1, tzinfo=dt.UTC)):
        london = post("a", kind="invitation", user=participant, zone="Europe/London", context=letter)
        warsaw = post("b", kind="invitation", user=participant, zone="Europe/Warsaw", context=letter)
        polish = post("c", kind="invitation", user=participant, language="pl", context=letter)
    assert "30 November" in london.text
    assert "1 December" in warsaw.text
    assert "1 grudnia" in polish.text


def test_every_mail_ends_with_who_sent_it_and_why(participant, post):
    known, unknown = post("known", user=participant), post("unknown")
    for mail in (known, unknown):
        foot = mail.text.partition("\n-- \n")[2]
        assert "Aftercourse" in foot
        assert foot.startswith("You’re receiving this email because")
    assert known.text != unknown.text


def test_a_mail_is_not_sent_before_its_moment(smtp, post):
    post(not_before=clock.now() + dt.timedelta(minutes=10))
    assert delivery.sweep_mail() == 0
    with clock.at(clock.now() + dt.timedelta(minutes=11)):
        assert delivery.sweep_mail() == 1


def test_withdrawing_deletes_mails_by_their_prefix_unless_they_were_sent(smtp, post):
    post("month:1:anna")
    delivery.sweep_mail()
    post("month:1:bela", "bela@school.test")
    post("month:12:cili", "cili@school.test")
    assert outbox.withdraw("month:1:") == 1
    assert set(Mail.objects.values_list("key", flat=True)) == {"month:1:anna", "month:12:cili"}


def test_a_mail_that_was_given_up_is_withdrawn_too_because_it_could_be_sent_again(post):
    mail = post("month:1:anna")
    Mail.objects.filter(pk=mail.pk).update(given_up_at=clock.now(), give_up_reason=Mail.GiveUpReason.REFUSED)
    assert outbox.withdraw("month:1:") == 1
    assert outbox.retry(Mail.objects.all()) == 0


def test_a_claimed_mail_is_left_to_its_worker_until_the_lease_is_over(smtp, post):
    mail = post()
    Mail.objects.filter(pk=mail.pk).update(claimed_until=clock.now() + delivery.LEASE)
    assert delivery.sweep_mail() == 0
    assert outbox.withdraw("one") == 0
    with clock.at(clock.now() + delivery.LEASE + dt.timedelta(seconds=1)):
        assert delivery.sweep_mail() == 1
    assert len(smtp.mails) == 1


def test_many_mails_cost_as_many_statements_as_one_and_each_has_its_own_words(django_assert_num_queries):
    def letters(*numbers: int) -> list[outbox.Letter]:
        shared = {"invitation": {"expires_at": clock.now()}}
        return [
            outbox.Letter(
                key=f"mail:{number}",
                kind="invitation",
                user=None,
                address=f"p{number}@school.test",
                language="en",
                zone="Europe/Budapest",
                context=shared,
                personal={"name": f"Person {number}", "link": f"/{number}/"},
            )
            for number in numbers
        ]

    # The query for what was posted before, and an insert in a savepoint.
    with django_assert_num_queries(4):
        outbox.post_all(letters(1))
    with django_assert_num_queries(4):
        posted = outbox.post_all(letters(*range(1, 30)))
    assert [mail.key for mail in posted] == [f"mail:{number}" for number in range(2, 30)]
    assert Mail.objects.count() == 29
    mail = Mail.objects.get(key="mail:7")
    assert "Hello Person 7," in mail.text
    assert "/7/" in mail.text
    assert "Person 8" not in mail.text


def test_mails_that_another_process_posted_meanwhile_are_left_out(post, monkeypatch):
    post("one")
    asked = []
    posted = outbox._posted

    def none_at_first(keys):
        asked.append(keys)
        return set() if len(asked) == 1 else posted(keys)

    monkeypatch.setattr(outbox, "_posted", none_at_first)
    about = {
        "kind": "account-code",
        "user": None,
        "language": "en",
        "zone": "UTC",
        "context": {"code": "A-B"},
    }
    letters = [outbox.Letter(key=key, address="anna@school.test", **about) for key in ("one", "two")]
    assert [mail.key for mail in outbox.post_all(letters)] == ["two"]
    assert Mail.objects.count() == 2
