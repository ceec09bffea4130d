"""Streams of numbered entries that can be followed live.

A stream is named `kind:id` (`room:3`, `person:7`). The subject that owns a kind registers how its entries are
read and who may follow it. The numbers of a stream begin at 1 and have no gaps.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NotRequired, Protocol, TypedDict, runtime_checkable

STREAMS_PER_SOCKET = 40
"""Streams one socket may follow and one ticket may name; a page needs two or three."""
STREAMS_PER_POLL = 10
"""Streams one poll may ask for."""
ENTRIES_PER_PAGE = 200
"""Entries one read of a stream returns at most; a subscriber that is further behind reads again."""
MAX_NUMBER_DIGITS = 18
"""Digits of the largest number accepted from a browser; it fits into a signed 64-bit column."""


class StreamEntry(TypedDict):
    """One entry of a stream as JSON. Each kind of stream adds keys of its own."""

    n: int
    """Its number."""
    k: NotRequired[str]
    """Its kind, as named by the subject. Frames are sent again only with `message` or no kind."""
    who: NotRequired[int | None]
    """In an entry that records a loss of access: the id of that user."""


UserStreamId = tuple[int, int]
"""A user's id and the id of a stream of a known kind."""


class Source(Protocol):
    """How one kind of stream is read. Each method takes a bounded number of queries."""

    def allowed(self, pairs: Iterable[UserStreamId]) -> Mapping[UserStreamId, float]:
        """The pairs whose user may follow the stream now, and until when: seconds since the epoch, 0 for no
        end."""

    def lasts(self, ids: Iterable[int]) -> dict[int, int]:
        """The newest number of each of these streams; a stream that does not exist is left out."""

    def after(self, stream_id: int, number: int, limit: int) -> Sequence[StreamEntry]:
        """At most `limit` entries after a number, oldest first."""


@runtime_checkable
class BatchSource(Protocol):
    """A kind of stream of which many are read in as many queries as one."""

    def after_many(self, asked: Mapping[int, int], limit: int) -> Mapping[int, Sequence[StreamEntry]]:
        """At most `limit` entries of each stream after its number, oldest first."""


_sources: dict[str, Source] = {}
_shared: set[str] = set()


@dataclass(frozen=True)
class Stream:
    """A parsed stream name."""

    kind: str
    id: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @property
    def source(self) -> Source:
        """The source registered for this kind."""
        return _sources[self.kind]


def register(kind: str, source: Source, *, shared: bool = False) -> None:
    """Register a kind of stream. Hints of a shared kind (many followers) go to a channel layer group of each
    stream, so that only processes with a follower receive them; hints of other kinds go to all processes."""
    _sources[kind] = source
    (_shared.add if shared else _shared.discard)(kind)


def is_shared(stream: Stream) -> bool:
    """Whether a stream has a channel layer group of its own."""
    return stream.kind in _shared


def parse(name: object) -> Stream | None:
    """The stream with that name; None when the name is malformed or its kind unknown."""
    if not isinstance(name, str) or len(name) > 40:
        return None
    kind, _, number = name.partition(":")
    whole = whole_number(number)
    return None if kind not in _sources or whole is None else Stream(kind, whole)


def whole_number(text: str) -> int | None:
    """The number in a string of decimal digits; None for anything else or one too large for the database."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_NUMBER_DIGITS else None


def may_follow(user_id: int, stream: Stream) -> float | None:
    """Until when this user may follow the stream (seconds since the epoch, 0 for no end); None if not at
    all."""
    pair = (user_id, stream.id)
    return stream.source.allowed([pair]).get(pair)


def still_allowed(pairs: Iterable[tuple[int, Stream]]) -> dict[tuple[int, Stream], float]:
    """The (user, stream) pairs that are allowed now, and until when; one query per kind."""
    asked: dict[str, set[tuple[int, Stream]]] = {}
    for user_id, stream in pairs:
        asked.setdefault(stream.kind, set()).add((user_id, stream))
    allowed: dict[tuple[int, Stream], float] = {}
    for kind, of_kind in asked.items():
        found = _sources[kind].allowed([(user_id, stream.id) for user_id, stream in of_kind])
        allowed |= {(user_id, Stream(kind, number)): until for (user_id, number), until in found.items()}
    return allowed


def after(asked: Mapping[Stream, int], limit: int) -> dict[Stream, Sequence[StreamEntry]]:
    """At most `limit` entries of each of these streams after its number; a fixed number of queries for all
    streams of a `BatchSource`."""
    found: dict[Stream, Sequence[StreamEntry]] = {}
    batches: dict[str, dict[int, int]] = {}
    for stream, number in asked.items():
        if isinstance(stream.source, BatchSource):
            batches.setdefault(stream.kind, {})[stream.id] = number
        else:
            found[stream] = stream.source.after(stream.id, number, limit)
    for kind, numbers in batches.items():
        source = _sources[kind]
        assert isinstance(source, BatchSource)
        for id, entries in source.after_many(numbers, limit).items():
            found[Stream(kind, id)] = entries
    return found


def newest(streams: Iterable[Stream]) -> dict[Stream, int]:
    """The newest number of each of these streams; one query per kind."""
    asked: dict[str, set[int]] = {}
    for stream in streams:
        asked.setdefault(stream.kind, set()).add(stream.id)
    return {
        Stream(kind, number): last
        for kind, ids in asked.items()
        for number, last in _sources[kind].lasts(ids).items()
    }
