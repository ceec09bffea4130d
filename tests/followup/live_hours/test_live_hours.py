"""Live hours: announcing, moving, cancelling and beginning them, and who is notified once."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from common.access import SYSTEM, Refused
from community.spaces.actions import dismiss
from community.spaces.models import Membership
from community.spaces.permissions import clear_standing
from followup.live_hours import actions as live_hours
from followup.live_hours.jobs import sweep_live_hours
from followup.live_hours.models import LiveHour
from messaging.notifications import bell, mail_preferences
from messaging.notifications.models import Mail, Notification
from tests import written
from tests.cast import ZONE, close_now, join, person

BUDAPEST = ZoneInfo(ZONE)


@pytest.fixture
def four():
    """Tomorrow at four in Budapest."""
    tomorrow = clock.today(ZONE) + dt.timedelta(days=1)
    return dt.datetime.combine(tomorrow, dt.time(16), BUDAPEST).astimezone(dt.UTC)


@pytest.fixture
def hour(month, trainer, four):
    return announce(month, trainer, four)


def announce(month, by, starts_at, title="Exit tickets", minutes=60):
    return live_hours.announce(
        month=month,
        title=title,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(minutes=minutes),
        by=by,
    )


def notifications_of(user, kind):
    return list(Notification.objects.active().filter(user=user, kind=kind))


def letters(kind):
    return {mail.address: mail for mail in Mail.objects.filter(kind=kind)}


def form(day, starts="16:00", ends="17:00", title="Exit tickets"):
    return {"title": title, "day": day.isoformat(), "starts": starts, "ends": ends}


def test_announcing_is_idempotent_and_notifies_the_members_once(month, trainer, participant, four):
    first = announce(month, trainer, four)
    assert announce(month, trainer, four) == first
    (news,) = notifications_of(participant, "live-announced")
    assert news.context["title"] == "Exit tickets"
    assert not notifications_of(trainer, "live-announced")


def test_an_hour_is_not_in_the_past_nor_longer_than_four_nor_over_another_nor_after_the_end(
    month, trainer, hour, four
):
    for starts_at, minutes, why in [
        (clock.now() - dt.timedelta(minutes=5), 60, "in the past"),
        (four + dt.timedelta(hours=2), 241, "four hours"),
        (four + dt.timedelta(hours=2), 0, "after it starts"),
        (four + dt.timedelta(minutes=30), 60, "“Exit tickets” is already scheduled"),
        (month.space.closes_at - dt.timedelta(minutes=30), 60, "ends before that"),
    ]:
        with pytest.raises(Refused, match=why):
            announce(month, trainer, starts_at, "Another", minutes)
    assert announce(month, trainer, four + dt.timedelta(hours=1), "Right after")


def test_members_may_not_announce_and_nobody_may_in_a_closed_month(month, trainer, participant, four):
    with pytest.raises(Refused, match="Only a trainer"):
        announce(month, participant, four)
    close_now(month.space)
    clear_standing(trainer)
    with pytest.raises(Refused, match="closed with the follow-up"):
        announce(month, trainer, four)
    with pytest.raises(Refused, match="closed with the follow-up"):
        live_hours.go_live(month=month, by=trainer)


def test_everybody_is_reminded_once_half_an_hour_before_by_bell_and_by_mail(
    hour, trainer, participant, another_participant, awaiting, four
):
    Membership.objects.filter(user=another_participant).update(reads_along=True)
    with clock.at(four - dt.timedelta(minutes=31)):
        assert sweep_live_hours() == 0
    with clock.at(four - dt.timedelta(minutes=30)):
        assert sweep_live_hours() == 1
        assert sweep_live_hours() == 0
    assert [len(notifications_of(user, "live-soon")) for user in (participant, trainer)] == [1, 1]
    assert not notifications_of(another_participant, "live-soon")
    posted = letters("live-soon")
    assert set(posted) == {participant.email, trainer.email, awaiting.email}
    assert "16:00" in posted[participant.email].text
    assert "Your live hour" in posted[trainer.email].text
    assert posted[participant.email].stop_scope == hour.month.space.scope


def test_who_unsubscribed_from_the_space_gets_no_reminder_by_mail(hour, participant, space, four):
    mail_preferences.set_frequency(user=participant, scope=space.scope, frequency="never")
    with clock.at(four - dt.timedelta(minutes=10)):
        sweep_live_hours()
    assert participant.email not in letters("live-soon")
    assert notifications_of(participant, "live-soon")


def test_when_it_begins_the_members_are_notified_once_and_the_reminder_is_withdrawn(hour, participant, four):
    with clock.at(four - dt.timedelta(minutes=10)):
        sweep_live_hours()
    with clock.at(four + dt.timedelta(seconds=1)):
        assert sweep_live_hours() == 1
        assert sweep_live_hours() == 0
    assert len(notifications_of(participant, "live-now")) == 1
    assert not notifications_of(participant, "live-soon")


def test_jobs_that_run_after_the_hour_notify_nobody(hour, participant, four):
    with clock.at(four + dt.timedelta(hours=1)):
        assert sweep_live_hours() == 1  # that it is over, once
        assert sweep_live_hours() == 0
    assert not notifications_of(participant, "live-now")


def test_an_hour_that_is_over_is_not_counted_as_unseen(hour, participant, four):
    with clock.at(four + dt.timedelta(minutes=1)):
        sweep_live_hours()
        assert bell.unseen_count(participant) == 2
        before = bell.state_of(participant).number
    with clock.at(four + dt.timedelta(hours=1)):
        sweep_live_hours()
        state = bell.state_of(participant)
    assert (state.number, state.unseen) == (before + 1, 0)


def test_a_failing_hour_waits_longer_each_time_and_delays_no_other(
    hour, month, trainer, participant, four, monkeypatch
):
    other = LiveHour.objects.create(
        month=month,
        title="Another",
        starts_at=four + dt.timedelta(minutes=5),
        ends_at=four + dt.timedelta(hours=1),
        announced_by=trainer,
    )
    attempts = []

    def fail(failing, *args, **more):
        attempts.append(failing.pk)
        if failing.pk == hour.pk:
            raise RuntimeError("killed")

    due_at = four - dt.timedelta(minutes=20)  # of both
    with monkeypatch.context() as broken:
        broken.setattr("followup.live_hours.news._post", fail)
        for minutes in (0, 0.5, 1.5, 2, 7):
            with clock.at(due_at + dt.timedelta(minutes=minutes)):
                sweep_live_hours()
    assert attempts == [hour.pk, other.pk, hour.pk, hour.pk]
    assert len(notifications_of(participant, "live-soon")) == 1, "only of the other"
    with clock.at(four - dt.timedelta(seconds=1)):
        assert sweep_live_hours() == 0
    with clock.at(four + dt.timedelta(minutes=3)):
        assert sweep_live_hours() == 1
    assert notifications_of(participant, "live-now")


def _fail(*_args, **_more):
    raise RuntimeError("killed here")


def test_a_moved_hour_withdraws_its_notifications_and_reminds_again(hour, trainer, participant, four):
    later = four + dt.timedelta(hours=3)
    with clock.at(four - dt.timedelta(minutes=10)):
        sweep_live_hours()
        live_hours.move(
            hour=hour,
            title=hour.title,
            starts_at=later,
            ends_at=later + dt.timedelta(hours=1),
            by=trainer,
        )
        assert not notifications_of(participant, "live-soon")
        assert not notifications_of(participant, "live-announced")
        assert len(notifications_of(participant, "live-moved")) == 1
        assert set(letters("live-soon")) == set()  # none has left
        assert participant.email in letters("live-moved")  # but some may have
    with clock.at(later - dt.timedelta(minutes=10)):
        assert sweep_live_hours() == 1
    assert len(notifications_of(participant, "live-soon")) == 1


def test_another_title_alone_notifies_nobody(hour, trainer, participant):
    live_hours.move(
        hour=hour, title="Other tickets", starts_at=hour.starts_at, ends_at=hour.ends_at, by=trainer
    )
    assert LiveHour.objects.get().title == "Other tickets"
    assert not notifications_of(participant, "live-moved")


def test_cancelling_is_idempotent_and_stops_the_reminder(hour, trainer, participant, four):
    live_hours.cancel(hour=hour, by=trainer)
    live_hours.cancel(hour=hour, by=trainer)
    assert len(notifications_of(participant, "live-cancelled")) == 1
    assert not notifications_of(participant, "live-announced")
    with clock.at(four - dt.timedelta(minutes=10)):
        assert sweep_live_hours() == 0
    with pytest.raises(Refused, match="already started"):
        live_hours.move(hour=hour, title="x", starts_at=four, ends_at=hour.ends_at, by=trainer)


def test_going_live_begins_an_hour_and_is_idempotent(month, trainer, participant):
    hour = live_hours.go_live(month=month, by=trainer)
    assert hour.is_live
    assert hour.ends_at - hour.starts_at == dt.timedelta(hours=1)
    assert live_hours.go_live(month=month, by=trainer) == hour
    assert len(notifications_of(participant, "live-now")) == 1
    live_hours.cancel(hour=hour, by=trainer)
    assert not LiveHour.objects.to_come().exists()
    assert LiveHour.objects.get().cancelled_at is None


def test_going_live_shortly_before_an_hour_begins_that_hour(hour, month, trainer, four):
    with clock.at(four - dt.timedelta(minutes=20)):
        begun = live_hours.go_live(month=month, by=trainer)
        assert begun == hour
        assert begun.is_live
        assert begun.ends_at == hour.ends_at


def test_the_form_uses_the_time_zone_of_the_institute(as_, month, trainer):
    trainer.time_zone = "Asia/Vladivostok"
    trainer.save()
    day = clock.today(ZONE) + dt.timedelta(days=2)
    client = as_(trainer)
    page = client.get(reverse("live_hours", args=[month.pk])).content.decode()
    assert "Times are in Budapest time." in page
    client.post(reverse("live_hours", args=[month.pk]), form(day))
    (hour,) = LiveHour.objects.all()
    assert hour.starts_at == dt.datetime.combine(day, dt.time(16), BUDAPEST)


def test_a_refusal_keeps_what_was_typed(as_, month, trainer, hour):
    day = hour.starts_at.astimezone(BUDAPEST).date()
    answer = as_(trainer).post(reverse("live_hours", args=[month.pk]), form(day, title="Group work"))
    assert answer.status_code == 403
    assert "is already scheduled" in answer.content.decode()
    assert "Group work" in answer.content.decode()


def test_the_space_its_strip_and_today_show_the_hour(as_, space, hour, participant):
    client = as_(participant)
    front = client.get(reverse("space", args=[space.pk])).content.decode()
    assert "Tamara Trainer is here tomorrow at 16:00" in front
    assert "strip__hour" in front
    assert "Live hour: tomorrow" in front
    today = client.get(reverse("today")).content.decode()
    assert "Exit tickets" in today
    assert "tomorrow, 16:00" in today


def test_while_it_is_live_the_room_says_so(as_, space, hour, participant, four):
    with clock.at(four + dt.timedelta(minutes=5)):
        client = as_(participant)
        assert (
            "Tamara Trainer is here now, until 17:00"
            in client.get(reverse("space", args=[space.pk])).content.decode()
        )
        room = client.get(reverse("space_room", args=[space.pk])).content.decode()
        assert "Tamara Trainer is here now, until 17:00" in room


@pytest.mark.parametrize("page", ["space", "space_room"])
def test_opening_the_space_or_the_room_marks_the_notifications_as_seen(as_, space, hour, participant, page):
    as_(participant).get(reverse(page, args=[space.pk]))
    assert not Notification.objects.unseen().filter(user=participant).exists()


def test_afterwards_the_trainer_gets_a_link_to_its_messages(as_, space, hour, trainer, participant, four):
    def say(minutes, text):
        with clock.at(four + dt.timedelta(minutes=minutes)):
            return written.say(space, participant, text).number

    say(-5, "Too early")
    first, last = say(1, "Hello"), say(50, "Thank you")
    with clock.at(four + dt.timedelta(hours=2)):
        front = as_(trainer).get(reverse("space", args=[space.pk])).content.decode()
        link = reverse("live_hour_keep", args=[hour.month_id, hour.pk])
        assert link in front
        assert link not in as_(participant).get(reverse("space", args=[space.pk])).content.decode()
        response = as_(trainer).get(link)
    assert response.headers["Location"] == f"{reverse('room_keep', args=[space.pk])}?from={first}&to={last}"


@pytest.mark.parametrize("page", ["space", "today"])
def test_many_hours_cost_no_more_queries_than_one(as_, page, space, month, hour, trainer, participant):
    address = reverse(page, args=[space.pk] if page == "space" else [])

    def queries():
        client = as_(participant)
        client.get(reverse("space", args=[space.pk]))
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    few = queries()
    for days in range(1, 6):
        announce(month, trainer, hour.starts_at + dt.timedelta(days=days))
    assert queries() == few


@pytest.mark.parametrize("change", ["moved", "cancelled", "begun", "begun now"])
def test_all_bells_of_a_change_are_locked_in_one_statement(
    hour, month, space, trainer, participant, another_participant, four, monkeypatch, change
):
    """Locked in several statements, two concurrent changes could deadlock."""
    with clock.at(four - live_hours.REMINDER_LEAD):
        sweep_live_hours()
    dismiss(space=space, user=participant, by=SYSTEM)
    join(space, person("Nora Newcomer"))
    held: list[set[int]] = []
    real = bell._lock

    def hold(people, also=()):
        held.append({*people, *also})
        return real(people, also)

    monkeypatch.setattr(bell, "_lock", hold)
    moment = four if change == "begun" else four - dt.timedelta(minutes=20)
    with clock.at(moment):
        match change:
            case "moved":
                later = four + dt.timedelta(hours=2)
                ends_at = later + dt.timedelta(hours=1)
                live_hours.move(hour=hour, title="Later", starts_at=later, ends_at=ends_at, by=trainer)
            case "cancelled":
                live_hours.cancel(hour=hour, by=trainer)
            case "begun":
                sweep_live_hours()
            case "begun now":
                live_hours.go_live(month=month, by=trainer)
    first, *later_ones = held
    assert participant.pk in first, "who heard of it and left since"
    assert len(later_ones) >= 2
    assert all(one <= first for one in later_ones)


def test_an_hour_moved_to_and_fro_is_mailed_each_time(hour, trainer, participant, four):
    times = [four, four + dt.timedelta(minutes=3)]
    with clock.at(four - dt.timedelta(minutes=25)):
        assert sweep_live_hours() == 1
    for number in range(1, 5):
        with clock.at(four - dt.timedelta(minutes=25 - number)):
            at = times[number % 2]
            ends_at = at + dt.timedelta(hours=1)
            live_hours.move(hour=hour, title=hour.title, starts_at=at, ends_at=ends_at, by=trainer)
            Mail.objects.filter(sent_at=None).update(sent_at=clock.now())
            assert sweep_live_hours() == 1, "and everybody is reminded again"
            Mail.objects.filter(sent_at=None).update(sent_at=clock.now())
    mine = Mail.objects.filter(address=participant.email)
    assert mine.filter(kind="live-moved").count() == 4
    assert mine.filter(kind="live-soon").count() >= 4
    ends = {at + dt.timedelta(hours=1) for at in times}
    assert set(mine.values_list("expires_at", flat=True)) == ends, "of no use when the hour is over"


@pytest.mark.parametrize("deed", ["move", "cancel", "go_live"])
def test_all_bells_are_locked_before_anything_is_sent(
    month, trainer, participant, coordinator, hour, four, deed, monkeypatch
):
    def moved_by(hours):
        starts_at = four + dt.timedelta(hours=hours)
        ends_at = starts_at + dt.timedelta(hours=1)
        live_hours.move(hour=hour, title=hour.title, starts_at=starts_at, ends_at=ends_at, by=trainer)
        hour.refresh_from_db()

    moved_by(1)
    moved_by(0)
    # Somebody who has left was notified of the other time, and that notification comes back.
    bell.mark_all_seen(user=participant)
    dismiss(space=month.space, user=participant, by=coordinator)
    rounds = []
    hold = bell._lock

    def held(people, also=()):
        rounds.append({*people, *also})
        return hold(people, also)

    monkeypatch.setattr(bell, "_lock", held)
    if deed == "move":
        moved_by(1)
    elif deed == "cancel":
        live_hours.cancel(hour=hour, by=trainer)
    else:
        with clock.at(four - dt.timedelta(minutes=20)):
            live_hours.go_live(month=month, by=trainer)
    assert len(rounds) > 2
    assert set().union(*rounds) == rounds[0]
