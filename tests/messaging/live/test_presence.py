"""Presence without a server: who is shown to whom, and when somebody is gone."""

import pytest

from messaging.live import presence as presence_module
from messaging.live import publish
from messaging.live.hub import Hub
from messaging.live.presence import PRESENCE_TTL_SECONDS, SUMMARY_SECONDS, Presence
from tests.messaging.live.fakes import STREAM, FakeSubscriber, source

__all__ = ["source"]
S = str(STREAM)


@pytest.fixture
def time(monkeypatch):
    """The monotonic clock; move it by `time.now += seconds`."""

    class Time:
        now = 1000.0

    monkeypatch.setattr(presence_module, "monotonic", lambda: Time.now)
    return Time


@pytest.fixture
def published(monkeypatch):
    """What is published to other processes."""
    hints = []
    monkeypatch.setattr(publish, "ephemeral", hints.append)
    return hints


@pytest.fixture
def hub(source):
    return Hub()


@pytest.fixture
def presence(hub, time, published):
    return Presence(hub)


@pytest.fixture
def sockets(hub, monkeypatch):
    """Makes sockets that follow the stream. Nothing is read: presence needs no numbers."""
    monkeypatch.setattr(hub, "check_newest", lambda stream: None)

    def socket(user_id, name, **more):
        subscriber = FakeSubscriber(user_id, name, **more)
        hub.add(subscriber)
        hub.follow(subscriber, STREAM, 0)
        return subscriber

    return socket


def here(*people, typing=False):
    return {"t": "here", "s": S, "who": [{"id": one, "name": name} for one, name in people], "typing": typing}


def test_who_arrives_sees_those_present_and_is_shown_to_them(presence, sockets, published):
    petra, tamara = sockets(1, "Petra"), sockets(2, "Tamara")
    presence.report(petra, STREAM, typing=False)
    presence.report(tamara, STREAM, typing=False)
    assert petra.frames == [here((2, "Tamara"))]
    assert tamara.frames == [here((1, "Petra")), here((1, "Petra"))]
    assert published == [
        {"s": S, "here": [(1, "Petra")], "typing": False},
        {"s": S, "here": [(2, "Tamara")], "typing": False},
    ]


def test_repeating_here_sends_nothing_and_typing_does(presence, sockets):
    petra, tamara = sockets(1, "Petra"), sockets(2, "Tamara")
    presence.report(petra, STREAM, typing=False)
    tamara.frames.clear()
    presence.report(petra, STREAM, typing=False)
    assert tamara.frames == []
    presence.report(petra, STREAM, typing=True)
    assert tamara.frames == [here((1, "Petra"), typing=True)]
    assert petra.frames == []


def test_who_hides_their_presence_sees_others_and_is_not_shown(presence, sockets, published):
    petra, hidden = sockets(1, "Petra"), sockets(2, "Hidden", shows_presence=False)
    presence.report(petra, STREAM, typing=False)
    petra.frames.clear()
    published.clear()
    presence.report(hidden, STREAM, typing=True)
    assert hidden.frames[-1] == here((1, "Petra"))
    assert petra.frames == []
    assert published == []


def test_a_socket_that_does_not_follow_the_stream_is_not_present(presence, sockets, hub, published):
    petra = sockets(1, "Petra")
    outsider = FakeSubscriber(2, "Outsider")
    hub.add(outsider)
    presence.report(outsider, STREAM, typing=False)
    assert petra.frames == outsider.frames == published == []


def test_the_last_tab_that_closes_makes_somebody_gone(presence, sockets, hub, published):
    petra, one_tab, other_tab = sockets(1, "Petra"), sockets(2, "Tamara"), sockets(2, "Tamara")
    presence.report(one_tab, STREAM, typing=False)
    petra.frames.clear()
    presence.disconnect(one_tab)
    hub.remove(one_tab)
    assert petra.frames == []
    presence.disconnect(other_tab)
    hub.remove(other_tab)
    assert petra.frames == [{"t": "gone", "s": S, "who": 2}]
    assert published[-1] == {"s": S, "gone": 2}


def test_presence_expires_without_here(presence, sockets, time):
    petra, tamara = sockets(1, "Petra"), sockets(2, "Tamara")
    presence.report(tamara, STREAM, typing=False)
    petra.frames.clear()
    time.now += PRESENCE_TTL_SECONDS
    presence.summarise()
    assert petra.of_type("gone") == []
    time.now += 1
    presence.summarise()
    assert petra.of_type("gone") == [{"t": "gone", "s": S, "who": 2}]


def test_presence_ends_with_the_right_to_follow(presence, sockets, hub):
    petra, tamara = sockets(1, "Petra"), sockets(2, "Tamara")
    presence.report(tamara, STREAM, typing=False)
    hub.revoke([tamara], STREAM)
    presence.summarise()
    assert petra.of_type("gone") == [{"t": "gone", "s": S, "who": 2}]


def test_all_who_stay_are_repeated_in_one_summary_every_interval(presence, sockets, time, published):
    petra, tamara = sockets(1, "Petra"), sockets(2, "Tamara")
    presence.report(petra, STREAM, typing=False)
    presence.report(tamara, STREAM, typing=False)
    petra.frames.clear()
    published.clear()
    presence.summarise()
    assert petra.frames == []
    time.now += SUMMARY_SECONDS
    presence.summarise()
    presence.summarise()
    assert petra.frames == [here((1, "Petra"), (2, "Tamara"))]
    assert published == [{"s": S, "here": [(1, "Petra"), (2, "Tamara")], "typing": False}]


def test_people_of_other_processes_are_shown_and_not_summarised(presence, sockets, time, published):
    petra = sockets(1, "Petra")
    presence.on_here(STREAM, [(7, "Pal")], typing=False)
    assert petra.frames == [here((7, "Pal"))]
    time.now += SUMMARY_SECONDS
    presence.summarise()
    assert published == []
    presence.on_gone(STREAM, 7)
    assert petra.of_type("gone") == [{"t": "gone", "s": S, "who": 7}]


def test_a_tab_here_keeps_somebody_present_who_left_elsewhere(presence, sockets):
    petra, tamara = sockets(1, "Petra"), sockets(2, "Tamara")
    presence.report(tamara, STREAM, typing=False)
    presence.on_gone(STREAM, 2)
    assert petra.of_type("gone") == []
