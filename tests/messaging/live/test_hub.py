"""The hub without a server: order, revocation, broadcasts."""

import asyncio

from messaging.live import hub as hub_module
from messaging.live.log_reader import LogReader
from messaging.live.streams import Stream
from messaging.live.transport import Frame
from tests.messaging.live.fakes import STREAM, FakeSubscriber, chunk_of, join, run, source, turns

__all__ = ["source"]


def test_lost_duplicated_and_early_hints_change_nothing_in_what_is_delivered(source):
    subscriber = FakeSubscriber()

    async def scenario(hub):
        join(hub, subscriber)
        for number in range(30):
            source.append()
            for _hint in range(number % 3):
                hub.hint(STREAM)
            await asyncio.sleep(0)
        hub.hint(STREAM)

    run(scenario)
    assert subscriber.numbers == list(range(1, 31))


def test_entries_of_hints_are_delivered_once_and_in_order_in_whatever_order_hints_arrive(source):
    subscriber = FakeSubscriber()

    async def scenario(hub):
        join(hub, subscriber)
        await turns(10)
        chunks = [chunk_of(source.append(), source.append()) for _hint in range(20)]
        for place in (0, 0, 2, 1, 5, 4, 3, 4, 19, 7, 18, 0, 8):
            hub.deliver(STREAM, chunks[place])
            await asyncio.sleep(0)

    run(scenario)
    assert subscriber.numbers == list(range(1, 41))


def test_consecutive_entries_of_hints_are_delivered_without_reading_the_log(source):
    subscriber = FakeSubscriber()

    async def scenario(hub):
        join(hub, subscriber)
        await turns(10)
        for _one in range(20):
            hub.deliver(STREAM, chunk_of(source.append()))

    run(scenario)
    assert subscriber.numbers == list(range(1, 21))
    assert source.reads == 0


def test_a_readmitted_person_gets_everything_again(source):
    back = FakeSubscriber(1)
    source.append(who=1)
    source.append()

    async def scenario(hub):
        join(hub, back)

    run(scenario)
    assert back.numbers == [1, 2]


def test_a_broadcast_reaches_the_subscribers_of_its_stream_and_no_others(source):
    here, elsewhere = FakeSubscriber(1), FakeSubscriber(2)

    async def scenario(hub):
        join(hub, here)
        hub.add(elsewhere)
        hub.broadcast(STREAM, Frame('{"t":"here"}'))

    run(scenario)
    assert here.frames == [{"t": "here"}]
    assert not elsewhere.frames


def test_the_end_of_a_sign_in_closes_the_sockets_of_that_session_only(source):
    one, other = FakeSubscriber(1), FakeSubscriber(1)
    other.session = "another"

    async def scenario(hub):
        join(hub, one)
        join(hub, other)
        hub.close_sessions(1, "s")

    run(scenario)
    assert one.frames == [{"t": "closed", "code": 4001}]
    assert not other.frames


def test_a_stream_without_subscribers_is_dropped(source):
    subscriber, told = FakeSubscriber(), []

    async def scenario(hub):
        hub.on_first_subscriber, hub.on_no_subscriber = (
            lambda one: told.append("came"),
            lambda one: told.append("left"),
        )
        join(hub, subscriber)
        hub.remove(subscriber)
        assert not hub.subscriptions
        assert not hub.subscribers

    run(scenario)
    assert told == ["came", "left"]


def test_checking_the_newest_number_reads_the_log_only_if_entries_were_missed(source):
    subscriber = FakeSubscriber()
    source.append()

    async def scenario(hub):
        join(hub, subscriber, after=1)
        hub.check_newest(STREAM)
        await turns(20)
        assert source.reads == 0
        source.append()
        hub.check_newest(STREAM)
        await turns(20)
        assert subscriber.numbers == [2]

    run(scenario)
    assert source.reads == 1


def test_a_check_requested_while_another_one_runs_is_not_lost(source, monkeypatch):
    subscriber = FakeSubscriber()

    async def scenario(hub):
        async def missing_an_entry(work, *arguments):
            answer = work(*arguments)
            if not source.entries:
                source.append()  # after the database answered, and before its hint is of use here
                hub.check_newest(STREAM)
            await asyncio.sleep(0)
            return answer

        monkeypatch.setattr(hub_module, "in_thread", missing_an_entry)
        join(hub, subscriber)
        await turns(30)

    run(scenario)
    assert subscriber.numbers == [1]


def test_a_read_for_a_dropped_subscription_is_cancelled_by_the_next_one(source):
    async def scenario():
        gate = asyncio.Event()

        async def slowly(work, *arguments):
            await gate.wait()
            return work(*arguments)

        source.append()
        source.append()
        reading = LogReader(slowly)
        busy = [asyncio.ensure_future(reading.after(Stream("list", 2 + n), 0)) for n in range(2)]
        await turns(2)
        before = asyncio.ensure_future(reading.after(STREAM, 0))
        await turns(2)
        now = asyncio.ensure_future(reading.after(STREAM, 1))
        await turns(2)
        gate.set()
        found, _more = await now
        await asyncio.gather(*busy)
        assert [entry["n"] for entry in found] == [2]
        assert before.cancelled()

    asyncio.run(scenario())
