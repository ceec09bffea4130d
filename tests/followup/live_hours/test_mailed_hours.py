"""Live hours in digests: with the whole date, and not once they are over."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from common import clock
from followup.live_hours import actions as live_hours
from messaging.notifications import delivery, digests
from messaging.notifications.models import Mail
from tests.cast import ZONE


@pytest.fixture
def noon():
    return dt.datetime.combine(clock.today(ZONE), dt.time(12), ZoneInfo(ZONE))


def announce(month, by, now, starts_at):
    with clock.at(now):
        return live_hours.announce(
            month=month, title="Cards", starts_at=starts_at, ends_at=starts_at + dt.timedelta(hours=1), by=by
        )


def digest_of(user, now):
    with clock.at(now):
        digests.sweep_digests()
    return Mail.objects.filter(user=user, kind="news").first()


def test_a_digest_names_the_day_of_an_hour_in_full(month, trainer, participant, noon):
    starts_at = noon + dt.timedelta(days=1, hours=4)
    announce(month, trainer, noon, starts_at)
    mail = digest_of(participant, noon + dt.timedelta(hours=6))
    assert f"{starts_at:%A, {starts_at.day} %B %Y, 16:00}" in mail.text
    assert "tomorrow" not in mail.subject + mail.text


def test_an_hour_that_is_over_when_the_digest_is_written_is_not_in_it(month, trainer, participant, noon):
    announce(month, trainer, noon, noon + dt.timedelta(hours=1))
    assert digest_of(participant, noon + dt.timedelta(hours=6)) is None


def test_a_digest_about_an_hour_that_is_over_when_it_can_be_sent_is_not_sent(
    month, trainer, participant, noon
):
    announce(month, trainer, noon, noon + dt.timedelta(hours=6))
    assert digest_of(participant, noon + dt.timedelta(hours=5)) is not None
    with clock.at(noon + dt.timedelta(hours=8)):
        delivery.sweep_mail()
    assert not Mail.objects.filter(user=participant, kind="news").exists()


def test_a_reminder_of_an_hour_that_is_over_when_it_can_be_sent_is_not_sent(
    month, trainer, participant, noon, mailoutbox
):
    from followup.live_hours.jobs import sweep_live_hours

    starts_at = noon + dt.timedelta(hours=2)
    announce(month, trainer, noon, starts_at)
    with clock.at(starts_at - dt.timedelta(minutes=10)):
        sweep_live_hours()
    with clock.at(starts_at + dt.timedelta(hours=2)):
        delivery.sweep_mail()
    assert not [mail for mail in mailoutbox if "Cards" in mail.subject]
