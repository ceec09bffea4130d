"""The hub: one in each server process. It knows which sockets follow which stream, and hands each the same
frame.

A hint says that a stream has something new, and may bring it along. Hints may be lost, doubled or out of
order: what does not follow what was delivered is dropped or read from the log, and a sweep every few seconds
(`messaging.live.sweeping`) finds what no hint told of.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import close_old_connections

from common import metrics
from messaging.live import frames, streams
from messaging.live.channel import Channel, Piece, Sink, behind_alike
from messaging.live.reading import Reading
from messaging.live.streams import Stream
from messaging.live.wire import Frame

GATHER = 0.02
"""Seconds in which the first numbers of streams are gathered, to be asked for together."""
AGAIN = 0.1
"""Seconds until somebody who takes no more for now is looked at again."""
AFTER_FAILURE = 1.0
"""Seconds until reading is tried again after the database refused."""

logger = logging.getLogger("aftercourse.live")
_readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="live-read")
_actors = ThreadPoolExecutor(max_workers=2, thread_name_prefix="live-act")


class Hub:
    """All that is followed in this process. Lives in the server's loop, and is called in it only."""

    def __init__(self) -> None:
        self.channels: dict[Stream, Channel] = {}
        self.sinks: set[Sink] = set()
        self.followed: Callable[[Stream], None] = _nothing
        """Told when a stream gets its first socket here."""
        self.left: Callable[[Stream], None] = _nothing
        """Told when a stream has none any more."""
        self.timed: set[tuple[Sink, Stream]] = set()
        """Who follows something until a moment, and what."""
        self.revoked = 0
        """How often something was revoked, as far as this process heard."""
        self._of_person: dict[int, set[Sink]] = {}
        self._asked_for: set[Channel] = set()
        self._asking = False
        self._reading = Reading(lambda *asked: in_thread(*asked))
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, sink: Sink) -> None:
        """A socket came."""
        self.sinks.add(sink)
        self._of_person.setdefault(sink.user_id, set()).add(sink)
        metrics.SOCKETS.set(len(self.sinks))

    def remove(self, sink: Sink) -> None:
        """A socket went."""
        self.sinks.discard(sink)
        mine = self._of_person.get(sink.user_id, set())
        mine.discard(sink)
        if not mine:
            self._of_person.pop(sink.user_id, None)
        for stream in list(sink.follows):
            self.leave(sink, stream)
        metrics.SOCKETS.set(len(self.sinks))

    def of_person(self, user_id: int) -> list[Sink]:
        """The sockets of one person here."""
        return list(self._of_person.get(user_id, ()))

    def follow(self, sink: Sink, stream: Stream, after: int, until: float = 0) -> None:
        """Deliver a stream to a socket from a number on, to somebody who may have it until a moment."""
        if sink not in self.sinks:
            return
        channel = self.channels.get(stream)
        if channel is None:
            channel = self.channels[stream] = Channel(stream)
            metrics.ROOMS.set(len(self.channels))
            self.followed(stream)
        self.grant(sink, stream, until)
        channel.add(sink, after)
        if channel.last is None:
            self.look(stream)
        elif channel.behind:
            self._pump(channel)

    def grant(self, sink: Sink, stream: Stream, until: float) -> None:
        """A socket may follow a stream until a moment, or 0 without end."""
        sink.follows[stream] = until
        (self.timed.add if until else self.timed.discard)((sink, stream))

    def leave(self, sink: Sink, stream: Stream) -> None:
        """Deliver a stream to this socket no more."""
        sink.follows.pop(stream, None)
        self.timed.discard((sink, stream))
        channel = self.channels.get(stream)
        if channel is not None:
            channel.remove(sink)
            if not len(channel):
                del self.channels[stream]
                self._asked_for.discard(channel)
                metrics.ROOMS.set(len(self.channels))
                self.left(stream)

    def hint(self, stream: Stream) -> None:
        """The stream may have something new: look."""
        channel = self.channels.get(stream)
        if channel is not None:
            channel.hinted = True
            self._pump(channel)

    def look(self, stream: Stream) -> None:
        """Ask how far the stream has come, together with others that are asked for."""
        channel = self.channels.get(stream)
        if channel is not None:
            self._asked_for.add(channel)
            if not self._asking:
                self._asking = True
                self._run(self._ask_for_numbers())

    def take(self, stream: Stream, piece: Piece, written_at: float = 0) -> None:
        """Something new was brought along. Handed out if it follows what was; else looked up, or dropped."""
        channel = self.channels.get(stream)
        if channel is None:
            return
        if channel.last is not None and piece.first == channel.last + 1:
            channel.deliver(piece)
            if written_at:
                metrics.handed_out(written_at)
        elif channel.last is None or piece.last > channel.last:
            self.hint(stream)

    def pass_on(self, stream: Stream, frame: Frame, but: Sink | None = None) -> None:
        """Hand a frame that is no entry (presence, typing) to all who follow the stream here."""
        channel = self.channels.get(stream)
        for sink in channel.sinks() if channel else ():
            if sink is not but:
                sink.write(frame)

    def end(self, user_id: int, session: str = "") -> None:
        """Close the sockets of a person whose sign-in ended: of one session, by its digest, or all of
        them."""
        for sink in self.of_person(user_id):
            if session in ("", sink.session):
                sink.close(frames.ENDED)

    async def ask(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Ask the database who somebody is or what they may; again, if something was revoked meanwhile."""
        while True:
            before = self.revoked
            answer = await in_thread(work, *arguments)
            if before == self.revoked:
                return answer

    def send_away(self, sinks: Iterable[Sink], stream: Stream) -> None:
        """Tell sockets that a stream is not for them any more."""
        for sink in list(sinks):
            sink.write(Frame(frames.write("unknown", s=str(stream))))
            self.leave(sink, stream)

    async def _ask_for_numbers(self) -> None:
        """Ask how far streams have come that are new here or were not heard for a while, many with one query
        for each kind."""
        try:
            await asyncio.sleep(GATHER)
            while self._asked_for:
                await self._ask_once()
        finally:
            self._asking = False

    async def _ask_once(self) -> None:
        asked, self._asked_for = self._asked_for, set()
        try:
            newest = await in_thread(streams.newest, [channel.stream for channel in asked])
        except Exception:
            logger.exception("How far the streams have come could not be read; asked again in a moment")
            self._asked_for |= {channel for channel in asked if len(channel)}
            await asyncio.sleep(AFTER_FAILURE)
            return
        for channel in asked:
            self._has_come(channel, newest.get(channel.stream, 0))

    def _has_come(self, channel: Channel, newest: int) -> None:
        if channel.last is None:
            channel.last = newest
            for sink, number in list(channel.behind.items()):
                channel.at(sink, number)
            if channel.behind or channel.hinted:
                self._pump(channel)
        elif channel.last < newest:
            self.hint(channel.stream)

    def _pump(self, channel: Channel) -> None:
        if not channel.pumping and channel.last is not None:
            channel.pumping = True
            self._run(self._pumping(channel))

    async def _pumping(self, channel: Channel) -> None:
        """Read and hand out until all have everything."""
        wait = 0.0
        try:
            while len(channel) and (channel.hinted or channel.behind):
                if wait:
                    await asyncio.sleep(wait)
                if channel.hinted:
                    channel.hinted = False
                    await self._read_on(channel)
                wait = await self._catch_up(channel) if channel.behind else 0.0
        except Exception:
            logger.exception("Reading a live stream failed; tried again in a moment")
            channel.hinted = True
            asyncio.get_running_loop().call_later(AFTER_FAILURE, self._pump, channel)
        finally:
            channel.pumping = False

    async def _read_on(self, channel: Channel) -> None:
        """Hand out what came after the last number to all who stand there."""
        found, more = await self._reading.after(channel.stream, channel.last or 0)
        left = {entry["who"] for entry in found if entry.get("who") is not None}
        await self._let_go(channel, left)
        news = [entry for entry in found if entry["n"] > (channel.last or 0)]
        if news:
            if any(entry.get("k") not in (None, "message") for entry in news):
                channel.forget_recent()
            piece = Piece.of(channel.stream, news)
            channel.deliver(piece)
            channel.hinted = channel.hinted or piece.last < news[-1]["n"] or more

    async def _catch_up(self, channel: Channel) -> float:
        """One page for those who wait longest at one number. Gives the seconds to wait before the next."""
        at, sinks = behind_alike(channel)
        ready = [sink for sink in sinks if sink.ready()]
        if not ready:
            for sink in sinks:
                channel.at(sink, at)  # to the end of the row
            return AGAIN
        if at >= (channel.last or 0):
            await self._ahead(channel, at, sinks)
            return 0.0
        for sink in ready:
            channel.from_recent(sink)
        if all(channel.behind.get(sink) != at for sink in ready):
            return 0.0
        found, _more = await self._reading.after(channel.stream, at)
        await self._let_go(channel, {entry["who"] for entry in found if entry.get("who") is not None})
        page = [entry for entry in found if entry["n"] <= channel.read_up_to(at)]
        here = [sink for sink in ready if channel.behind.get(sink) == at]
        if not found or found[0]["n"] != at + 1:
            # The log does not go on from there: it is not the one they read from.
            self._start_over(channel, here)
        elif page:
            piece = Piece.of(channel.stream, page)
            for sink in here:
                channel.catch_up(sink, piece)
        return 0.0

    async def _ahead(self, channel: Channel, at: int, sinks: list[Sink]) -> None:
        """Some have more than was handed out here: it is on its way, or the log is another one than
        theirs."""
        newest = (await in_thread(streams.newest, [channel.stream])).get(channel.stream, 0)
        if at > newest:
            self._start_over(channel, [sink for sink in sinks if channel.behind.get(sink) == at])
        else:
            await self._read_on(channel)
            for sink in sinks:
                if sink in channel.behind:
                    channel.at(sink, channel.behind[sink])

    def _start_over(self, channel: Channel, sinks: list[Sink]) -> None:
        for sink in sinks:
            sink.write(Frame(frames.write("reset", s=str(channel.stream))))
            self.leave(sink, channel.stream)

    async def _let_go(self, channel: Channel, left: set[int]) -> None:
        """Before entries go out that tell of somebody's leaving: who is not let in any more gets none."""
        theirs = [sink for sink in channel.sinks() if sink.user_id in left]
        if theirs:
            pairs = {(sink.user_id, channel.stream) for sink in theirs}
            allowed = await in_thread(streams.still_allowed, pairs)
            self.send_away(
                (sink for sink in theirs if (sink.user_id, channel.stream) not in allowed), channel.stream
            )

    def _run(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def in_thread(work: Callable[..., Any], *arguments: Any) -> Any:
    """Do some reading of the database in a thread of ours, with no connection that broke meanwhile."""
    return await _in_one_of(_readers, work, *arguments)


async def in_acting_thread(work: Callable[..., Any], *arguments: Any) -> Any:
    """Do what somebody asked for, which may have to wait for a row that is held; reading does not wait for
    it."""
    return await _in_one_of(_actors, work, *arguments)


async def _in_one_of(threads: ThreadPoolExecutor, work: Callable[..., Any], *arguments: Any) -> Any:
    def done() -> Any:
        close_old_connections()
        return work(*arguments)

    return await asyncio.get_running_loop().run_in_executor(threads, done)


def followed_by(sinks: Iterable[Sink]) -> Iterator[tuple[int, Stream]]:
    """Who follows what."""
    for sink in sinks:
        for stream in sink.follows:
            yield sink.user_id, stream


def _nothing(stream: Stream) -> None:
    pass
