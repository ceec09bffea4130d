"""A stream whose log is a list, and subscribers that only record, to test the hub without a server."""

import asyncio
import json

import pytest

from messaging.live import hub as hub_module
from messaging.live import streams
from messaging.live.hub import Hub
from messaging.live.streams import Stream
from messaging.live.subscription import Chunk
from messaging.live.ticket import Person
from tests.waiting import PATIENCE_SECONDS

STREAM = Stream("list", 1)


class ListSource:
    """A kind of stream whose entries are a list."""

    def __init__(self):
        self.entries = []
        self.members = {1, 2}
        self.reads = 0

    def append(self, **more):
        self.entries.append({"n": len(self.entries) + 1, **more})
        return self.entries[-1]

    def allowed(self, pairs):
        return {pair: 0 for pair in pairs if pair[0] in self.members}

    def lasts(self, ids):
        return dict.fromkeys(ids, len(self.entries))

    def after(self, stream_id, number, limit):
        self.reads += 1
        return self.entries[number : number + limit]


class FakeSubscriber:
    """A socket that records what is written to it."""

    def __init__(self, user_id=1, name="Somebody", shows_presence=True):
        self.user_id, self.session, self.session_key = user_id, "s", "k"
        self.person = Person(user_id, name, "s", shows_presence, "en")
        self.frames, self.follows, self.heartbeats = [], {}, 0
        self.is_ready = True

    def write(self, frame):
        self.frames.append(json.loads(frame.event["text"]))

    def ready(self):
        return self.is_ready

    def close(self, code):
        self.frames.append({"t": "closed", "code": code})

    def of_type(self, kind):
        return [frame for frame in self.frames if frame["t"] == kind]

    @property
    def numbers(self):
        return [entry["n"] for frame in self.of_type("entries") for entry in frame["e"]]


@pytest.fixture
def source(monkeypatch):
    async def without_thread(work, *arguments):
        await asyncio.sleep(0)
        return work(*arguments)

    source = ListSource()
    monkeypatch.setitem(streams._sources, "list", source)
    monkeypatch.setattr(hub_module, "in_thread", without_thread)
    monkeypatch.setattr(hub_module, "GATHER_SECONDS", 0)
    monkeypatch.setattr(hub_module, "SLOW_READER_RETRY_SECONDS", 0.001)
    return source


def run(scenario):
    """Run a scenario with a new hub, and then whatever it started."""

    async def whole():
        await scenario(Hub())
        await turns(50)

    asyncio.run(whole())


async def turns(many):
    """Let other tasks of the loop run so many times."""
    for _turn in range(many):
        await asyncio.sleep(0)


async def until(condition):
    """Let other tasks and timers of the loop run until the condition holds."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0)


def join(hub, subscriber, after=0):
    """Add a subscriber to the hub and let it follow the stream."""
    hub.add(subscriber)
    hub.follow(subscriber, STREAM, after)


def chunk_of(*entries):
    """The chunk that a hint with these entries carries."""
    return Chunk.of(STREAM, list(entries))
