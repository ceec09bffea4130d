"""Receives the hints that other processes publish over the channel layer.

The process has one channel, which is in one group for what concerns people and in one group for each shared
stream with a subscriber here. While the channel layer is down, reconciling finds everything.
"""

import asyncio
import json
import logging
from collections.abc import Coroutine
from time import monotonic
from typing import Any

from channels.layers import get_channel_layer

from messaging.live import metrics, publish
from messaging.live.hub import Hub
from messaging.live.streams import Stream

SILENCE_TIMEOUT_SECONDS = 12.0
"""Without any publication within this time, our own heartbeats included, the connection counts as broken:
pub/sub connections can die without an error. Three heartbeats."""
HEARTBEAT_SECONDS = 4.0
"""Interval of heartbeats."""
RECONNECT_DELAY_SECONDS = 1.0
"""Delay before reconnecting."""

logger = logging.getLogger("aftercourse.live")


class PeerSubscriber:
    """The group memberships of this process, kept equal to what its hub follows."""

    def __init__(self, hub: Hub, on_hints: publish.OnHints) -> None:
        self._hub, self._on_hints = hub, on_hints
        self._layer: Any = get_channel_layer()
        self._groups: set[str] = set()
        self._changes: set[Stream] = set()
        self._changed = asyncio.Event()
        self._received_at = monotonic()
        hub.on_first_subscriber = hub.on_no_subscriber = self._change

    async def listen(self) -> None:
        """Receive what other processes publish; reconnect when the connection breaks."""
        while True:
            try:
                channel = await self._layer.new_channel()
                self._groups = set()
                self._received_at = monotonic()
                await self._until_one_fails(
                    self._receive(channel), self._follow_groups(channel), self._heartbeat()
                )
            except asyncio.CancelledError:
                await self._flush()
                raise
            except Exception as broken:
                logger.warning("The connection to the channel layer broke (%s)", type(broken).__name__)
            metrics.LAYER_RECONNECTS.inc()
            await self._flush()
            await asyncio.sleep(RECONNECT_DELAY_SECONDS)

    async def _until_one_fails(self, *work: Coroutine[Any, Any, None]) -> None:
        tasks = [asyncio.ensure_future(each) for each in work]
        try:
            done, _pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=publish.PUBLISH_TIMEOUT_SECONDS)

    async def _receive(self, channel: str) -> None:
        while True:
            message = await self._layer.receive(channel)
            publication: publish.Publication = json.loads(message["hints"])
            self._received_at = monotonic()
            if publication["from"] != publish.PROCESS:
                self._on_hints(publication["hints"])
                # A backlog in the layer is received without a turn of the loop, and only in a turn do
                # sockets send what the kernel's buffers had no room for: their readers would look slow.
                await asyncio.sleep(0)

    async def _follow_groups(self, channel: str) -> None:
        """Join and leave groups as streams get and lose subscribers; check each joined stream once, since its
        earlier hints were not received."""
        await self._join(publish.GROUP, channel)
        self._changes.update(self._hub.subscriptions)
        while True:
            self._changed.clear()
            while self._changes:
                stream = self._changes.pop()
                group = publish.group_of(stream)
                if group == publish.GROUP:
                    continue
                if stream in self._hub.subscriptions and group not in self._groups:
                    await self._join(group, channel)
                    self._hub.check_newest(stream)
                elif stream not in self._hub.subscriptions and group in self._groups:
                    self._groups.discard(group)
                    await asyncio.wait_for(
                        self._layer.group_discard(group, channel), publish.PUBLISH_TIMEOUT_SECONDS
                    )
            await self._changed.wait()

    async def _join(self, group: str, channel: str) -> None:
        await asyncio.wait_for(self._layer.group_add(group, channel), publish.PUBLISH_TIMEOUT_SECONDS)
        self._groups.add(group)

    def _change(self, stream: Stream) -> None:
        self._changes.add(stream)
        self._changed.set()

    async def _heartbeat(self) -> None:
        """Publish heartbeats to this process too; raises ConnectionError when nothing arrives."""
        while monotonic() - self._received_at < SILENCE_TIMEOUT_SECONDS:
            publish.heartbeat()
            await asyncio.sleep(HEARTBEAT_SECONDS)
        raise ConnectionError("nothing was received")

    async def _flush(self) -> None:
        """Close the connections and with them all group memberships, so that nobody publishes to this channel
        any more; the layer reconnects when it is used."""
        try:
            await asyncio.wait_for(self._layer.flush(), publish.PUBLISH_TIMEOUT_SECONDS)
        except Exception as failed:
            logger.warning("Could not close the connection to the channel layer (%s)", type(failed).__name__)
