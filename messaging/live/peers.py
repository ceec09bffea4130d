"""The line to the other processes: what they publish, heard for the streams that somebody here follows.

One channel of the channel layer for the whole process, in one group for what concerns people, and in one
group for each room that has a socket here. It is only a hint: while the line is down the sweep finds
everything.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from time import monotonic
from typing import Any

from channels.layers import get_channel_layer

from messaging.live import metrics, publish
from messaging.live.hub import Hub
from messaging.live.streams import Stream

SILENCE = 12.0
"""Seconds in which at least one of our own beats must come back, or the line counts as broken."""
BEAT = 4.0
"""Seconds between two beats."""
AGAIN = 1.0
"""Seconds until a broken line is tried again."""

logger = logging.getLogger("aftercourse.live")


class PeerSubscriber:
    """The subscriptions of this process, kept equal to what is followed here."""

    def __init__(self, hub: Hub, hear: Callable[[list[publish.Hint]], None]) -> None:
        self._hub, self._hear = hub, hear
        self._layer: Any = get_channel_layer()
        self._groups: set[str] = set()
        self._changes: set[Stream] = set()
        self._changed = asyncio.Event()
        self._heard_at = monotonic()
        hub.followed = hub.left = self._change

    async def listen(self) -> None:
        """Hear what other processes publish; begin again when the line breaks."""
        while True:
            try:
                channel = await self._layer.new_channel()
                self._groups = set()
                self._heard_at = monotonic()
                await self._first_to_end(self._receive(channel), self._subscribe(channel), self._beat())
            except asyncio.CancelledError:
                await self._say_goodbye()
                raise
            except Exception as broken:
                logger.warning("The line to the other processes broke (%s)", type(broken).__name__)
            metrics.LAYER_RECONNECTS.inc()
            await self._begin_again()

    async def _first_to_end(self, *lives: Any) -> None:
        """Until one of them ends, which only a failure does."""
        tasks = [asyncio.ensure_future(life) for life in lives]
        try:
            done, _going_on = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=publish.PATIENCE)

    async def _receive(self, channel: str) -> None:
        while True:
            said = json.loads((await self._layer.receive(channel))["hints"])
            self._heard_at = monotonic()
            if said["from"] != publish.PROCESS:
                self._hear(said["hints"])

    async def _subscribe(self, channel: str) -> None:
        """Follow what is followed here, and look once at each stream that was not heard until now."""
        await self._add(publish.GROUP, channel)
        self._changes.update(self._hub.subscriptions)
        while True:
            self._changed.clear()
            while self._changes:
                stream = self._changes.pop()
                group = publish.group_of(stream)
                if group == publish.GROUP:
                    continue
                if stream in self._hub.subscriptions and group not in self._groups:
                    await self._add(group, channel)
                    self._hub.look(stream)
                elif stream not in self._hub.subscriptions and group in self._groups:
                    self._groups.discard(group)
                    await asyncio.wait_for(self._layer.group_discard(group, channel), publish.PATIENCE)
            await self._changed.wait()

    async def _add(self, group: str, channel: str) -> None:
        await asyncio.wait_for(self._layer.group_add(group, channel), publish.PATIENCE)
        self._groups.add(group)

    def _change(self, stream: Stream) -> None:
        self._changes.add(stream)
        self._changed.set()

    async def _beat(self) -> None:
        """Publish something now and then that must come back to us; that it does not is how we know."""
        while monotonic() - self._heard_at < SILENCE:
            publish.heartbeat()
            await asyncio.sleep(BEAT)
        raise ConnectionError("nothing was heard")

    async def _begin_again(self) -> None:
        """Drop the connections there are; the layer makes new ones."""
        try:
            await asyncio.wait_for(self._layer.flush(), publish.PATIENCE)
        except Exception as failed:
            logger.warning("The line could not be dropped (%s)", type(failed).__name__)
        await asyncio.sleep(AGAIN)

    async def _say_goodbye(self) -> None:
        """Leave nothing behind that would be published to: subscriptions end with their connection."""
        try:
            await asyncio.wait_for(self._layer.flush(), publish.PATIENCE)
        except Exception as failed:
            logger.warning("The line was left as it was (%s)", type(failed).__name__)
