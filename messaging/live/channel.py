"""One stream that somebody in this process follows: how far it was delivered, and to whom.

Nearly all sockets of a stream are at the same number: they are handed one frame. Who has just come, or stands
behind for another reason, catches up by itself until it is where the others are.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from common import metrics
from messaging.live import frames
from messaging.live.streams import Entry, Stream
from messaging.live.ticket import Person
from messaging.live.wire import Frame

CARRIED = 32 * 1024
"""Characters of entries one frame carries, unless a single one has more: a reader has a bound of its own."""
RECENT = 30
"""Frames kept at hand for those who come back after a moment."""
RECENT_BYTES = 64 * 1024
"""Bytes these may have together."""


class Sink(Protocol):
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

    def see_off(self, farewell: Frame) -> None:
        """End it because this server stops, with a last frame."""


@dataclass
class Piece:
    """Entries of a stream that follow each other, in the frame that carries them."""

    first: int
    last: int
    frame: Frame

    @classmethod
    def of(cls, stream: Stream, entries: list[Entry]) -> "Piece":
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
class Channel:
    """A stream and its sockets here."""

    stream: Stream
    last: int | None = None
    """The number that all in `current` have; None until it was read."""
    current: set[Sink] = field(default_factory=set)
    behind: dict[Sink, int] = field(default_factory=dict)
    """Sockets that have to catch up, and the number each of them has."""
    pumping: bool = False
    hinted: bool = False
    recent: deque[Piece] = field(default_factory=deque)

    def __len__(self) -> int:
        return len(self.current) + len(self.behind)

    def sinks(self) -> Iterator[Sink]:
        """All sockets of the stream here."""
        yield from list(self.current)
        yield from list(self.behind)

    def add(self, sink: Sink, after: int) -> None:
        """A socket that has everything up to a number; one that stands where all stand is current at once."""
        if after == self.last:
            self.behind.pop(sink, None)
            self.current.add(sink)
        else:
            self.current.discard(sink)
            self.behind[sink] = after
            self.from_recent(sink)

    def remove(self, sink: Sink) -> None:
        """A socket that is not delivered to any more."""
        self.current.discard(sink)
        self.behind.pop(sink, None)

    def deliver(self, piece: Piece) -> None:
        """Hand a piece to whom it is the next for. Whether it may be handed out was asked before."""
        if piece.first == (self.last if self.last is not None else -1) + 1:
            for sink in list(self.current):
                sink.write(piece.frame)
            metrics.DELIVERIES.inc((piece.last - piece.first + 1) * len(self.current))
            self.last = piece.last
            self._remember(piece)

    def catch_up(self, sink: Sink, piece: Piece) -> None:
        """Hand a piece that was read to one who is behind, and what follows on it and is at hand."""
        self._remember_earlier(piece)
        self._hand(sink, piece)
        self.from_recent(sink)

    def read_up_to(self, at: int) -> int:
        """Up to where the log has to be read for who stands at a number: from there on it is at hand."""
        at_hand = self.recent[0].first - 1 if self.recent else 0
        return at_hand if at_hand > at else self.last or 0

    def from_recent(self, sink: Sink) -> None:
        """Hand what is at hand to one who stands just before it."""
        for piece in list(self.recent):
            if self.behind.get(sink) == piece.first - 1:
                self._hand(sink, piece)

    def at(self, sink: Sink, number: int) -> None:
        """Say which number a socket that was behind has now; it goes to the end of the row."""
        if self.behind.pop(sink, None) is None:
            return
        if number == self.last:
            self.current.add(sink)
        else:
            self.behind[sink] = number

    def forget_recent(self) -> None:
        """What was said is not to be handed out again as it was: it was changed or taken back."""
        self.recent.clear()

    def _remember_earlier(self, piece: Piece) -> None:
        """What one who came back had to be read: after a restart many come from the same number."""
        if self.recent[0].first == piece.last + 1 if self.recent else piece.last == self.last:
            self.recent.appendleft(piece)
            self._forget_oldest()

    def _remember(self, piece: Piece) -> None:
        self.recent.append(piece)
        self._forget_oldest()

    def _forget_oldest(self) -> None:
        while len(self.recent) > RECENT or sum(len(one.frame.bytes) for one in self.recent) > RECENT_BYTES:
            self.recent.popleft()

    def _hand(self, sink: Sink, piece: Piece) -> None:
        sink.write(piece.frame)
        metrics.DELIVERIES.inc(piece.last - piece.first + 1)
        self.at(sink, piece.last)


def behind_alike(channel: Channel) -> tuple[int, list[Sink]]:
    """The next number to read after, and the sockets that wait for just that: those longest in the row
    first."""
    at = next(iter(channel.behind.values()))
    return at, [sink for sink, number in channel.behind.items() if number == at]
