"""The hub: one in each server process. It tracks which sockets follow which stream, and writes each entry to
all of them as one frame.

A hint says that a stream has new entries, and may carry them. Hints may be lost, duplicated or out of order:
entries that do not follow on what was delivered are dropped or read from the log, and the reconciler
(`messaging.live.reconcile`) finds every few seconds what no hint announced.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import close_old_connections

from messaging.live import frames, metrics, streams
from messaging.live.log_reader import LogReader
from messaging.live.streams import Stream, StreamEntry
from messaging.live.subscription import Chunk, Subscriber, Subscription
from messaging.live.transport import Frame

GATHER_SECONDS = 0.02
"""How long new streams are gathered before their newest numbers are read in one query."""
SLOW_READER_RETRY_SECONDS = 0.1
"""Delay before checking subscribers with too much pending again."""
FAILURE_RETRY_SECONDS = 1.0
"""Delay before reading again after a database error."""

logger = logging.getLogger("aftercourse.live")
_readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="live-read")
_actors = ThreadPoolExecutor(max_workers=2, thread_name_prefix="live-act")


class Hub:
    """Everything that is followed in this process. Lives in the server's event loop and is called only
    there."""

    def __init__(self) -> None:
        self.subscriptions: dict[Stream, Subscription] = {}
        self.subscribers: set[Subscriber] = set()
        self.on_first_subscriber: Callable[[Stream], None] = _ignore
        """Called when a stream gets its first subscriber here."""
        self.on_no_subscriber: Callable[[Stream], None] = _ignore
        """Called when a stream has lost its last one."""
        self.on_departure: Callable[[int], None] = _ignore
        """Called with a user's id when an entry records that they lost access to its stream."""
        self.expiring: set[tuple[Subscriber, Stream]] = set()
        """Subscribers and streams that they may follow only until a moment."""
        self.revocations_received = 0
        """Revocations this process has received."""
        self._of_person: dict[int, set[Subscriber]] = {}
        self._unchecked: set[Subscription] = set()
        self._checking = False
        self._log = LogReader(lambda *asked: in_thread(*asked))
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, subscriber: Subscriber) -> None:
        """Add a socket, which follows nothing yet."""
        self.subscribers.add(subscriber)
        self._of_person.setdefault(subscriber.user_id, set()).add(subscriber)
        metrics.SOCKETS.set(len(self.subscribers))

    def remove(self, subscriber: Subscriber) -> None:
        """Remove a socket that closed."""
        self.subscribers.discard(subscriber)
        sockets = self._of_person.get(subscriber.user_id, set())
        sockets.discard(subscriber)
        if not sockets:
            self._of_person.pop(subscriber.user_id, None)
        for stream in list(subscriber.follows):
            self.unfollow(subscriber, stream)
        metrics.SOCKETS.set(len(self.subscribers))

    def of_person(self, user_id: int) -> list[Subscriber]:
        """The sockets of one person here."""
        return list(self._of_person.get(user_id, ()))

    def follow(self, subscriber: Subscriber, stream: Stream, after: int, until: float = 0) -> None:
        """Deliver the entries of a stream after a number. The caller has checked that this person may follow
        it, until a moment or (0) without end."""
        if subscriber not in self.subscribers:
            return
        subscription = self.subscriptions.get(stream)
        if subscription is None:
            subscription = self.subscriptions[stream] = Subscription(stream)
            metrics.ROOMS.set(len(self.subscriptions))
            self.on_first_subscriber(stream)
        self.grant(subscriber, stream, until)
        subscription.add(subscriber, after)
        if subscription.last is None:
            self.check_newest(stream)
        elif subscription.behind:
            self._start_reading(subscription)

    def grant(self, subscriber: Subscriber, stream: Stream, until: float) -> None:
        """Record until when (seconds since the epoch, 0 for no end) a socket may follow a stream."""
        subscriber.follows[stream] = until
        (self.expiring.add if until else self.expiring.discard)((subscriber, stream))

    def unfollow(self, subscriber: Subscriber, stream: Stream) -> None:
        """Stop delivering a stream to a socket."""
        subscriber.follows.pop(stream, None)
        self.expiring.discard((subscriber, stream))
        subscription = self.subscriptions.get(stream)
        if subscription is not None:
            subscription.remove(subscriber)
            if not len(subscription):
                del self.subscriptions[stream]
                self._unchecked.discard(subscription)
                metrics.ROOMS.set(len(self.subscriptions))
                self.on_no_subscriber(stream)

    def hint(self, stream: Stream) -> None:
        """Read the stream's log: it may have new entries."""
        subscription = self.subscriptions.get(stream)
        if subscription is not None:
            subscription.hinted = True
            self._start_reading(subscription)

    def deliver(self, stream: Stream, chunk: Chunk, written_at: float = 0) -> None:
        """Deliver entries that came with a hint if they are the next ones; if entries before them are
        missing, read the log; drop what was delivered before."""
        subscription = self.subscriptions.get(stream)
        if subscription is None:
            return
        if subscription.last is not None and chunk.first == subscription.last + 1:
            subscription.deliver(chunk)
            if written_at:
                metrics.observe_delivery(written_at)
        elif subscription.last is None or chunk.last > subscription.last:
            self.hint(stream)

    def check_newest(self, stream: Stream) -> None:
        """Read the newest number of a stream, in one query with others, and its log only if entries are
        missing."""
        subscription = self.subscriptions.get(stream)
        if subscription is not None:
            self._unchecked.add(subscription)
            if not self._checking:
                self._checking = True
                self._run(self._check_numbers())

    def broadcast(self, stream: Stream, frame: Frame, but: Subscriber | None = None) -> None:
        """Write a frame that is no entry (presence, typing) to all subscribers of a stream."""
        subscription = self.subscriptions.get(stream)
        for subscriber in subscription.subscribers() if subscription else ():
            if subscriber is not but:
                subscriber.write(frame)

    def revoke(self, subscribers: Iterable[Subscriber], stream: Stream) -> None:
        """Send `unknown` to sockets whose user lost access to a stream, and stop delivering it to them."""
        for subscriber in list(subscribers):
            subscriber.write(Frame(frames.encode(frames.Unknown(t="unknown", s=str(stream)))))
            self.unfollow(subscriber, stream)

    def close_sessions(self, user_id: int, session: str = "") -> None:
        """Close the sockets of a person whose sign-in ended: of one session (its digest), or all of them."""
        for subscriber in self.of_person(user_id):
            if session in ("", subscriber.session):
                subscriber.close(frames.CLOSE_ENDED)

    async def query_rights(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run a query about a user's rights in a thread; repeat it if a revocation was received meanwhile."""
        while True:
            before = self.revocations_received
            answer = await in_thread(work, *arguments)
            if before == self.revocations_received:
                return answer

    async def _check_numbers(self) -> None:
        try:
            await asyncio.sleep(GATHER_SECONDS)
            while self._unchecked:
                await self._check_numbers_once()
        finally:
            self._checking = False

    async def _check_numbers_once(self) -> None:
        unchecked, self._unchecked = self._unchecked, set()
        try:
            newest = await in_thread(streams.newest, [subscription.stream for subscription in unchecked])
        except Exception:
            logger.exception("Could not read the newest numbers of streams; retrying")
            self._unchecked |= {subscription for subscription in unchecked if len(subscription)}
            await asyncio.sleep(FAILURE_RETRY_SECONDS)
            return
        for subscription in unchecked:
            self._on_newest_number(subscription, newest.get(subscription.stream, 0))

    def _on_newest_number(self, subscription: Subscription, newest: int) -> None:
        if subscription.last is None:
            subscription.last = newest
            for subscriber, number in list(subscription.behind.items()):
                subscription.set_number(subscriber, number)
            if subscription.behind or subscription.hinted:
                self._start_reading(subscription)
        elif subscription.last < newest:
            self.hint(subscription.stream)

    def _start_reading(self, subscription: Subscription) -> None:
        if not subscription.reading and subscription.last is not None:
            subscription.reading = True
            self._run(self._read_all(subscription))

    async def _read_all(self, subscription: Subscription) -> None:
        """Read and deliver until every subscriber has everything."""
        delay = 0.0
        try:
            while len(subscription) and (subscription.hinted or subscription.behind):
                if delay:
                    await asyncio.sleep(delay)
                if subscription.hinted:
                    subscription.hinted = False
                    await self._read_new(subscription)
                delay = await self._catch_up(subscription) if subscription.behind else 0.0
        except Exception:
            logger.exception("Could not read a stream; retrying")
            subscription.hinted = True
            loop = asyncio.get_running_loop()
            loop.call_later(FAILURE_RETRY_SECONDS, self._start_reading, subscription)
        finally:
            subscription.reading = False

    async def _read_new(self, subscription: Subscription) -> None:
        """Deliver what came after the last number to all current subscribers."""
        found, more = await self._log.after(subscription.stream, subscription.last or 0)
        await self._revoke_departed(subscription, found)
        new = [entry for entry in found if entry["n"] > (subscription.last or 0)]
        if new:
            if any(entry.get("k") not in (None, "message") for entry in new):
                subscription.clear_recent()
            chunk = Chunk.of(subscription.stream, new)
            subscription.deliver(chunk)
            subscription.hinted = subscription.hinted or chunk.last < new[-1]["n"] or more

    async def _catch_up(self, subscription: Subscription) -> float:
        """Deliver one page to the subscribers that have waited longest. Returns the seconds to wait before
        the next page."""
        number, subscribers = subscription.next_behind()
        ready = [subscriber for subscriber in subscribers if subscriber.ready()]
        if not ready:
            for subscriber in subscribers:
                subscription.set_number(subscriber, number)  # to the end of the queue
            return SLOW_READER_RETRY_SECONDS
        if number >= (subscription.last or 0):
            await self._settle_ahead(subscription, number, subscribers)
            return 0.0
        for subscriber in ready:
            subscription.send_recent(subscriber)
        if all(subscription.behind.get(subscriber) != number for subscriber in ready):
            return 0.0
        found, _more = await self._log.after(subscription.stream, number)
        await self._revoke_departed(subscription, found)
        page = [entry for entry in found if entry["n"] <= subscription.read_up_to(number)]
        waiting = [subscriber for subscriber in ready if subscription.behind.get(subscriber) == number]
        if not found or found[0]["n"] != number + 1:
            # The log does not continue there: it is another one than they read from.
            self._reset(subscription, waiting)
        elif page:
            chunk = Chunk.of(subscription.stream, page)
            for subscriber in waiting:
                subscription.catch_up(subscriber, chunk)
        return 0.0

    async def _settle_ahead(
        self, subscription: Subscription, number: int, subscribers: Sequence[Subscriber]
    ) -> None:
        """Some have a higher number than was delivered here: there are new entries, or their log was another
        one."""
        stream = subscription.stream
        newest = (await in_thread(streams.newest, [stream])).get(stream, 0)
        if number > newest:
            ahead = [each for each in subscribers if subscription.behind.get(each) == number]
            self._reset(subscription, ahead)
        else:
            await self._read_new(subscription)
            for subscriber in subscribers:
                if subscriber in subscription.behind:
                    subscription.set_number(subscriber, subscription.behind[subscriber])

    def _reset(self, subscription: Subscription, subscribers: Iterable[Subscriber]) -> None:
        for subscriber in subscribers:
            subscriber.write(Frame(frames.encode(frames.Reset(t="reset", s=str(subscription.stream)))))
            self.unfollow(subscriber, subscription.stream)

    async def _revoke_departed(self, subscription: Subscription, found: Sequence[StreamEntry]) -> None:
        """Revoke the stream from users who lost access according to these entries, before they are delivered.

        Their tickets are stale from here on too, so that an old one with a number after the entry opens
        nothing. Users who were readmitted since keep the stream.
        """
        departed = {who for entry in found if (who := entry.get("who")) is not None}
        if not departed:
            return
        self.revocations_received += 1
        for user_id in departed:
            self.on_departure(user_id)
        affected = [subscriber for subscriber in subscription.subscribers() if subscriber.user_id in departed]
        if affected:
            stream = subscription.stream
            pairs = {(subscriber.user_id, stream) for subscriber in affected}
            allowed = await in_thread(streams.still_allowed, pairs)
            self.revoke(
                (subscriber for subscriber in affected if (subscriber.user_id, stream) not in allowed), stream
            )

    def _run(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def in_thread(work: Callable[..., Any], *arguments: Any) -> Any:
    """Run a database read in a thread of the live engine, with a connection that is usable."""
    return await _in_pool(_readers, work, *arguments)


async def in_action_thread(work: Callable[..., Any], *arguments: Any) -> Any:
    """Run a use-case in a thread of its own pool: it may wait for a row lock, and reads must not wait behind
    it."""
    return await _in_pool(_actors, work, *arguments)


async def _in_pool(pool: ThreadPoolExecutor, work: Callable[..., Any], *arguments: Any) -> Any:
    def with_fresh_connection() -> Any:
        close_old_connections()
        return work(*arguments)

    return await asyncio.get_running_loop().run_in_executor(pool, with_fresh_connection)


def followed_by(subscribers: Iterable[Subscriber]) -> Iterator[tuple[int, Stream]]:
    """The user and stream of everything these sockets follow."""
    for subscriber in subscribers:
        for stream in subscriber.follows:
            yield subscriber.user_id, stream


def _ignore(_about: object) -> None:
    pass
