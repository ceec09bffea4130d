"""The hub: one in each server process. It knows which sockets follow which stream, reads what is new once,
and hands the same frame to all of them.

A hint says that a stream may have something new. Hints may be lost, doubled or out of order: the log in the
database is what is delivered, by number, and a sweep every few seconds finds what no hint told of.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from messaging.live import frames, streams
from messaging.live.streams import Stream

SWEEP = 3.0
"""Seconds between two looks for what no hint told of, and for members who are none any more."""

logger = logging.getLogger("aftercourse.live")


class Sink(Protocol):
    """A socket as the hub sees it."""

    user_id: int
    session_key: str

    def write(self, frame: str) -> None:
        """Take one frame, without waiting."""

    def close(self, code: int) -> None:
        """End it, with a code that says why."""


class Channel:
    """A stream that somebody here follows: how far it was delivered, and to whom."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.delivered: dict[Sink, int] = {}
        self.pumping = False
        self.hinted = False


class Hub:
    """All that is followed in this process. Lives in the server's loop; `hint` and `recheck` may be called
    through `call_soon_threadsafe`."""

    def __init__(self) -> None:
        self.channels: dict[Stream, Channel] = {}
        self.sinks: set[Sink] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, sink: Sink) -> None:
        """A socket came."""
        self.sinks.add(sink)

    def remove(self, sink: Sink) -> None:
        """A socket went."""
        self.sinks.discard(sink)
        for stream in [one for one, channel in self.channels.items() if sink in channel.delivered]:
            self.leave(sink, stream)

    async def follow(self, sink: Sink, stream: Stream, after: int) -> bool:
        """Deliver a stream to a socket from a number on. False when it is not for this person."""
        if not await in_thread(streams.may_follow, sink.user_id, stream):
            return False
        if sink in self.sinks:
            channel = self.channels.setdefault(stream, Channel(stream))
            channel.delivered[sink] = after
            self.hint(stream)
        return True

    def leave(self, sink: Sink, stream: Stream) -> None:
        """Deliver a stream to this socket no more."""
        channel = self.channels.get(stream)
        if channel is not None:
            channel.delivered.pop(sink, None)
            if not channel.delivered:
                del self.channels[stream]

    def hint(self, stream: Stream) -> None:
        """The stream may have something new."""
        channel = self.channels.get(stream)
        if channel is None:
            return
        channel.hinted = True
        if not channel.pumping:
            channel.pumping = True
            self._run(self._pump(channel))

    def pass_on(self, stream: Stream, frame: str, but: Sink | None = None) -> None:
        """Hand a frame that is no entry (presence, typing) to all who follow the stream here."""
        channel = self.channels.get(stream)
        for sink in list(channel.delivered) if channel else ():
            if sink is not but:
                sink.write(frame)

    def end(self, user_id: int, session_key: str | None = None) -> None:
        """Close the sockets of a person whose sign-in ended: of one session, or all of them."""
        for sink in list(self.sinks):
            if sink.user_id == user_id and session_key in (None, sink.session_key):
                sink.close(frames.ENDED)

    async def recheck(self, user_id: int | None = None) -> None:
        """Ask again who may follow what, of one person or of all; who may not is told `unknown`."""
        pairs = {
            (sink.user_id, stream)
            for stream, channel in self.channels.items()
            for sink in channel.delivered
            if user_id in (None, sink.user_id)
        }
        if not pairs:
            return
        self._send_away(pairs - await in_thread(streams.still_allowed, pairs))

    async def sweep_for_ever(self, check: Callable[[], Awaitable[None]]) -> None:
        """Find what no hint told of, and who may not listen any more, every few seconds."""
        while True:
            await asyncio.sleep(SWEEP * random.uniform(0.8, 1.2))
            try:
                await self.recheck()
                await check()
                for stream, last in (await in_thread(streams.newest, list(self.channels))).items():
                    channel = self.channels.get(stream)
                    if channel is not None and any(at < last for at in channel.delivered.values()):
                        self.hint(stream)
            except Exception:
                logger.exception("A sweep of the live streams failed; the next one follows")

    def _run(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pump(self, channel: Channel) -> None:
        """Deliver what came after the furthest behind, page by page, until nothing is left."""
        try:
            while channel.hinted and channel.delivered:
                channel.hinted = False
                start = min(channel.delivered.values())
                entries = await in_thread(channel.stream.source.after, channel.stream.id, start, streams.PAGE)
                if entries:
                    await self._let_go(channel, entries)
                    _deliver(channel, entries, start)
                    channel.hinted = channel.hinted or len(entries) == streams.PAGE
        except Exception:
            logger.exception("Reading a live stream failed; the next sweep tries again")
        finally:
            channel.pumping = False
            if channel.hinted and channel.delivered:
                self.hint(channel.stream)

    async def _let_go(self, channel: Channel, entries: list[streams.Entry]) -> None:
        """Before entries go out that tell of somebody's leaving: who is not let in any more gets none."""
        left = {(entry["who"], channel.stream) for entry in entries if "who" in entry}
        here = {(sink.user_id, channel.stream) for sink in channel.delivered}
        if left & here:
            self._send_away((left & here) - await in_thread(streams.still_allowed, left & here))

    def _send_away(self, pairs: Iterable[tuple[int, Stream]]) -> None:
        for person, stream in pairs:
            channel = self.channels.get(stream)
            for sink in [one for one in (channel.delivered if channel else ()) if one.user_id == person]:
                sink.write(frames.write("unknown", s=str(stream)))
                self.leave(sink, stream)


def _deliver(channel: Channel, entries: list[streams.Entry], start: int) -> None:
    """Give each socket what it has not had: those at the same number share one frame.

    Who came meanwhile and is farther behind than where this reading began waits for the next one, which its
    coming asked for.
    """
    last = entries[-1]["n"]
    made: dict[int, str] = {}
    for sink, at in list(channel.delivered.items()):
        if not start <= at < last:
            continue
        if at not in made:
            news = [entry for entry in entries if entry["n"] > at]
            made[at] = frames.write("entries", s=str(channel.stream), e=news)
        channel.delivered[sink] = last
        sink.write(made[at])


async def in_thread(work: Callable[..., Any], *arguments: Any) -> Any:
    """Do some work with the database in a thread, and leave no connection behind that broke."""

    def done() -> Any:
        close_old_connections()
        return work(*arguments)

    return await sync_to_async(done, thread_sensitive=True)()


def stop(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks that would go on for ever."""
    for task in tasks:
        with contextlib.suppress(RuntimeError):
            task.cancel()
