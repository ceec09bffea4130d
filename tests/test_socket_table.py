"""One table: every word of the socket and every stream, by every member of the cast.

Letters in the order of `WHO`: `+` done or followed, `-` refused, and nothing is told. Who is not signed in
has no socket (tests/messaging/live). A word or a kind of stream without its row fails.
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
NOBODY = "- ---- ----"


def written(cast: Cast, withdrawn: bool = False) -> int:
    """What the participant said in the room; its number."""
    said = chat.post_message(
        room=cast.space.room, author=cast.participant, text="It worked", client_id=uuid.uuid4()
    )
    if withdrawn:
        chat.withdraw_message(room=cast.space.room, number=said.number, by=cast.participant)
    return said.number


def closed_around(cast: Cast) -> int:
    """A message of a room that closed since; its number."""
    number = written(cast)
    close_now(cast.space)
    return number


WORDS: list[tuple[str, str, Callable[[Cast], dict], bool]] = [
    # stranger, awaiting participant another trainer, coordinator other_coordinator evaluator moderator
    ("send", "- ++++ ----", lambda cast: {"text": "Hello"}, False),
    ("send", NOBODY, lambda cast: {"text": "Hello"}, True),
    ("edit", "- -+-- ----", lambda cast: {"n": written(cast), "text": "Mended"}, False),
    ("withdraw", "- -+-+ ----", lambda cast: {"n": written(cast)}, False),
    ("restore", "- -+-- ----", lambda cast: {"n": written(cast, withdrawn=True)}, False),
    ("react", "- ++++ ----", lambda cast: {"n": written(cast), "mark": "thanks", "on": True}, False),
    ("react", NOBODY, lambda cast: {"n": closed_around(cast), "mark": "thanks", "on": True}, False),
    ("readers", "- ++++ ----", lambda cast: {}, False),
    ("readers", "- -+++ ----", lambda cast: {}, True),
    ("read", "- ++++ ----", lambda cast: {"n": 1}, False),
    ("read", "- -+++ ----", lambda cast: {"n": 1}, True),
    ("here", "- ++++ ----", lambda cast: {"typing": True}, False),
]
STREAMS: list[tuple[str, str, Callable[[Cast], int], bool]] = [
    ("room", "- ++++ ----", lambda cast: cast.space.room_id, False),
    ("room", "- -+++ ----", lambda cast: cast.space.room_id, True),
    ("room", NOBODY, lambda cast: 999_999, False),
    ("person", "- -+-- ----", lambda cast: cast.participant.pk, False),
    ("person", NOBODY, lambda cast: 999_999, False),
]


class Tab:
    """The socket of somebody who asked to follow the room, and what came of their words."""

    def __init__(self, user: User, room: Stream) -> None:
        self.user_id = user.pk
        self.person = Person.of(user, "")
        self.follows = {room: 0.0} if streams.may_follow(user.pk, room) is not None else {}
        self.heard: list[str] = []

    def send(self, frame: Mapping[str, object]) -> None:
        self.heard.append(str(frame["t"]))

    def report_presence(self, stream: Stream, typing: bool) -> None:
        if stream in self.follows:
            self.heard.append("seen")


class WriterAtOnce:
    """Does what the writer's thread would do, at once."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab

    def send(self, message: NewMessage, on_outcome: OnOutcome) -> None:
        on_outcome(insert_messages([message])[0])

    def read(self, room: int, user: int, number: int) -> None:
        self.tab.heard.append("read")


def got_of(word: str, user: User, said: dict, monkeypatch: pytest.MonkeyPatch) -> str:
    """What somebody gets for a word: done, or refused."""
    if word in socket._loop_commands:
        tab = Tab(user, Stream("room", said["room"]))
        monkeypatch.setattr(socket_commands, "writer", lambda: WriterAtOnce(tab))
        socket._loop_commands[word](tab, said)
        return "+" if {"ack", "seen", "read"} & set(tab.heard) else "-"
    try:
        socket._as_user(socket._commands[word], user.pk, said)
    except Refused:
        return "-"
    return "+"


def letters(row: str) -> dict[str, str]:
    """Who gets what, of a row."""
    return dict(zip(WHO, row.replace(" ", ""), strict=True))


@pytest.mark.parametrize(("word", "row", "about", "closed"), WORDS)
def test_whose_words_are_done(word, row, about, closed, cast, subtests, monkeypatch):
    for who, expected in letters(row).items():
        with subtests.test(who=who), transaction.atomic():
            said = {"t": word, "room": cast.space.room_id, "cid": str(uuid.uuid4()), **about(cast)}
            if closed:
                close_now(cast.space)
            got = got_of(word, cast.who(who), said, monkeypatch)
            assert got == expected, who
            transaction.set_rollback(True)


@pytest.mark.parametrize(("kind", "row", "of", "closed"), STREAMS)
def test_who_follows_a_stream(kind, row, of, closed, cast):
    stream = Stream(kind, of(cast))
    if closed:
        close_now(cast.space)
    assert {who: "+-"[streams.may_follow(cast.who(who).pk, stream) is None] for who in WHO} == letters(row)


@pytest.mark.parametrize("who", FORMER)
@pytest.mark.parametrize(("word", "_row", "about", "closed"), WORDS)
def test_words_of_somebody_who_was_a_member_are_refused(word, _row, about, closed, who, cast, monkeypatch):
    user = made(cast, who)
    said = {"t": word, "room": cast.space.room_id, "cid": str(uuid.uuid4()), **about(cast)}
    if closed:
        close_now(cast.space)
    assert got_of(word, user, said, monkeypatch) == "-"


@pytest.mark.parametrize("who", FORMER)
def test_somebody_who_was_a_member_follows_no_room(who, cast, as_):
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


def test_every_word_and_every_kind_of_stream_has_its_row():
    assert set(socket._commands) | set(socket._loop_commands) == {word for word, *_rest in WORDS}
    assert set(streams._sources) == {kind for kind, *_rest in STREAMS}
