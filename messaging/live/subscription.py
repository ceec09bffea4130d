"""One stream that sockets of this process follow: the last number delivered, and the subscribers.

Nearly all subscribers of a stream have the same number: they are sent one frame, encoded once. A subscriber
that has just connected, or is behind for another reason, catches up separately until it has that number too.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from messaging.live import frames, metrics
from messaging.live.streams import Stream, StreamEntry
from messaging.live.ticket import Person
from messaging.live.transport import Frame

FRAME_CHARS = 32 * 1024
"""Characters of entries in one frame, unless a single entry has more: several frames must fit into
`MAX_PENDING_BYTES`."""
RECENT_FRAMES = 30
"""Frames kept in memory for subscribers that reconnect after a moment."""
RECENT_BYTES = 64 * 1024
"""Bytes these frames have together at most."""


class Subscriber(Protocol):
    """A socket as the hub sees it."""

    user_id: int
    person: Person
    session: str
    session_key: str
    follows: dict[Stream, float]
    heartbeats: int

    def write(self, frame: Frame) -> None:
        """Take one frame, without waiting."""

    def ready(self) -> bool:
        """Whether a page of entries may be written now, or too much is pending already."""

    def close(self, code: int) -> None:
        """End the socket with a close code."""

    def close_for_shutdown(self, last_frame: Frame) -> None:
        """End the socket because this server stops, with a last frame."""


@dataclass
class Chunk:
    """Consecutive entries of a stream, encoded as one frame."""

    first: int
    last: int
    frame: Frame

    @classmethod
    def of(cls, stream: Stream, entries: Sequence[StreamEntry]) -> "Chunk":
        """As many of these entries as fit into one frame; one at least."""
        encoded: list[str] = []
        size = 0
        for entry in entries:
            text = frames.encode(entry)
            if encoded and size + len(text) > FRAME_CHARS:
                break
            encoded.append(text)
            size += len(text)
        last = entries[len(encoded) - 1]["n"]
        return cls(entries[0]["n"], last, Frame(frames.encode_entries(str(stream), encoded)))


@dataclass(eq=False)
class Subscription:
    """A stream and its subscribers in this process."""

    stream: Stream
    last: int | None = None
    """The number that all of `current` have; None until it was read."""
    current: set[Subscriber] = field(default_factory=set)
    behind: dict[Subscriber, int] = field(default_factory=dict)
    """Subscribers that have to catch up, and the number each of them has; a queue in insertion order."""
    reading: bool = False
    """Whether a task of the hub reads this stream now."""
    hinted: bool = False
    """Whether there may be entries after `last`."""
    recent: deque[Chunk] = field(default_factory=deque)

    def __len__(self) -> int:
        return len(self.current) + len(self.behind)

    def subscribers(self) -> Iterator[Subscriber]:
        """All subscribers."""
        yield from list(self.current)
        yield from list(self.behind)

    def add(self, subscriber: Subscriber, after: int) -> None:
        """Add a subscriber that has the entries up to a number; one that has `last` is current at once."""
        if after == self.last:
            self.behind.pop(subscriber, None)
            self.current.add(subscriber)
        else:
            self.current.discard(subscriber)
            self.behind[subscriber] = after
            self.send_recent(subscriber)

    def remove(self, subscriber: Subscriber) -> None:
        """Stop delivering to a subscriber."""
        self.current.discard(subscriber)
        self.behind.pop(subscriber, None)

    def deliver(self, chunk: Chunk) -> None:
        """Write a chunk to all current subscribers if it is the next one. The caller has removed those that
        lost access (`Hub._revoke_departed`)."""
        if chunk.first == (self.last if self.last is not None else -1) + 1:
            for subscriber in list(self.current):
                subscriber.write(chunk.frame)
            metrics.DELIVERIES.inc((chunk.last - chunk.first + 1) * len(self.current))
            self.last = chunk.last
            self.recent.append(chunk)
            self._trim_recent()

    def catch_up(self, subscriber: Subscriber, chunk: Chunk) -> None:
        """Write a chunk read from the log to a subscriber that is behind, then the recent ones that
        follow."""
        self._prepend_recent(chunk)
        self._write(subscriber, chunk)
        self.send_recent(subscriber)

    def read_up_to(self, number: int) -> int:
        """The last number to read from the log for a subscriber that has `number`; `recent` contains the
        entries after it."""
        before_recent = self.recent[0].first - 1 if self.recent else 0
        return before_recent if before_recent > number else self.last or 0

    def send_recent(self, subscriber: Subscriber) -> None:
        """Write the recent chunks that follow on what a subscriber has."""
        for chunk in list(self.recent):
            if self.behind.get(subscriber) == chunk.first - 1:
                self._write(subscriber, chunk)

    def set_number(self, subscriber: Subscriber, number: int) -> None:
        """Record the number a subscriber that was behind has now, and move it to the end of the queue."""
        if self.behind.pop(subscriber, None) is None:
            return
        if number == self.last:
            self.current.add(subscriber)
        else:
            self.behind[subscriber] = number

    def clear_recent(self) -> None:
        """Clear the recent chunks, because a message in them was changed or withdrawn."""
        self.recent.clear()

    def next_behind(self) -> tuple[int, list[Subscriber]]:
        """The number of the first subscriber in the queue, and all subscribers that have the same one."""
        number = next(iter(self.behind.values()))
        return number, [subscriber for subscriber, theirs in self.behind.items() if theirs == number]

    def _prepend_recent(self, chunk: Chunk) -> None:
        """Cache a chunk read for one subscriber: after a restart many reconnect with the same number."""
        if self.recent[0].first == chunk.last + 1 if self.recent else chunk.last == self.last:
            self.recent.appendleft(chunk)
            self._trim_recent()

    def _trim_recent(self) -> None:
        while (
            len(self.recent) > RECENT_FRAMES
            or sum(len(chunk.frame.bytes) for chunk in self.recent) > RECENT_BYTES
        ):
            self.recent.popleft()

    def _write(self, subscriber: Subscriber, chunk: Chunk) -> None:
        subscriber.write(chunk.frame)
        metrics.DELIVERIES.inc(chunk.last - chunk.first + 1)
        self.set_number(subscriber, chunk.last)
