"""The hub by itself: order, catching up, and leaving, with a stream made of a list."""

import asyncio
import json

import pytest

from messaging.live import hub as hub_module
from messaging.live import streams
from messaging.live.hub import Hub
from messaging.live.streams import Stream

STREAM = Stream("list", 1)


class Listed:
    """A stream whose entries are a list."""

    def __init__(self):
        self.entries = []
        self.members = {1, 2}
        self.slow = None

    def add(self, **more):
        self.entries.append({"n": len(self.entries) + 1, **more})

    def allowed(self, pairs):
        return {pair for pair in pairs if pair[0] in self.members}

    def lasts(self, ids):
        return dict.fromkeys(ids, len(self.entries))

    def after(self, stream_id, number, limit):
        return self.entries[number : number + limit]


class Sink:
    """A socket that only listens."""

    def __init__(self, user_id=1):
        self.user_id, self.session_key, self.frames = user_id, "s", []

    def write(self, frame):
        self.frames.append(json.loads(frame))

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
    return source


def run(story):
    async def whole():
        hub = Hub()
        await story(hub)
        for _turn in range(50):
            await asyncio.sleep(0)

    asyncio.run(whole())


async def come(hub, sink, after=0):
    hub.add(sink)
    return await hub.follow(sink, STREAM, after)


def test_hints_lost_doubled_or_early_change_nothing_in_what_is_heard(listed):
    sink = Sink()

    async def story(hub):
        await come(hub, sink)
        for number in range(30):
            listed.add()
            for _hint in range(number % 3):
                hub.hint(STREAM)
            await asyncio.sleep(0)
        hub.hint(STREAM)

    run(story)
    assert sink.numbers == list(range(1, 31))


def test_who_comes_in_the_middle_of_a_reading_misses_nothing(listed):
    early, late = Sink(1), Sink(2)
    for _one in range(40):
        listed.add()

    async def story(hub):
        await come(hub, early, after=30)
        listed.add()
        hub.hint(STREAM)
        hub.add(late)
        await hub.follow(late, STREAM, 10)

    run(story)
    assert early.numbers == list(range(31, 42))
    assert late.numbers == list(range(11, 42))


def test_more_than_a_page_is_delivered_page_by_page(listed):
    sink = Sink()
    for _one in range(streams.PAGE * 2 + 7):
        listed.add()

    async def story(hub):
        await come(hub, sink)

    run(story)
    assert sink.numbers == list(range(1, streams.PAGE * 2 + 8))


def test_nothing_that_comes_with_or_after_a_leaving_reaches_who_left(listed):
    gone, stays = Sink(1), Sink(2)

    async def story(hub):
        await come(hub, gone)
        await come(hub, stays)
        listed.members.discard(1)
        listed.add(who=1)
        listed.add(secret=True)
        hub.hint(STREAM)

    run(story)
    assert gone.frames == [{"t": "unknown", "s": str(STREAM)}]
    assert stays.numbers == [1, 2]


def test_who_left_and_came_back_hears_all_again(listed):
    back = Sink(1)
    listed.add(who=1)
    listed.add()

    async def story(hub):
        await come(hub, back)

    run(story)
    assert back.numbers == [1, 2]


def test_who_may_not_follow_is_told_so_and_gets_nothing(listed):
    sink = Sink(user_id=9)
    listed.add()
    answers = []

    async def story(hub):
        answers.append(await come(hub, sink))

    run(story)
    assert answers == [False]
    assert not sink.frames


def test_a_frame_that_passes_reaches_those_who_follow_and_no_others(listed):
    here, elsewhere = Sink(1), Sink(2)

    async def story(hub):
        await come(hub, here)
        hub.add(elsewhere)
        hub.pass_on(STREAM, '{"t":"here"}')

    run(story)
    assert here.frames == [{"t": "here"}]
    assert not elsewhere.frames


def test_a_sign_in_that_ends_takes_its_own_sockets_and_no_others(listed):
    one, other = Sink(1), Sink(1)
    other.session_key = "another"

    async def story(hub):
        await come(hub, one)
        await come(hub, other)
        hub.end(1, "s")

    run(story)
    assert one.frames == [{"t": "closed", "code": 4001}]
    assert not other.frames
