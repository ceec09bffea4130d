"""A stream made of a list and sockets that only listen, for the tests of the hub by itself."""

import asyncio
import json

import pytest

from messaging.live import hub as hub_module
from messaging.live import streams
from messaging.live.hub import Hub
from messaging.live.streams import Stream
from messaging.live.subscription import Chunk

STREAM = Stream("list", 1)


class Listed:
    """A stream whose entries are a list."""

    def __init__(self):
        self.entries = []
        self.members = {1, 2}
        self.read = 0

    def add(self, **more):
        self.entries.append({"n": len(self.entries) + 1, **more})
        return self.entries[-1]

    def allowed(self, pairs):
        return {pair: 0 for pair in pairs if pair[0] in self.members}

    def lasts(self, ids):
        return dict.fromkeys(ids, len(self.entries))

    def after(self, stream_id, number, limit):
        self.read += 1
        return self.entries[number : number + limit]


class Subscriber:
    """A socket that only listens."""

    def __init__(self, user_id=1):
        self.user_id, self.session, self.frames, self.follows = user_id, "s", [], {}
        self.takes_more = True

    def write(self, frame):
        self.frames.append(json.loads(frame.event["text"]))

    def ready(self):
        return self.takes_more

    def close(self, code):
        self.frames.append({"t": "closed", "code": code})

    @property
    def numbers(self):
        return [entry["n"] for frame in self.frames if frame["t"] == "entries" for entry in frame["e"]]


@pytest.fixture
def listed(monkeypatch):
    async def at_once(work, *arguments):
        await asyncio.sleep(0)
        return work(*arguments)

    source = Listed()
    monkeypatch.setitem(streams._sources, "list", source)
    monkeypatch.setattr(hub_module, "in_thread", at_once)
    monkeypatch.setattr(hub_module, "GATHER_SECONDS", 0)
    monkeypatch.setattr(hub_module, "SLOW_READER_RETRY_SECONDS", 0.001)
    return source


def run(story):
    async def whole():
        hub = Hub()
        await story(hub)
        await turns(50)

    asyncio.run(whole())


async def turns(many):
    for _turn in range(many):
        await asyncio.sleep(0)


def come(hub, sink, after=0):
    hub.add(sink)
    hub.follow(sink, STREAM, after)


def brought(*entries):
    """A hint that brings along what it tells of."""
    return Chunk.of(STREAM, list(entries))
