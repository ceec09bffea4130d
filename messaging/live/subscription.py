"""One stream that somebody in this process follows: how far it was delivered, and to whom.

Nearly all sockets of a stream are at the same number: they are handed one frame. Who has just come, or stands
behind for another reason, catches up by itself until it is where the others are.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from messaging.live import frames, metrics
from messaging.live.streams import Entry, Stream
from messaging.live.ticket import Person
from messaging.live.transport import Frame

CARRIED = 32 * 1024
"""Characters of entries one frame carries, unless a single one has more: a reader has a bound of its own."""
RECENT = 30
"""Frames kept at hand for those who come back after a moment."""
RECENT_BYTES = 64 * 1024
"""Bytes these may have together."""


class Subscriber(Protocol):
    """A socket as the hub sees it."""

    user_id: int
    person: Person
    session: str
    session_key: str
    follows: dict[Stream, float]
    beats: int

    def write(self, frame: Frame) -> None:
        """Take one frame, without waiting."""

    def ready(self) -> bool:
        """Whether a page of entries may be written now, or too much waits already."""

    def close(self, code: int) -> None:
        """End it, with a code that says why."""

    def close_for_shutdown(self, last_frame: Frame) -> None:
        """End it because this server stops, with a last frame."""


@dataclass
class Chunk:
    """Entries of a stream that follow each other, in the frame that carries them."""

    first: int
    last: int
    frame: Frame

    @classmethod
    def of(cls, stream: Stream, entries: list[Entry]) -> "Chunk":
        """As many of these entries as one frame carries, with the frame made for them; one at least."""
        written: list[str] = []
        size = 0
        for entry in entries:
            text = frames.entry(entry)
            if written and size + len(text) > CARRIED:
                break
            written.append(text)
            size += len(text)
        return cls(
            entries[0]["n"], entries[len(written) - 1]["n"], Frame(frames.entries(str(stream), written))
        )


@dataclass(eq=False)
class Subscription:
    """A stream and its sockets here."""

    stream: Stream
    last: int | None = None
    """The number that all in `current` have; None until it was read."""
    current: set[Subscriber] = field(default_factory=set)
    behind: dict[Subscriber, int] = field(default_factory=dict)
    """Sockets that have to catch up, and the number each of them has."""
    pumping: bool = False
    hinted: bool = False
    recent: deque[Chunk] = field(default_factory=deque)

    def __len__(self) -> int:
        return len(self.current) + len(self.behind)

    def subscribers(self) -> Iterator[Subscriber]:
        """All sockets of the stream here."""
        yield from list(self.current)
        yield from list(self.behind)

    def add(self, subscriber: Subscriber, after: int) -> None:
        """A socket that has everything up to a number; one that stands where all stand is current at once."""
        if after == self.last:
            self.behind.pop(subscriber, None)
            self.current.add(subscriber)
        else:
            self.current.discard(subscriber)
            self.behind[subscriber] = after
            self.send_recent(subscriber)

    def remove(self, subscriber: Subscriber) -> None:
        """A socket that is not delivered to any more."""
        self.current.discard(subscriber)
        self.behind.pop(subscriber, None)

    def deliver(self, chunk: Chunk) -> None:
        """Hand a chunk to whom it is the next for. Whether it may be handed out was asked before."""
        if chunk.first == (self.last if self.last is not None else -1) + 1:
            for subscriber in list(self.current):
                subscriber.write(chunk.frame)
            metrics.DELIVERIES.inc((chunk.last - chunk.first + 1) * len(self.current))
            self.last = chunk.last
            self._remember(chunk)

    def catch_up(self, subscriber: Subscriber, chunk: Chunk) -> None:
        """Hand a chunk that was read to one who is behind, and what follows on it and is at hand."""
        self._remember_earlier(chunk)
        self._hand(subscriber, chunk)
        self.send_recent(subscriber)

    def read_up_to(self, at: int) -> int:
        """Up to where the log has to be read for who stands at a number: from there on it is at hand."""
        at_hand = self.recent[0].first - 1 if self.recent else 0
        return at_hand if at_hand > at else self.last or 0

    def send_recent(self, subscriber: Subscriber) -> None:
        """Hand what is at hand to one who stands just before it."""
        for chunk in list(self.recent):
            if self.behind.get(subscriber) == chunk.first - 1:
                self._hand(subscriber, chunk)

    def at(self, subscriber: Subscriber, number: int) -> None:
        """Say which number a socket that was behind has now; it goes to the end of the row."""
        if self.behind.pop(subscriber, None) is None:
            return
        if number == self.last:
            self.current.add(subscriber)
        else:
            self.behind[subscriber] = number

    def forget_recent(self) -> None:
        """What was said is not to be handed out again as it was: it was changed or taken back."""
        self.recent.clear()

    def _remember_earlier(self, chunk: Chunk) -> None:
        """What one who came back had to be read: after a restart many come from the same number."""
        if self.recent[0].first == chunk.last + 1 if self.recent else chunk.last == self.last:
            self.recent.appendleft(chunk)
            self._forget_oldest()

    def _remember(self, chunk: Chunk) -> None:
        self.recent.append(chunk)
        self._forget_oldest()

    def _forget_oldest(self) -> None:
        while len(self.recent) > RECENT or sum(len(one.frame.bytes) for one in self.recent) > RECENT_BYTES:
            self.recent.popleft()

    def _hand(self, subscriber: Subscriber, chunk: Chunk) -> None:
        subscriber.write(chunk.frame)
        metrics.DELIVERIES.inc(chunk.last - chunk.first + 1)
        self.at(subscriber, chunk.last)


def behind_alike(subscription: Subscription) -> tuple[int, list[Subscriber]]:
    """The next number to read after, and the sockets that wait for just that: those longest in the row
    first."""
    at = next(iter(subscription.behind.values()))
    return at, [subscriber for subscriber, number in subscription.behind.items() if number == at]
