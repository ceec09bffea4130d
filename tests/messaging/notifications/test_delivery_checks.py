"""A mail is looked at once more when it leaves: who may not have it, or wants none, does not get it."""

import datetime as dt
import logging

import pytest
from django.core import mail as django_mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock
from common.access import SYSTEM
from community.people import privacy as privacy_of_people
from community.spaces.actions import dismiss, readmit
from community.spaces.models import Membership
from followup.months import mails
from followup.months.models import Occasion
from messaging.notifications import bell, delivery, digests, mail_preferences
from messaging.notifications.models import Mail, Notification
from tests.cast import join, person
from tests.written import ask, reply_to

pytestmark = pytest.mark.django_db
REASONS = {
    "dismissed": "its reader may not see any more what it is about",
    "erased": "its reader is suspended or was erased",
    "unsubscribed": "its reader has unsubscribed",
}


@pytest.fixture
def letter(month, participant):
    """A letter of the month that waits to leave."""
    occasion = Occasion.objects.create(month=month, kind=Occasion.Kind.PROMPT, due_at=clock.now(), position=9)
    mails.post_prompt(occasion, month.prompts.first(), [participant])
    return Mail.objects.get(user=participant)


def subjects():
    return [mail.subject for mail in django_mail.outbox]


@pytest.mark.parametrize("what", REASONS)
def test_a_mail_is_not_sent_to_a_reader_who_may_not_have_it_any_more(
    letter, space, participant, coordinator, what, caplog
):
    # In a worker's hands, whose server was away: what is taken back then would leave.
    claimed = Mail.objects.filter(pk=letter.pk)
    claimed.update(claimed_until=clock.now() + dt.timedelta(minutes=5))
    if what == "dismissed":
        dismiss(space=space, user=participant, by=coordinator)
    elif what == "unsubscribed":
        mail_preferences.set_frequency(user=participant, scope=space.scope, frequency="never")
    else:
        privacy_of_people.erase(participant)
    claimed.update(claimed_until=None)
    with caplog.at_level(logging.INFO):
        assert delivery.sweep_mail() == 0
        assert delivery.sweep_mail() == 0
    assert subjects() == []
    assert claimed.get().last_error == REASONS[what]
    assert caplog.messages == [f"Mails that are not sent: 1, because {REASONS[what]}"]


def test_a_mail_is_sent_to_a_reader_who_may_have_it(letter):
    assert delivery.sweep_mail() == 1
    assert subjects() == [letter.subject]


def test_the_mail_that_says_access_has_ended_is_sent(month, space, participant):
    occasion = Occasion.objects.create(month=month, kind=Occasion.Kind.CLOSED, due_at=clock.now(), position=9)
    dismiss(space=space, user=participant, by=SYSTEM)
    mails.post_not_confirmed(occasion, [participant])
    assert delivery.sweep_mail() == 1


def test_a_mail_deleted_before_it_is_claimed_holds_up_no_other(letter, monkeypatch):
    other = Mail.objects.create(key="other", kind="month-prompt", address="a@school.test", subject="Other")
    claim = delivery._claim

    def vanished(ids):
        letter.delete()
        return claim(ids)

    monkeypatch.setattr(delivery, "_claim", vanished)
    assert delivery.sweep_mail() == 1
    assert subjects() == [other.subject]


def test_twenty_digests_of_which_some_may_not_be_sent_are_checked_together(cast, trainer):
    noon = dt.datetime.combine(clock.today("Europe/Budapest"), dt.time(12), dt.UTC)
    readers = [person(f"Reader {number}") for number in range(8)]
    with clock.at(noon):
        for reader in readers:
            join(cast.space, reader)
            reply_to(ask(cast.space, reader), trainer)
        Notification.objects.exclude(user__in=readers).delete()
    with clock.at(noon + dt.timedelta(hours=6)):
        assert digests.sweep_digests() == 8
        dismiss(space=cast.space, user=readers[1], by=SYSTEM)
        mail_preferences.set_frequency(user=readers[2], scope=cast.space.scope, frequency="never")
        Mail.objects.filter(user=readers[3]).update(stop_scope="another")
        with CaptureQueriesContext(connection) as captured:
            assert delivery.sweep_mail() == 6
        reached = {recipient for mail in django_mail.outbox for recipient in mail.to}
        assert reached == {reader.email for reader in readers} - {readers[1].email, readers[2].email}
        assert len(captured) <= 2 * len(readers) + 16, "two for each, and those of their group"
        assert not Mail.objects.filter(user__in=[readers[1], readers[2]]).exists()


def news_of(mail):
    return list(mail.news.order_by("pk").values_list("thing_id", flat=True))


def test_a_digest_is_written_anew_without_what_was_withdrawn(cast, participant, trainer):
    noon = dt.datetime.combine(clock.today("Europe/Budapest"), dt.time(12), dt.UTC)
    mail_preferences.set_frequency(user=participant, scope=cast.space.scope, frequency="daily")
    with clock.at(noon):
        gone, stays = (ask(cast.space, participant, title=title) for title in ("One", "Other"))
        for thread in (gone, stays):
            reply_to(thread, trainer)
        bell.mark_all_seen(user=trainer)
    with clock.at(noon + dt.timedelta(hours=6)):
        assert digests.sweep_digests() == 1
        first = Mail.objects.get(kind="news")
        assert news_of(first) == [gone.pk, stays.pk]
        type(gone).objects.filter(pk=gone.pk).update(withdrawn_at=clock.now())
        assert delivery.sweep_mail() == 0
        assert digests.sweep_digests() == 1
        second = Mail.objects.get(kind="news")
        assert news_of(second) == [stays.pk]
        assert delivery.sweep_mail() == 1
        assert digests.sweep_digests() == 0
    assert subjects() == [second.subject]


def test_a_digest_about_a_space_that_was_left_is_sent_after_the_return(
    cast, participant, trainer, coordinator
):
    noon = dt.datetime.combine(clock.today("Europe/Budapest"), dt.time(12), dt.UTC)
    with clock.at(noon):
        reply_to(ask(cast.space, participant), trainer)
        bell.mark_all_seen(user=trainer)
    with clock.at(noon + dt.timedelta(hours=6)):
        assert digests.sweep_digests() == 1
        dismiss(space=cast.space, user=participant, by=coordinator)
        assert (delivery.sweep_mail(), digests.sweep_digests()) == (0, 0)
        assert Notification.objects.filter(user=participant, mailed_at=None).count() == 1
        readmit(space=cast.space, user=participant, by=coordinator)
        assert (digests.sweep_digests(), delivery.sweep_mail()) == (1, 1)
    assert Membership.objects.current().filter(user=participant).exists()
