"""Receiving hints of other processes over a fake channel layer: groups, reconnecting, shutting down."""

import asyncio
import itertools
import json

import pytest

from messaging.live import metrics, peers, publish, streams
from messaging.live.hub import Hub
from messaging.live.peers import PeerSubscriber
from tests.messaging.live.fakes import STREAM, FakeSubscriber, join, source, turns

__all__ = ["source"]


class FakeLayer:
    """A channel layer in this process. `broken` makes receiving fail, once."""

    def __init__(self):
        self.groups = {}
        self.channels = 0
        self.flushes = 0
        self.broken = asyncio.Event()
        self.queue = asyncio.Queue()

    async def new_channel(self):
        self.channels += 1
        return f"channel-{self.channels}"

    async def group_add(self, group, channel):
        self.groups.setdefault(group, set()).add(channel)

    async def group_discard(self, group, channel):
        self.groups[group].discard(channel)

    async def receive(self, channel):
        broken = asyncio.ensure_future(self.broken.wait())
        said = asyncio.ensure_future(self.queue.get())
        done, pending = await asyncio.wait([broken, said], return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        if broken in done:
            self.broken.clear()
            raise ConnectionError("the server went away")
        return said.result()

    async def flush(self):
        self.flushes += 1
        self.groups.clear()

    def publish(self, process, *hints):
        self.queue.put_nowait({"hints": json.dumps({"from": process, "hints": hints})})

    def members(self, group):
        return self.groups.get(group, set())


@pytest.fixture
def shared(source, monkeypatch):
    """The stream of the tests is one that many follow, as rooms are; nobody waits for heartbeats."""
    monkeypatch.setattr(streams, "_shared", {STREAM.kind})
    monkeypatch.setattr(peers, "RECONNECT_DELAY_SECONDS", 0)
    monkeypatch.setattr(publish, "heartbeat", lambda: None)
    return source


def listening(monkeypatch, scenario):
    """Run a scenario with a hub, the layer it listens to, and the list of hints it was given."""

    async def whole():
        layer, heard = FakeLayer(), []
        monkeypatch.setattr(peers, "get_channel_layer", lambda: layer)
        hub = Hub()
        task = asyncio.ensure_future(PeerSubscriber(hub, heard.extend).listen())
        await turns(10)
        await scenario(hub, layer, heard)
        task.cancel()
        await asyncio.wait([task])
        return layer

    return asyncio.run(whole())


GROUP = f"live.{STREAM.kind}.{STREAM.id}"


def test_a_shared_stream_is_heard_only_while_it_has_a_subscriber(shared, monkeypatch):
    async def scenario(hub, layer, heard):
        assert layer.members(publish.GROUP) == {"channel-1"}
        assert not layer.members(GROUP)
        subscriber = FakeSubscriber()
        join(hub, subscriber)
        await turns(10)
        assert layer.members(GROUP) == {"channel-1"}
        hub.remove(subscriber)
        await turns(10)
        assert not layer.members(GROUP)

    listening(monkeypatch, scenario)


def test_hints_of_others_are_passed_on_and_our_own_are_not(shared, monkeypatch):
    async def scenario(hub, layer, heard):
        layer.publish(publish.PROCESS, {"s": str(STREAM)})
        layer.publish("another", {"rights": 7})
        await turns(10)
        assert heard == [{"rights": 7}]

    listening(monkeypatch, scenario)


def test_what_was_published_before_a_group_was_joined_is_looked_for(shared, monkeypatch):
    subscriber = FakeSubscriber()

    async def scenario(hub, layer, heard):
        join(hub, subscriber)
        shared.append()  # its hint went to a group that this process joins only now
        await turns(30)
        assert subscriber.numbers == [1]

    listening(monkeypatch, scenario)


def test_a_broken_connection_is_replaced_and_every_group_joined_again(shared, monkeypatch):
    subscriber = FakeSubscriber()

    async def scenario(hub, layer, heard):
        join(hub, subscriber)
        await turns(20)
        before = metrics.LAYER_RECONNECTS._value.get()
        layer.broken.set()
        await turns(10)
        shared.append()  # while nothing was heard
        await turns(40)
        assert metrics.LAYER_RECONNECTS._value.get() == before + 1
        assert layer.members(publish.GROUP) == layer.members(GROUP) == {"channel-2"}
        assert subscriber.numbers == [1]
        layer.publish("another", {"rights": 7})
        await turns(10)
        assert heard == [{"rights": 7}]

    listening(monkeypatch, scenario)


def test_silence_counts_as_a_broken_connection(shared, monkeypatch):
    monkeypatch.setattr(peers, "HEARTBEAT_SECONDS", 0)

    async def scenario(hub, layer, heard):
        monkeypatch.setattr(peers, "SILENCE_TIMEOUT_SECONDS", -1)
        await turns(40)
        monkeypatch.setattr(peers, "SILENCE_TIMEOUT_SECONDS", 60)
        await turns(40)
        assert layer.channels > 1
        assert layer.members(publish.GROUP) == {f"channel-{layer.channels}"}

    listening(monkeypatch, scenario)


def test_heartbeats_are_published_to_the_group_of_all(shared, monkeypatch):
    beats = []
    monkeypatch.setattr(publish, "heartbeat", lambda: beats.append(1))

    async def scenario(hub, layer, heard):
        await turns(5)
        assert beats

    listening(monkeypatch, scenario)


def test_a_process_that_stops_leaves_no_group_behind(shared, monkeypatch):
    async def scenario(hub, layer, heard):
        join(hub, FakeSubscriber())
        await turns(10)

    layer = listening(monkeypatch, scenario)
    assert layer.groups == {}


def test_a_backlog_leaves_the_loop_a_turn_after_each_publication(shared, monkeypatch):
    """Between two publications the sockets send what did not fit into the kernel's buffers."""
    monkeypatch.setattr(FakeLayer, "receive", lambda layer, channel: layer.queue.get())

    async def scenario(hub, layer, heard):
        for number in range(50):
            layer.publish("another process", number)
        heard_by_turn = []
        while len(heard) < 50:
            await asyncio.sleep(0)
            heard_by_turn.append(len(heard))
        steps = [after - before for before, after in itertools.pairwise(heard_by_turn)]
        assert max(steps) == 1

    listening(monkeypatch, scenario)
