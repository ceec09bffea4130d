"""Catching up without a server: who joins, reconnects or is behind gets everything, once and in order."""

import asyncio
import json

from messaging.live import hub as hub_module
from messaging.live import streams
from tests.messaging.live.fakes import STREAM, FakeSubscriber, chunk_of, join, run, source, turns, until

__all__ = ["source"]


def test_joining_during_a_read_misses_nothing(source):
    early, late = FakeSubscriber(1), FakeSubscriber(2)
    for _one in range(40):
        source.append()

    async def scenario(hub):
        join(hub, early, after=30)
        source.append()
        hub.hint(STREAM)
        join(hub, late, after=10)

    run(scenario)
    assert early.numbers == list(range(31, 42))
    assert late.numbers == list(range(11, 42))


def test_joining_at_any_moment_while_messages_arrive_misses_nothing(source):
    subscribers = [FakeSubscriber() for _one in range(60)]
    starts = []

    async def scenario(hub):
        for subscriber in subscribers:
            starts.append(max(0, len(source.entries) - 3))
            join(hub, subscriber, after=starts[-1])
            hub.deliver(STREAM, chunk_of(source.append()))
            await asyncio.sleep(0)

    run(scenario)
    for subscriber, start in zip(subscribers, starts, strict=True):
        assert subscriber.numbers == list(range(start + 1, 61))


def test_reconnecting_after_a_moment_needs_no_read(source):
    back = FakeSubscriber(2)

    async def scenario(hub):
        join(hub, FakeSubscriber(1))
        await turns(10)
        for _one in range(5):
            hub.deliver(STREAM, chunk_of(source.append()))
        join(hub, back, after=2)

    run(scenario)
    assert back.numbers == [3, 4, 5]
    assert source.reads == 0


def test_reconnecting_after_a_restart_reuses_what_was_read_for_others(source):
    subscribers = [FakeSubscriber() for _ in range(5)]
    for _ in range(7):
        source.append()

    async def scenario(hub):
        for subscriber in subscribers:
            join(hub, subscriber, after=4)
            await turns(20)

    run(scenario)
    assert [subscriber.numbers for subscriber in subscribers] == [[5, 6, 7]] * 5
    assert source.reads == 1


def test_a_subscriber_in_the_middle_of_a_chunk_gets_the_rest_of_it(source):
    middle = FakeSubscriber(2)

    async def scenario(hub):
        join(hub, FakeSubscriber(1))
        await turns(10)
        hub.deliver(STREAM, chunk_of(source.append(), source.append(), source.append()))
        hub.deliver(STREAM, chunk_of(source.append()))
        join(hub, middle, after=2)

    run(scenario)
    assert middle.numbers == [3, 4]


def test_many_reconnecting_with_one_number_need_one_read_while_messages_arrive(source):
    subscribers = [FakeSubscriber() for _one in range(30)]
    for _one in range(8):
        source.append()

    async def scenario(hub):
        for subscriber in subscribers:
            join(hub, subscriber, after=5)
            await turns(3)
            hub.deliver(STREAM, chunk_of(source.append()))
            await turns(3)

    run(scenario)
    for subscriber in subscribers:
        assert subscriber.numbers == list(range(6, 39))
    assert source.reads <= 2


def test_a_changed_message_is_not_delivered_from_memory_as_it_was(source):
    back = FakeSubscriber(2)

    async def scenario(hub):
        join(hub, FakeSubscriber(1))
        await turns(10)
        said = source.append(k="message", text="regretted")
        hub.deliver(STREAM, chunk_of(dict(said)))
        said["text"] = ""
        source.append(k="withdraw")
        hub.hint(STREAM)
        await turns(10)
        join(hub, back, after=0)

    run(scenario)
    assert back.numbers == [1, 2]
    assert "regretted" not in json.dumps(back.frames)


def test_more_than_a_page_is_delivered_page_by_page(source):
    subscriber = FakeSubscriber()
    for _one in range(streams.ENTRIES_PER_PAGE * 2 + 7):
        source.append()

    async def scenario(hub):
        join(hub, subscriber)

    run(scenario)
    assert subscriber.numbers == list(range(1, streams.ENTRIES_PER_PAGE * 2 + 8))


def test_a_slow_reader_delays_nobody_else(source):
    slow, other = FakeSubscriber(1), FakeSubscriber(2)
    slow.is_ready = False
    for _one in range(streams.ENTRIES_PER_PAGE * 2):
        source.append()

    async def scenario(hub):
        join(hub, slow)
        join(hub, other, after=1)
        await until(lambda: other.numbers == list(range(2, streams.ENTRIES_PER_PAGE * 2 + 1)))
        assert slow.numbers == []
        slow.is_ready = True
        await until(lambda: len(slow.numbers) == streams.ENTRIES_PER_PAGE * 2)

    run(scenario)
    assert slow.numbers == list(range(1, streams.ENTRIES_PER_PAGE * 2 + 1))


def test_a_number_beyond_the_log_is_answered_with_a_reset(source):
    subscriber = FakeSubscriber()
    source.append()

    async def scenario(hub):
        join(hub, subscriber, after=5)

    run(scenario)
    assert subscriber.frames == [{"t": "reset", "s": str(STREAM)}]


def test_a_page_newer_than_the_hub_gets_what_comes_after_it(source):
    before, ahead = FakeSubscriber(1), FakeSubscriber(2)

    async def scenario(hub):
        join(hub, before)
        await turns(10)
        source.append()  # in the page already, not yet in the hub
        join(hub, ahead, after=1)
        await turns(20)
        hub.deliver(STREAM, chunk_of(source.append()))

    run(scenario)
    assert before.numbers == [1, 2]
    assert ahead.numbers == [2]


def test_nothing_numbered_after_a_dismissal_reaches_the_dismissed(source):
    gone, stays = FakeSubscriber(1), FakeSubscriber(2)

    async def scenario(hub):
        join(hub, gone)
        join(hub, stays)
        await turns(10)
        source.members.discard(1)
        source.append(who=1)
        hub.deliver(STREAM, chunk_of(source.append(secret=True)))  # the hint of the dismissal is lost

    run(scenario)
    assert gone.frames == [{"t": "unknown", "s": str(STREAM)}]
    assert stays.numbers == [1, 2]


def test_failed_reads_are_retried(source, monkeypatch):
    subscriber = FakeSubscriber()
    monkeypatch.setattr(hub_module, "FAILURE_RETRY_SECONDS", 0.001)
    fails = [RuntimeError("first number"), None, RuntimeError("page"), None]

    async def failing(work, *arguments):
        await asyncio.sleep(0)
        if failure := fails.pop(0) if fails else None:
            raise failure
        return work(*arguments)

    monkeypatch.setattr(hub_module, "in_thread", failing)
    source.append()

    async def scenario(hub):
        join(hub, subscriber)
        await until(lambda: subscriber.numbers)

    run(scenario)
    assert subscriber.numbers == [1]


def test_a_dismissal_makes_earlier_tickets_stale_as_soon_as_its_entry_is_read(source):
    stays = FakeSubscriber(2)
    departed = []

    async def scenario(hub):
        hub.on_departure = departed.append
        join(hub, stays)
        await turns(10)
        source.members.discard(1)
        source.append(who=1)
        hub.hint(STREAM)
        await turns(10)
        assert departed == [1]

    run(scenario)


def test_reconnecting_with_an_old_ticket_stops_before_the_dismissal(source):
    """The hint was lost, so the ticket is still trusted here: the log itself has to say it."""
    gone = FakeSubscriber(1)
    source.append()
    source.members.discard(1)
    source.append(who=1)
    source.append(secret=True)

    async def scenario(hub):
        join(hub, gone, after=1)

    run(scenario)
    assert gone.frames == [{"t": "unknown", "s": str(STREAM)}]


def test_recent_chunks_are_kept_from_the_dismissed_too(source):
    gone, stays = FakeSubscriber(1), FakeSubscriber(2)
    for _one in range(3):
        source.append()

    async def scenario(hub):
        join(hub, stays, after=3)
        await turns(10)
        source.members.discard(1)
        source.append(who=1)
        source.append(secret=True)
        hub.hint(STREAM)  # both are in one recent chunk now
        await turns(20)
        join(hub, gone, after=1)

    run(scenario)
    assert stays.numbers == [4, 5]
    assert gone.frames == [{"t": "unknown", "s": str(STREAM)}]
