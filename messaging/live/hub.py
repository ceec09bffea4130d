"""The hub: one in each server process. It knows which sockets follow which stream, and hands each the same
frame.

A hint says that a stream has something new, and may bring it along. Hints may be lost, doubled or out of
order: what does not follow what was delivered is dropped or read from the log, and a sweep every few seconds
(`messaging.live.reconcile`) finds what no hint told of.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import close_old_connections

from messaging.live import frames, metrics, streams
from messaging.live.log_reader import LogReader
from messaging.live.streams import Stream
from messaging.live.subscription import Chunk, Subscriber, Subscription, behind_alike
from messaging.live.transport import Frame

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
        self.subscriptions: dict[Stream, Subscription] = {}
        self.subscribers: set[Subscriber] = set()
        self.followed: Callable[[Stream], None] = _nothing
        """Told when a stream gets its first socket here."""
        self.left: Callable[[Stream], None] = _nothing
        """Told when a stream has none any more."""
        self.timed: set[tuple[Subscriber, Stream]] = set()
        """Who follows something until a moment, and what."""
        self.revoked = 0
        """How often something was revoked, as far as this process heard."""
        self._of_person: dict[int, set[Subscriber]] = {}
        self._asked_for: set[Subscription] = set()
        self._asking = False
        self._log = LogReader(lambda *asked: in_thread(*asked))
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, subscriber: Subscriber) -> None:
        """A socket came."""
        self.subscribers.add(subscriber)
        self._of_person.setdefault(subscriber.user_id, set()).add(subscriber)
        metrics.SOCKETS.set(len(self.subscribers))

    def remove(self, subscriber: Subscriber) -> None:
        """A socket went."""
        self.subscribers.discard(subscriber)
        mine = self._of_person.get(subscriber.user_id, set())
        mine.discard(subscriber)
        if not mine:
            self._of_person.pop(subscriber.user_id, None)
        for stream in list(subscriber.follows):
            self.leave(subscriber, stream)
        metrics.SOCKETS.set(len(self.subscribers))

    def of_person(self, user_id: int) -> list[Subscriber]:
        """The sockets of one person here."""
        return list(self._of_person.get(user_id, ()))

    def follow(self, subscriber: Subscriber, stream: Stream, after: int, until: float = 0) -> None:
        """Deliver a stream to a socket from a number on, to somebody who may have it until a moment."""
        if subscriber not in self.subscribers:
            return
        subscription = self.subscriptions.get(stream)
        if subscription is None:
            subscription = self.subscriptions[stream] = Subscription(stream)
            metrics.ROOMS.set(len(self.subscriptions))
            self.followed(stream)
        self.grant(subscriber, stream, until)
        subscription.add(subscriber, after)
        if subscription.last is None:
            self.look(stream)
        elif subscription.behind:
            self._pump(subscription)

    def grant(self, subscriber: Subscriber, stream: Stream, until: float) -> None:
        """A socket may follow a stream until a moment, or 0 without end."""
        subscriber.follows[stream] = until
        (self.timed.add if until else self.timed.discard)((subscriber, stream))

    def leave(self, subscriber: Subscriber, stream: Stream) -> None:
        """Deliver a stream to this socket no more."""
        subscriber.follows.pop(stream, None)
        self.timed.discard((subscriber, stream))
        subscription = self.subscriptions.get(stream)
        if subscription is not None:
            subscription.remove(subscriber)
            if not len(subscription):
                del self.subscriptions[stream]
                self._asked_for.discard(subscription)
                metrics.ROOMS.set(len(self.subscriptions))
                self.left(stream)

    def hint(self, stream: Stream) -> None:
        """The stream may have something new: look."""
        subscription = self.subscriptions.get(stream)
        if subscription is not None:
            subscription.hinted = True
            self._pump(subscription)

    def look(self, stream: Stream) -> None:
        """Ask how far the stream has come, together with others that are asked for."""
        subscription = self.subscriptions.get(stream)
        if subscription is not None:
            self._asked_for.add(subscription)
            if not self._asking:
                self._asking = True
                self._run(self._ask_for_numbers())

    def take(self, stream: Stream, chunk: Chunk, written_at: float = 0) -> None:
        """Something new was brought along. Handed out if it follows what was; else looked up, or dropped."""
        subscription = self.subscriptions.get(stream)
        if subscription is None:
            return
        if subscription.last is not None and chunk.first == subscription.last + 1:
            subscription.deliver(chunk)
            if written_at:
                metrics.observe_delivery(written_at)
        elif subscription.last is None or chunk.last > subscription.last:
            self.hint(stream)

    def broadcast(self, stream: Stream, frame: Frame, but: Subscriber | None = None) -> None:
        """Hand a frame that is no entry (presence, typing) to all who follow the stream here."""
        subscription = self.subscriptions.get(stream)
        for subscriber in subscription.subscribers() if subscription else ():
            if subscriber is not but:
                subscriber.write(frame)

    def end(self, user_id: int, session: str = "") -> None:
        """Close the sockets of a person whose sign-in ended: of one session, by its digest, or all of
        them."""
        for subscriber in self.of_person(user_id):
            if session in ("", subscriber.session):
                subscriber.close(frames.ENDED)

    async def ask(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Ask the database who somebody is or what they may; again, if something was revoked meanwhile."""
        while True:
            before = self.revoked
            answer = await in_thread(work, *arguments)
            if before == self.revoked:
                return answer

    def revoke(self, subscribers: Iterable[Subscriber], stream: Stream) -> None:
        """Tell sockets that a stream is not for them any more."""
        for subscriber in list(subscribers):
            subscriber.write(Frame(frames.write("unknown", s=str(stream))))
            self.leave(subscriber, stream)

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
            newest = await in_thread(streams.newest, [subscription.stream for subscription in asked])
        except Exception:
            logger.exception("How far the streams have come could not be read; asked again in a moment")
            self._asked_for |= {subscription for subscription in asked if len(subscription)}
            await asyncio.sleep(AFTER_FAILURE)
            return
        for subscription in asked:
            self._has_come(subscription, newest.get(subscription.stream, 0))

    def _has_come(self, subscription: Subscription, newest: int) -> None:
        if subscription.last is None:
            subscription.last = newest
            for subscriber, number in list(subscription.behind.items()):
                subscription.at(subscriber, number)
            if subscription.behind or subscription.hinted:
                self._pump(subscription)
        elif subscription.last < newest:
            self.hint(subscription.stream)

    def _pump(self, subscription: Subscription) -> None:
        if not subscription.pumping and subscription.last is not None:
            subscription.pumping = True
            self._run(self._pumping(subscription))

    async def _pumping(self, subscription: Subscription) -> None:
        """Read and hand out until all have everything."""
        wait = 0.0
        try:
            while len(subscription) and (subscription.hinted or subscription.behind):
                if wait:
                    await asyncio.sleep(wait)
                if subscription.hinted:
                    subscription.hinted = False
                    await self._read_on(subscription)
                wait = await self._catch_up(subscription) if subscription.behind else 0.0
        except Exception:
            logger.exception("Reading a live stream failed; tried again in a moment")
            subscription.hinted = True
            asyncio.get_running_loop().call_later(AFTER_FAILURE, self._pump, subscription)
        finally:
            subscription.pumping = False

    async def _read_on(self, subscription: Subscription) -> None:
        """Hand out what came after the last number to all who stand there."""
        found, more = await self._log.after(subscription.stream, subscription.last or 0)
        left = {entry["who"] for entry in found if entry.get("who") is not None}
        await self._let_go(subscription, left)
        news = [entry for entry in found if entry["n"] > (subscription.last or 0)]
        if news:
            if any(entry.get("k") not in (None, "message") for entry in news):
                subscription.forget_recent()
            chunk = Chunk.of(subscription.stream, news)
            subscription.deliver(chunk)
            subscription.hinted = subscription.hinted or chunk.last < news[-1]["n"] or more

    async def _catch_up(self, subscription: Subscription) -> float:
        """One page for those who wait longest at one number. Gives the seconds to wait before the next."""
        at, subscribers = behind_alike(subscription)
        ready = [subscriber for subscriber in subscribers if subscriber.ready()]
        if not ready:
            for subscriber in subscribers:
                subscription.at(subscriber, at)  # to the end of the row
            return AGAIN
        if at >= (subscription.last or 0):
            await self._ahead(subscription, at, subscribers)
            return 0.0
        for subscriber in ready:
            subscription.send_recent(subscriber)
        if all(subscription.behind.get(subscriber) != at for subscriber in ready):
            return 0.0
        found, _more = await self._log.after(subscription.stream, at)
        await self._let_go(subscription, {entry["who"] for entry in found if entry.get("who") is not None})
        page = [entry for entry in found if entry["n"] <= subscription.read_up_to(at)]
        here = [subscriber for subscriber in ready if subscription.behind.get(subscriber) == at]
        if not found or found[0]["n"] != at + 1:
            # The log does not go on from there: it is not the one they read from.
            self._start_over(subscription, here)
        elif page:
            chunk = Chunk.of(subscription.stream, page)
            for subscriber in here:
                subscription.catch_up(subscriber, chunk)
        return 0.0

    async def _ahead(self, subscription: Subscription, at: int, subscribers: list[Subscriber]) -> None:
        """Some have more than was handed out here: it is on its way, or the log is another one than
        theirs."""
        newest = (await in_thread(streams.newest, [subscription.stream])).get(subscription.stream, 0)
        if at > newest:
            self._start_over(
                subscription,
                [subscriber for subscriber in subscribers if subscription.behind.get(subscriber) == at],
            )
        else:
            await self._read_on(subscription)
            for subscriber in subscribers:
                if subscriber in subscription.behind:
                    subscription.at(subscriber, subscription.behind[subscriber])

    def _start_over(self, subscription: Subscription, subscribers: list[Subscriber]) -> None:
        for subscriber in subscribers:
            subscriber.write(Frame(frames.write("reset", s=str(subscription.stream))))
            self.leave(subscriber, subscription.stream)

    async def _let_go(self, subscription: Subscription, left: set[int]) -> None:
        """Before entries go out that tell of somebody's leaving: who is not let in any more gets none."""
        theirs = [subscriber for subscriber in subscription.subscribers() if subscriber.user_id in left]
        if theirs:
            pairs = {(subscriber.user_id, subscription.stream) for subscriber in theirs}
            allowed = await in_thread(streams.still_allowed, pairs)
            self.revoke(
                (
                    subscriber
                    for subscriber in theirs
                    if (subscriber.user_id, subscription.stream) not in allowed
                ),
                subscription.stream,
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


def followed_by(subscribers: Iterable[Subscriber]) -> Iterator[tuple[int, Stream]]:
    """Who follows what."""
    for subscriber in subscribers:
        for stream in subscriber.follows:
            yield subscriber.user_id, stream


def _nothing(stream: Stream) -> None:
    pass
