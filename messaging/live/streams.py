"""What can be followed live: streams of numbered entries.

A stream is named `kind:id` (`room:3`, `person:7`). The subject that owns a kind registers here how its
entries are read and who may follow it. Entries are plain JSON objects with their number in `n`; the numbers
of a stream begin at 1 and have no gaps.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

STREAMS_A_POLL = 10
"""Streams one poll may ask for."""
PAGE = 200
"""Entries one answer carries; who is further behind asks again."""
DIGITS = 18
"""Digits a number may have."""

Entry = dict[str, Any]
Pair = tuple[int, int]
"""A person's id and a stream's id."""


class Source(Protocol):
    """How one kind of stream is read. Each method is one query for any number of streams."""

    def allowed(self, pairs: Iterable[Pair]) -> Mapping[Pair, float]:
        """Those of these (person, stream) pairs where the person may follow the stream now, and until
        when: in seconds since 1970, 0 without end."""

    def lasts(self, ids: Iterable[int]) -> dict[int, int]:
        """The newest number of each of these streams; a stream that is not there is left out."""

    def after(self, stream_id: int, number: int, limit: int) -> list[Entry]:
        """The entries that came after a number, oldest first."""


@runtime_checkable
class ManyAtOnce(Protocol):
    """A kind of which many streams are read with the queries of one."""

    def after_many(self, asked: Mapping[int, int], limit: int) -> dict[int, list[Entry]]:
        """The entries of each stream that came after its number, oldest first."""


_sources: dict[str, Source] = {}
_shared: set[str] = set()


@dataclass(frozen=True)
class Stream:
    """A stream's name, taken apart."""

    kind: str
    id: int

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @property
    def source(self) -> Source:
        """Whoever answers for this kind."""
        return _sources[self.kind]


def register(kind: str, source: Source, *, shared: bool = False) -> None:
    """Let a subject answer for its kind of stream. One that many people share is told of apart, only to the
    processes where somebody follows it."""
    _sources[kind] = source
    (_shared.add if shared else _shared.discard)(kind)


def is_shared(stream: Stream) -> bool:
    """Whether a stream is told of apart."""
    return stream.kind in _shared


def parse(name: object) -> Stream | None:
    """The stream of that name; None when it is none of ours."""
    if not isinstance(name, str) or len(name) > 40:
        return None
    kind, _, number = name.partition(":")
    whole = whole_number(number)
    return None if kind not in _sources or whole is None else Stream(kind, whole)


def whole_number(written: str) -> int | None:
    """The number that was written; None when it is none, or more than a database holds."""
    return int(written) if written.isascii() and written.isdigit() and len(written) <= DIGITS else None


def may_follow(user_id: int, stream: Stream) -> float | None:
    """Until when this person may follow the stream (seconds since 1970, 0 without end); None: not at all."""
    pair = (user_id, stream.id)
    return stream.source.allowed([pair]).get(pair)


def still_allowed(pairs: Iterable[tuple[int, Stream]]) -> dict[tuple[int, Stream], float]:
    """Those of these (person, stream) pairs that may go on, and until when; one query for each kind."""
    asked: dict[str, set[tuple[int, Stream]]] = {}
    for user_id, stream in pairs:
        asked.setdefault(stream.kind, set()).add((user_id, stream))
    allowed: dict[tuple[int, Stream], float] = {}
    for kind, those in asked.items():
        found = _sources[kind].allowed([(user_id, stream.id) for user_id, stream in those])
        allowed |= {(user_id, Stream(kind, number)): until for (user_id, number), until in found.items()}
    return allowed


def after(asked: Mapping[Stream, int], limit: int) -> dict[Stream, list[Entry]]:
    """The entries of each of these streams that came after its number, at most so many of each."""
    found: dict[Stream, list[Entry]] = {}
    many: dict[str, dict[int, int]] = {}
    for stream, number in asked.items():
        if isinstance(stream.source, ManyAtOnce):
            many.setdefault(stream.kind, {})[stream.id] = number
        else:
            found[stream] = stream.source.after(stream.id, number, limit)
    for kind, numbers in many.items():
        source = _sources[kind]
        assert isinstance(source, ManyAtOnce)
        for id, entries in source.after_many(numbers, limit).items():
            found[Stream(kind, id)] = entries
    return found


def newest(streams: Iterable[Stream]) -> dict[Stream, int]:
    """The newest number of each of these streams; one query for each kind."""
    asked: dict[str, set[int]] = {}
    for stream in streams:
        asked.setdefault(stream.kind, set()).add(stream.id)
    return {
        Stream(kind, number): last
        for kind, ids in asked.items()
        for number, last in _sources[kind].lasts(ids).items()
    }
