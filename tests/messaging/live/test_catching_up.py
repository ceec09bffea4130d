"""The hub by itself: who comes, comes back or is behind gets everything, once and in order."""

import asyncio
import json

from messaging.live import hub as hub_module
from messaging.live import streams
from tests.messaging.live.fakes import STREAM, Subscriber, brought, come, listed, run, turns

__all__ = ["listed"]


def test_who_comes_in_the_middle_of_a_reading_misses_nothing(listed):
    early, late = Subscriber(1), Subscriber(2)
    for _one in range(40):
        listed.add()

    async def story(hub):
        come(hub, early, after=30)
        listed.add()
        hub.hint(STREAM)
        come(hub, late, after=10)

    run(story)
    assert early.numbers == list(range(31, 42))
    assert late.numbers == list(range(11, 42))


def test_who_comes_at_every_moment_while_messages_come_misses_nothing(listed):
    sinks = [Subscriber() for _one in range(60)]
    starts = []

    async def story(hub):
        for sink in sinks:
            starts.append(max(0, len(listed.entries) - 3))
            come(hub, sink, after=starts[-1])
            hub.deliver(STREAM, brought(listed.add()))
            await asyncio.sleep(0)

    run(story)
    for sink, start in zip(sinks, starts, strict=True):
        assert sink.numbers == list(range(start + 1, 61))


def test_who_comes_back_after_a_moment_costs_no_reading(listed):
    back = Subscriber(2)

    async def story(hub):
        come(hub, Subscriber(1))
        await turns(10)
        for _one in range(5):
            hub.deliver(STREAM, brought(listed.add()))
        come(hub, back, after=2)

    run(story)
    assert back.numbers == [3, 4, 5]
    assert listed.read == 0


def test_who_comes_back_after_a_restart_is_read_to_together_with_those_before(listed):
    sinks = [Subscriber() for _ in range(5)]
    for _ in range(7):
        listed.add()

    async def story(hub):
        for sink in sinks:
            come(hub, sink, after=4)
            await turns(20)

    run(story)
    assert [sink.numbers for sink in sinks] == [[5, 6, 7]] * 5
    assert listed.read == 1


def test_who_stands_in_the_middle_of_what_was_written_together_gets_the_rest(listed):
    middle = Subscriber(2)

    async def story(hub):
        come(hub, Subscriber(1))
        await turns(10)
        hub.deliver(STREAM, brought(listed.add(), listed.add(), listed.add()))
        hub.deliver(STREAM, brought(listed.add()))
        come(hub, middle, after=2)

    run(story)
    assert middle.numbers == [3, 4]


def test_all_who_come_back_from_one_number_cost_one_reading_while_messages_go_on(listed):
    sinks = [Subscriber() for _one in range(30)]
    for _one in range(8):
        listed.add()

    async def story(hub):
        for sink in sinks:
            come(hub, sink, after=5)
            await turns(3)
            hub.deliver(STREAM, brought(listed.add()))
            await turns(3)

    run(story)
    for sink in sinks:
        assert sink.numbers == list(range(6, 39))
    assert listed.read <= 2


def test_what_was_changed_is_not_handed_out_as_it_was(listed):
    back = Subscriber(2)

    async def story(hub):
        come(hub, Subscriber(1))
        await turns(10)
        said = listed.add(k="message", text="regretted")
        hub.deliver(STREAM, brought(dict(said)))
        said["text"] = ""
        listed.add(k="withdraw")
        hub.hint(STREAM)
        await turns(10)
        come(hub, back, after=0)

    run(story)
    assert back.numbers == [1, 2]
    assert "regretted" not in json.dumps(back.frames)


def test_more_than_a_page_is_delivered_page_by_page(listed):
    sink = Subscriber()
    for _one in range(streams.ENTRIES_PER_PAGE * 2 + 7):
        listed.add()

    async def story(hub):
        come(hub, sink)

    run(story)
    assert sink.numbers == list(range(1, streams.ENTRIES_PER_PAGE * 2 + 8))


def test_one_who_takes_no_more_for_now_holds_nobody_up(listed):
    slow, other = Subscriber(1), Subscriber(2)
    slow.takes_more = False
    for _one in range(streams.ENTRIES_PER_PAGE * 2):
        listed.add()

    async def story(hub):
        come(hub, slow)
        come(hub, other, after=1)
        await asyncio.sleep(0.1)
        assert other.numbers == list(range(2, streams.ENTRIES_PER_PAGE * 2 + 1))
        assert slow.numbers == []
        slow.takes_more = True
        await asyncio.sleep(0.1)

    run(story)
    assert slow.numbers == list(range(1, streams.ENTRIES_PER_PAGE * 2 + 1))


def test_who_has_read_more_than_there_is_begins_anew(listed):
    sink = Subscriber()
    listed.add()

    async def story(hub):
        come(hub, sink, after=5)
        await asyncio.sleep(0.05)

    run(story)
    assert sink.frames == [{"t": "reset", "s": str(STREAM)}]


def test_who_is_ahead_of_the_hints_waits_for_what_comes(listed):
    before, ahead = Subscriber(1), Subscriber(2)

    async def story(hub):
        come(hub, before)
        await turns(10)
        listed.add()  # the page knows of it before the hub does
        come(hub, ahead, after=1)
        await turns(20)
        hub.deliver(STREAM, brought(listed.add()))

    run(story)
    assert before.numbers == [1, 2]
    assert ahead.numbers == [2]


def test_nothing_that_comes_with_or_after_a_leaving_reaches_who_left(listed):
    gone, stays = Subscriber(1), Subscriber(2)

    async def story(hub):
        come(hub, gone)
        come(hub, stays)
        await turns(10)
        listed.members.discard(1)
        listed.add(who=1)
        hub.deliver(
            STREAM, brought(listed.add(secret=True))
        )  # its own hint comes, that of the leaving does not

    run(story)
    assert gone.frames == [{"t": "unknown", "s": str(STREAM)}]
    assert stays.numbers == [1, 2]


def test_a_database_that_fails_is_asked_again(listed, monkeypatch):
    sink = Subscriber()
    monkeypatch.setattr(hub_module, "FAILURE_RETRY_SECONDS", 0.001)
    fails = [RuntimeError("first number"), None, RuntimeError("page"), None]

    async def falters(work, *arguments):
        await asyncio.sleep(0)
        if failure := fails.pop(0) if fails else None:
            raise failure
        return work(*arguments)

    monkeypatch.setattr(hub_module, "in_thread", falters)
    listed.add()

    async def story(hub):
        come(hub, sink)
        await asyncio.sleep(0.1)

    run(story)
    assert sink.numbers == [1]
