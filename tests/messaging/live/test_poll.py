"""Polling: the streams without a socket."""

import uuid

import pytest
from django.urls import reverse

from messaging.chat import actions
from messaging.live import streams


def poll(client, *asked):
    """The frames of a poll for these streams, each as `name,number`."""
    return client.get(reverse("live_poll"), {"s": asked}).json()["frames"]


def post(room, author, text="It worked"):
    return actions.post_message(room=room, author=author, text=text, client_id=uuid.uuid4())


@pytest.mark.parametrize("asked", ["room:1,²", "room:1,", "room:1," + "9" * 5000, f"room:{'9' * 30},0", "x"])
def test_a_malformed_number_is_answered_as_unknown(as_, participant, asked):
    assert [frame["t"] for frame in poll(as_(participant), asked)] == ["unknown"]


def test_each_stream_is_answered_in_the_order_asked_for(as_, participant, stranger, space):
    number = post(space.room, participant).number
    own = f"room:{space.room_id},{number - 1}"
    entries, unknown, person = poll(as_(participant), own, "room:999999,0", f"person:{participant.pk},0")
    assert [entry["n"] for entry in entries["e"]] == [number]
    assert entries["more"] is False
    assert unknown == {"t": "unknown", "s": "room:999999"}
    assert person["t"] == "entries"
    assert poll(as_(stranger), own) == [{"t": "unknown", "s": f"room:{space.room_id}"}]


def test_ten_rooms_take_as_many_queries_as_one(as_, participant, space, django_assert_num_queries):
    rooms = [space.room] + [actions.open_room(closes_at=None) for _one in range(9)]
    for room in rooms[1:]:
        actions.admit(room=room, user=participant)
    for room in rooms:
        post(room, participant)
    client = as_(participant)
    asked = [f"room:{room.pk},{room.last_number}" for room in rooms]
    with django_assert_num_queries(queries_of(client, asked[:1])):
        frames = poll(client, *asked)
    assert [len(frame["e"]) for frame in frames] == [1] * 10


def queries_of(client, asked):
    """How many queries a poll takes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        poll(client, *asked)
    return len(queries)


def test_a_dismissal_between_the_check_and_the_read_is_noticed(as_, participant, trainer, space, monkeypatch):
    after, room = streams.after, space.room
    number = post(room, participant).number

    def read_too_late(asked, limit):
        actions.dismiss(room=room, user=participant)
        post(room, trainer, "Not for Petra")
        return after(asked, limit)

    monkeypatch.setattr(streams, "after", read_too_late)
    assert poll(as_(participant), f"room:{room.pk},{number}") == [{"t": "unknown", "s": f"room:{room.pk}"}]


def test_after_a_dismissal_no_number_brings_anything(as_, participant, trainer, space):
    number = post(space.room, participant).number
    actions.dismiss(room=space.room, user=participant)
    post(space.room, trainer, "Not for Petra")
    for since in (0, number, number + 1):
        frames = poll(as_(participant), f"room:{space.room_id},{since}")
        assert frames == [{"t": "unknown", "s": f"room:{space.room_id}"}]
