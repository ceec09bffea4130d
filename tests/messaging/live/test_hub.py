"""The hub by itself: order, leaving, and what passes."""

import asyncio

from messaging.live import hub as hub_module
from messaging.live.log_reader import LogReader
from messaging.live.streams import Stream
from messaging.live.transport import Frame
from tests.messaging.live.fakes import STREAM, Subscriber, brought, come, listed, run, turns

__all__ = ["listed"]


def test_hints_lost_doubled_or_early_change_nothing_in_what_is_heard(listed):
    sink = Subscriber()

    async def story(hub):
        come(hub, sink)
        for number in range(30):
            listed.add()
            for _hint in range(number % 3):
                hub.hint(STREAM)
            await asyncio.sleep(0)
        hub.hint(STREAM)

    run(story)
    assert sink.numbers == list(range(1, 31))


def test_what_hints_bring_is_heard_once_and_in_order_however_they_come(listed):
    sink = Subscriber()

    async def story(hub):
        come(hub, sink)
        await turns(10)
        pieces = [brought(listed.add(), listed.add()) for _hint in range(20)]
        for place in (0, 0, 2, 1, 5, 4, 3, 4, 19, 7, 18, 0, 8):
            hub.deliver(STREAM, pieces[place])
            await asyncio.sleep(0)

    run(story)
    assert sink.numbers == list(range(1, 41))


def test_what_follows_is_handed_on_without_reading_the_log(listed):
    sink = Subscriber()

    async def story(hub):
        come(hub, sink)
        await turns(10)
        for _one in range(20):
            hub.deliver(STREAM, brought(listed.add()))

    run(story)
    assert sink.numbers == list(range(1, 21))
    assert listed.read == 0


def test_who_left_and_came_back_hears_all_again(listed):
    back = Subscriber(1)
    listed.add(who=1)
    listed.add()

    async def story(hub):
        come(hub, back)

    run(story)
    assert back.numbers == [1, 2]


def test_a_frame_that_passes_reaches_those_who_follow_and_no_others(listed):
    here, elsewhere = Subscriber(1), Subscriber(2)

    async def story(hub):
        come(hub, here)
        hub.add(elsewhere)
        hub.broadcast(STREAM, Frame('{"t":"here"}'))

    run(story)
    assert here.frames == [{"t": "here"}]
    assert not elsewhere.frames


def test_a_sign_in_that_ends_takes_its_own_sockets_and_no_others(listed):
    one, other = Subscriber(1), Subscriber(1)
    other.session = "another"

    async def story(hub):
        come(hub, one)
        come(hub, other)
        hub.close_sessions(1, "s")

    run(story)
    assert one.frames == [{"t": "closed", "code": 4001}]
    assert not other.frames


def test_a_stream_that_nobody_follows_any_more_is_forgotten(listed):
    sink, told = Subscriber(), []

    async def story(hub):
        hub.on_first_subscriber, hub.on_no_subscriber = (
            lambda one: told.append("came"),
            lambda one: told.append("left"),
        )
        come(hub, sink)
        hub.remove(sink)
        assert not hub.subscriptions
        assert not hub.subscribers

    run(story)
    assert told == ["came", "left"]


def test_a_look_reads_the_log_only_where_something_was_missed(listed):
    sink = Subscriber()
    listed.add()

    async def story(hub):
        come(hub, sink, after=1)
        hub.check_newest(STREAM)
        await turns(20)
        assert listed.read == 0
        listed.add()
        hub.check_newest(STREAM)
        await turns(20)
        assert sink.numbers == [2]

    run(story)
    assert listed.read == 1


def test_a_look_while_the_numbers_are_being_asked_for_is_not_forgotten(listed, monkeypatch):
    sink = Subscriber()

    async def story(hub):
        async def missing_the_news(work, *arguments):
            answer = work(*arguments)
            if not listed.entries:
                listed.add()  # after the database was asked, and before anybody hears of such news here
                hub.check_newest(STREAM)
            await asyncio.sleep(0)
            return answer

        monkeypatch.setattr(hub_module, "in_thread", missing_the_news)
        come(hub, sink)
        await turns(30)

    run(story)
    assert sink.numbers == [1]


def test_who_asked_for_a_stream_that_was_let_go_of_does_not_wait_for_ever(listed):
    async def story():
        gate = asyncio.Event()

        async def slowly(work, *arguments):
            await gate.wait()
            return work(*arguments)

        listed.add()
        listed.add()
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

    asyncio.run(story())
