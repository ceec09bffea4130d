"""Reconciling without a server: what no hint announced is found in the database."""

import asyncio
import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import connections

from common import clock
from common.sessions import stored_key
from messaging.live import frames, metrics, reconcile, ticket
from messaging.live.hub import Hub
from messaging.live.models import Revocation
from messaging.live.presence import Presence
from messaging.live.reconcile import HEARTBEAT_ROUNDS, RECHECKS_PER_ROUND, TICKET_HEARTBEATS, Reconciler
from messaging.live.revocations import Revocations
from tests.messaging.live.fakes import STREAM, FakeSubscriber, join, source, turns

__all__ = ["source"]
pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def in_db(db):
    """Runs database work from a coroutine, in another thread but on the connection of the test."""
    ours = connections["default"]

    async def in_thread(work, *arguments):
        def on_our_connection():
            connections["default"] = ours
            return work(*arguments)

        return await asyncio.get_running_loop().run_in_executor(thread, on_our_connection)

    ours.inc_thread_sharing()
    with ThreadPoolExecutor(max_workers=1) as thread:
        yield in_thread
        thread.submit(lambda: delattr(connections._connections, "default"))
    ours.dec_thread_sharing()


@pytest.fixture
def reconciler(source, in_db, monkeypatch):
    """A reconciler with a hub of its own."""
    monkeypatch.setattr(reconcile, "in_thread", in_db)
    hub = Hub()
    return Reconciler(hub, Presence(hub), Revocations())


def session_for(subscriber, user, key):
    """Make a subscriber the socket of this user with a session of this key."""
    subscriber.user_id, subscriber.session_key = user.pk, key
    subscriber.person = ticket.Person.of(user, ticket.session_digest(key))
    signed_in = {SESSION_KEY: str(user.pk), HASH_SESSION_KEY: user.get_session_auth_hash()}
    Session.objects.save(stored_key(key), signed_in, clock.now() + DAY)
    return subscriber


@pytest.fixture
def socket(participant, source):
    source.members.add(participant.pk)
    return session_for(FakeSubscriber(), participant, "p" * 32)


def test_an_entry_without_a_hint_is_delivered_and_counted_as_a_repaired_gap(reconciler, source, socket):
    async def story():
        join(reconciler.hub, socket)
        await turns(10)
        source.append()
        source.append()
        before = metrics.GAPS_REPAIRED._value.get()
        await reconciler.run_once()
        await turns(20)
        assert metrics.GAPS_REPAIRED._value.get() == before + 2

    asyncio.run(story())
    assert socket.numbers == [1, 2]


def test_nothing_new_costs_no_read_of_a_log(reconciler, source, socket):
    async def story():
        join(reconciler.hub, socket)
        await turns(10)
        await reconciler.run_once()
        await turns(10)

    asyncio.run(story())
    assert source.reads == 0


def test_a_revocation_row_without_a_hint_ends_a_stream(reconciler, source, socket, participant, in_db):
    async def story():
        join(reconciler.hub, socket)
        await turns(10)
        source.members.discard(participant.pk)
        await in_db(lambda: Revocation.objects.create(person=participant.pk))
        await reconciler.run_once()

    asyncio.run(story())
    assert socket.of_type("unknown") == [{"t": "unknown", "s": str(STREAM)}]
    assert socket.follows == {}


def test_rights_that_were_revoked_without_a_row_are_found_in_a_round_of_a_small_server(
    reconciler, source, socket, participant
):
    async def story():
        join(reconciler.hub, socket)
        await turns(10)
        source.members.discard(participant.pk)
        await reconciler.run_once()

    asyncio.run(story())
    assert socket.of_type("unknown")


@pytest.mark.parametrize("end", ["expired", "deleted", "suspended", "password", "of another"])
def test_a_sign_in_that_ended_unannounced_closes_the_socket(reconciler, socket, participant, end, in_db):
    rows, past = type(participant).objects.filter(pk=participant.pk), clock.now() - dt.timedelta(seconds=1)
    ends = {
        "expired": lambda: Session.objects.update(expire_date=past),
        "deleted": lambda: Session.objects.all().delete(),
        "suspended": lambda: rows.update(suspended_at=past),
        "password": lambda: rows.update(password="set by a management command"),
        "of another": lambda: Session.objects.save(
            stored_key("p" * 32), {SESSION_KEY: "0"}, clock.now() + DAY
        ),
    }

    async def story():
        join(reconciler.hub, socket)
        await turns(10)
        await in_db(ends[end])
        await reconciler.run_once()

    asyncio.run(story())
    assert socket.frames[-1] == {"t": "closed", "code": frames.CLOSE_ENDED}


def test_a_new_name_and_choice_of_presence_reach_open_sockets(reconciler, socket, participant, in_db):
    async def story():
        join(reconciler.hub, socket)
        rows = type(participant).objects.filter(pk=participant.pk)
        await in_db(lambda: rows.update(name="New Name", shows_presence=False))
        await reconciler.run_once()

    asyncio.run(story())
    assert (socket.person.name, socket.person.shows_presence) == ("New Name", False)


def test_a_stream_allowed_until_a_moment_ends_then(reconciler, source, socket):
    now = clock.now()

    async def story():
        reconciler.hub.add(socket)
        reconciler.hub.follow(socket, STREAM, 0, (now + dt.timedelta(minutes=1)).timestamp())
        await turns(10)
        reconciler._expire()
        assert socket.of_type("unknown") == []
        with clock.at(now + dt.timedelta(minutes=2)):
            reconciler._expire()

    asyncio.run(story())
    assert socket.of_type("unknown")


def test_a_full_server_checks_its_sockets_in_shares_and_each_within_a_minute(reconciler):
    many = RECHECKS_PER_ROUND * 3
    for number in range(many):
        reconciler.hub.add(FakeSubscriber(number))
    checked = []

    async def remember(subscribers):
        checked.extend(subscribers)

    reconciler.recheck = remember
    shares = 1 + many // RECHECKS_PER_ROUND

    async def story():
        for _round in range(shares):
            await reconciler.run_once()

    asyncio.run(story())
    assert len(checked) == many
    assert set(checked) == reconciler.hub.subscribers


def test_every_socket_gets_heartbeats_and_now_and_then_a_fresh_ticket(reconciler, socket):
    async def story():
        join(reconciler.hub, socket)
        await turns(10)
        for _round in range(HEARTBEAT_ROUNDS * TICKET_HEARTBEATS):
            await reconciler.run_once()

    asyncio.run(story())
    assert len(socket.of_type("pong")) == TICKET_HEARTBEATS - 1
    (fresh,) = socket.of_type("ticket")
    shown = ticket.decode(fresh["ticket"], socket.session_key)
    assert shown is not None
    assert shown.streams == {str(STREAM): 0}
    assert shown.person == socket.person
