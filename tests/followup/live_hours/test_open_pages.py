"""What pages that are open already, and pages of those who may begin an hour, show of live hours."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from common import clock
from followup.live_hours import actions as live_hours
from followup.live_hours.jobs import sweep_live_hours
from messaging.chat import history
from messaging.live import ticket
from tests.written import say

NOW = "I’m in the chat now"
END = "End the live hour"


def announce(month, by, starts_at):
    ends_at = starts_at + dt.timedelta(hours=1)
    return live_hours.announce(month=month, title="Exit tickets", starts_at=starts_at, ends_at=ends_at, by=by)


def notices_of(space):
    return [entry["n"] for entry in history.RoomLog().after(space.room_id, 0, 200) if entry["k"] == "notice"]


@pytest.fixture
def tomorrow():
    return clock.now() + dt.timedelta(days=1)


def test_every_change_of_an_hour_is_in_the_log_of_the_room(month, space, trainer, tomorrow):
    hour = announce(month, trainer, tomorrow)
    assert notices_of(space) == [1]
    later = tomorrow + dt.timedelta(hours=2)
    live_hours.move(hour=hour, title="X", starts_at=later, ends_at=later + dt.timedelta(hours=1), by=trainer)
    assert notices_of(space) == [1, 2]
    live_hours.cancel(hour=hour, by=trainer)
    live_hours.cancel(hour=hour, by=trainer)
    assert notices_of(space) == [1, 2, 3]


def test_an_hour_that_the_clock_begins_and_ends_is_in_the_log_once_each(month, space, trainer, tomorrow):
    hour = announce(month, trainer, tomorrow)
    for at in (hour.starts_at, hour.ends_at):
        with clock.at(at + dt.timedelta(seconds=1)):
            sweep_live_hours()
            sweep_live_hours()
    assert notices_of(space) == [1, 2, 3]


def test_going_live_and_ending_it_are_in_the_log_and_unread_nowhere(month, space, trainer, participant):
    hour = live_hours.go_live(month=month, by=trainer)
    live_hours.go_live(month=month, by=trainer)
    say(space, trainer)
    live_hours.cancel(hour=hour, by=trainer)
    assert notices_of(space) == [1, 3]
    assert history.unread_in(participant.pk, [space.room_id]) == {space.room_id: 1}


def test_a_page_asks_for_the_hour_of_now(month, space, trainer, participant, as_):
    path = reverse("room_hour", args=[space.pk])
    assert as_(participant).get(path).json() == {"line": "", "live": False}
    live_hours.go_live(month=month, by=trainer)
    answer = as_(participant).get(path).json()
    assert answer["live"]
    assert "is here now, until" in answer["line"]


def test_a_trainer_begins_and_ends_an_hour_from_today_and_the_room(month, space, trainer, participant, as_):
    pages = {
        name: reverse(*args)
        for name, args in {"today": ("today",), "room": ("space_room", None, [space.pk])}.items()
    }

    def shown(user):
        return {name: as_(user).get(path).content.decode() for name, path in pages.items()}

    assert all(NOW in page for page in shown(trainer).values())
    assert not any(NOW in page for page in shown(participant).values())
    live_hours.go_live(month=month, by=trainer)
    live = shown(trainer)
    assert not any(NOW in page for page in live.values())
    assert END in live["room"]
    assert "End it now" in live["today"]
    assert "End it now" not in shown(participant)["today"]
    assert END not in shown(participant)["room"]
    assert NOW not in as_(trainer).get(reverse("live_hours", args=[month.pk])).content.decode()


def test_ending_an_hour_from_today_leads_back_there_and_nowhere_else(month, trainer, as_):
    for path, leads_to in (("/", "/"), ("https://elsewhere.test/", reverse("live_hours", args=[month.pk]))):
        hour = live_hours.go_live(month=month, by=trainer)
        cancel = reverse("live_hour_cancel", args=[month.pk, hour.pk])
        assert as_(trainer).post(cancel, {"next": path}).url == leads_to
        hour.refresh_from_db()
        assert not hour.is_live


def test_a_cancelled_hour_is_over_when_its_time_has_come(month, trainer, tomorrow, as_):
    hour = announce(month, trainer, tomorrow)
    live_hours.cancel(hour=hour, by=trainer)
    path = reverse("live_hours", args=[month.pk])

    def shown():
        page = as_(trainer).get(path)
        return [len(page.context[name]) for name in ("to_come", "over")], page.content.decode()

    lists, page = shown()
    assert lists == [1, 0]
    assert "cancelled" in page
    assert "Cancel it" not in page
    with clock.at(hour.starts_at + dt.timedelta(minutes=1)):
        assert shown()[0] == [0, 1]


def test_today_follows_the_rooms_of_its_reader(space, participant, trainer, awaiting, stranger, as_):
    def followed(user):
        client = as_(user)
        page = client.get("/").content.decode()
        read = ticket.decode(re.search('data-ticket="([^"]*)"', page)[1], client.session.session_key)
        return re.search('data-follow="([^"]*)"', page)[1].split(), read.streams

    say(space, trainer)
    name = f"room:{space.room_id}"
    for user in (participant, trainer):
        streams, allowed = followed(user)
        assert streams == [f"{name},1"]
        assert allowed[name] == 0
    _streams, allowed = followed(awaiting)
    assert allowed[name] == awaiting.memberships.get().awaiting_until.timestamp()
    streams, allowed = followed(stranger)
    assert not streams
    assert name not in allowed


@pytest.mark.parametrize(
    ("who", "enters"), [("participant", True), ("trainer", True), ("coordinator", True), ("evaluator", False)]
)
def test_who_may_not_enter_the_room_gets_no_link_to_it(as_, cast, month, space, tomorrow, who, enters):
    announce(month, cast.trainer, tomorrow)
    client = as_(cast.who(who))
    room = reverse("space_room", args=[space.pk])
    assert client.get(room).status_code == (200 if enters else 404)
    for page in (reverse("space", args=[space.pk]), reverse("live_hours", args=[month.pk])):
        shown = client.get(page).content.decode()
        assert "Exit tickets" in shown
        assert ("Open the chat" in shown) is (f'href="{room}"' in shown) is enters
