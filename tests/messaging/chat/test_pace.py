"""The limit of messages is a person's, over all sockets together."""

import uuid

import pytest

from common import rates
from common.access import Refused
from messaging.chat import socket_commands
from messaging.chat.models import Entry
from messaging.live import socket
from messaging.live.streams import Stream
from tests.test_socket_table import SynchronousWriter, Tab
from tests.written import say


@pytest.fixture(autouse=True)
def time_stands_still(monkeypatch):
    monkeypatch.setattr(rates, "monotonic", lambda: 1_000.0)


def sends(tab, room, monkeypatch):
    monkeypatch.setattr(socket_commands, "writer", lambda: SynchronousWriter(tab))
    command = {"t": "send", "room": room.pk, "cid": str(uuid.uuid4()), "text": "Once more"}
    socket._loop_commands["send"](tab, command)


def test_eight_sockets_send_no_more_than_one(participant, another_participant, space, monkeypatch):
    stream = Stream("room", space.room_id)
    tabs = [Tab(participant, stream) for _ in range(8)]
    for number in range(40):
        sends(tabs[number % 8], space.room, monkeypatch)
    for tab in tabs:
        with pytest.raises(Refused, match="more at once than anyone can read"):
            sends(tab, space.room, monkeypatch)
    sends(Tab(another_participant, stream), space.room, monkeypatch)
    assert Entry.objects.count() == 41


@pytest.mark.parametrize("command", ["edit", "withdraw", "restore", "react"])
def test_changes_count_as_messages_do(command, participant, space):
    message = say(space, participant)
    for _ in range(40):
        assert rates.MESSAGES_AT_ONCE.take(participant.pk)
    fields = {"n": message.number, "text": "Mended", "mark": "thanks", "on": True}
    with pytest.raises(Refused, match="more at once than anyone can read"):
        socket._as_user(
            socket._commands[command],
            participant.pk,
            {"t": command, "room": space.room_id, "cid": str(uuid.uuid4()), **fields},
        )
