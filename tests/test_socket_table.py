"""One table of every socket command and every stream and every member of the cast.

Letters in the order of `WHO`: `+` done or subscribed, `-` refused without revealing anything. Visitors
have no socket (tests/messaging/live). A command or a kind of stream without a row fails.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping

import pytest
from django.db import transaction
from django.urls import reverse

from common import clock
from common.access import Refused
from community.people.models import User
from messaging.chat import actions as chat
from messaging.chat import socket_commands
from messaging.chat.posting import NewMessage, insert_messages
from messaging.chat.writer import OnOutcome
from messaging.live import socket, streams, ticket
from messaging.live.revocations import Revocations
from messaging.live.streams import Stream
from messaging.live.ticket import Person
from tests.cast import Cast, close_now
from tests.former import FORMER, made

WHO = (
    "stranger",
    "awaiting",
    "participant",
    "another_participant",
    "trainer",
    "coordinator",
    "other_coordinator",
    "evaluator",
    "moderator",
)
REFUSED_FOR_ALL = "- ---- ----"


def written(cast: Cast, withdrawn: bool = False) -> int:
    """A message of the participant in the room; its number."""
    message = chat.post_message(
        room=cast.space.room, author=cast.participant, text="It worked", client_id=uuid.uuid4()
    )
    if withdrawn:
        chat.withdraw_message(room=cast.space.room, number=message.number, by=cast.participant)
    return message.number


def closed_around(cast: Cast) -> int:
    """A message of a room that closed since; its number."""
    number = written(cast)
    close_now(cast.space)
    return number


COMMANDS: list[tuple[str, str, Callable[[Cast], dict], bool]] = [
    # stranger, awaiting participant another trainer, coordinator other_coordinator evaluator moderator
    ("send", "- ++++ ----", lambda cast: {"text": "Hello"}, False),
    ("send", REFUSED_FOR_ALL, lambda cast: {"text": "Hello"}, True),
    ("edit", "- -+-- ----", lambda cast: {"n": written(cast), "text": "Mended"}, False),
    ("withdraw", "- -+-+ ----", lambda cast: {"n": written(cast)}, False),
    ("restore", "- -+-- ----", lambda cast: {"n": written(cast, withdrawn=True)}, False),
    ("react", "- ++++ ----", lambda cast: {"n": written(cast), "mark": "thanks", "on": True}, False),
    ("react", REFUSED_FOR_ALL, lambda cast: {"n": closed_around(cast), "mark": "thanks", "on": True}, False),
    ("readers", "- ++++ ----", lambda cast: {}, False),
    ("readers", "- -+++ ----", lambda cast: {}, True),
    ("read", "- ++++ ----", lambda cast: {"n": 1}, False),
    ("read", "- -+++ ----", lambda cast: {"n": 1}, True),
    ("here", "- ++++ ----", lambda cast: {"typing": True}, False),
]
STREAMS: list[tuple[str, str, Callable[[Cast], int], bool]] = [
    ("room", "- ++++ ----", lambda cast: cast.space.room_id, False),
    ("room", "- -+++ ----", lambda cast: cast.space.room_id, True),
    ("room", REFUSED_FOR_ALL, lambda cast: 999_999, False),
    ("person", "- -+-- ----", lambda cast: cast.participant.pk, False),
    ("person", REFUSED_FOR_ALL, lambda cast: 999_999, False),
]


class Tab:
    """The socket of a user who subscribed to the room, and the outcomes of commands."""

    def __init__(self, user: User, room: Stream) -> None:
        self.user_id = user.pk
        self.person = Person.of(user, "")
        self.follows = {room: 0.0} if streams.may_follow(user.pk, room) is not None else {}
        self.received: list[str] = []

    def send(self, frame: Mapping[str, object]) -> None:
        self.received.append(str(frame["t"]))

    def report_presence(self, stream: Stream, typing: bool) -> None:
        if stream in self.follows:
            self.received.append("seen")


class SynchronousWriter:
    """Does the work of the writer's thread synchronously."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab

    def send(self, message: NewMessage, on_outcome: OnOutcome) -> None:
        on_outcome(insert_messages([message])[0])

    def read(self, room: int, user: int, number: int) -> None:
        self.tab.received.append("read")


def outcome_of(command: str, user: User, message: dict, monkeypatch: pytest.MonkeyPatch) -> str:
    """The outcome of a command: done, or refused."""
    if command in socket._loop_commands:
        tab = Tab(user, Stream("room", message["room"]))
        monkeypatch.setattr(socket_commands, "writer", lambda: SynchronousWriter(tab))
        socket._loop_commands[command](tab, message)
        return "+" if {"ack", "seen", "read"} & set(tab.received) else "-"
    try:
        socket._as_user(socket._commands[command], user.pk, message)
    except Refused:
        return "-"
    return "+"


def letters(row: str) -> dict[str, str]:
    """The expected outcome by user."""
    return dict(zip(WHO, row.replace(" ", ""), strict=True))


@pytest.mark.parametrize(("command", "row", "about", "closed"), COMMANDS)
def test_who_may_use_a_command(command, row, about, closed, cast, subtests, monkeypatch):
    for who, expected in letters(row).items():
        with subtests.test(who=who), transaction.atomic():
            message = {"t": command, "room": cast.space.room_id, "cid": str(uuid.uuid4()), **about(cast)}
            if closed:
                close_now(cast.space)
            outcome = outcome_of(command, cast.who(who), message, monkeypatch)
            assert outcome == expected, who
            transaction.set_rollback(True)


@pytest.mark.parametrize(("kind", "row", "of", "closed"), STREAMS)
def test_who_may_subscribe_to_a_stream(kind, row, of, closed, cast):
    stream = Stream(kind, of(cast))
    if closed:
        close_now(cast.space)
    assert {who: "+-"[streams.may_follow(cast.who(who).pk, stream) is None] for who in WHO} == letters(row)


@pytest.mark.parametrize("who", FORMER)
@pytest.mark.parametrize(("command", "_row", "about", "closed"), COMMANDS)
def test_commands_of_former_members_are_refused(command, _row, about, closed, who, cast, monkeypatch):
    user = made(cast, who)
    message = {"t": command, "room": cast.space.room_id, "cid": str(uuid.uuid4()), **about(cast)}
    if closed:
        close_now(cast.space)
    assert outcome_of(command, user, message, monkeypatch) == "-"


@pytest.mark.parametrize("who", FORMER)
def test_former_members_may_not_subscribe_to_the_room(who, cast, as_):
    user, room = made(cast, who), Stream("room", cast.space.room_id)
    assert streams.may_follow(user.pk, room) is None
    answer = as_(user).get(reverse("live_poll"), {"s": f"{room},0"})
    if user.is_active:
        assert answer.json()["frames"] == [{"t": "unknown", "s": str(room)}]
    else:
        assert answer.status_code == 302


@pytest.mark.parametrize("who", FORMER)
def test_a_ticket_from_before_the_end_is_stale_after_it(who, cast):
    make, end = FORMER[who]
    user = make(cast)
    known = Revocations()
    known.read()
    room = f"room:{cast.space.room_id}"
    with clock.at(clock.now() + dt.timedelta(minutes=2)):
        issued = ticket.decode(ticket.issue(user, "key", {room: 0}), "key")
        end(cast, user)
        known.read()
        was_inside = who != "former_evaluator"
        assert known.stale(issued) is was_inside


def test_every_command_and_every_kind_of_stream_has_a_row():
    assert set(socket._commands) | set(socket._loop_commands) == {command for command, *_rest in COMMANDS}
    assert set(streams._sources) == {kind for kind, *_rest in STREAMS}
