"""The index of search: which blocks of a room's log can have a message with some letters.

A message is found by letters anywhere in its words, so what is indexed are grams: each two and three letters
that follow each other in a word. Grams are hashed to buckets, and for each bucket a bitmap says in which of
the blocks of a segment it occurs. A search intersects the bitmaps of its grams and reads the messages of the
blocks that remain; other grams in the same buckets only make it read more.

The index is never written with a message. The sweep makes it for segments that are full, and search reads
what has none as it is. A change of a message deletes the index of its segment in the same transaction, and
the sweep makes it again.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from zlib import crc32

from django.db import transaction
from django.db.models import Count, F, QuerySet

from common import clock
from messaging.chat.models import Entry, Room, SearchGrams, SearchSegment
from messaging.jobs import loop
from messaging.jobs.due import sweep_rows

EVERY = dt.timedelta(minutes=1)
ENTRIES_PER_BLOCK = 8
BLOCKS = 512
"""Blocks of a segment."""
ENTRIES_PER_SEGMENT = BLOCKS * ENTRIES_PER_BLOCK
BUCKETS = 8192
BITMAP_BYTES = BLOCKS // 8
MAX_BUCKETS = 16
"""Buckets that a search reads; more of them rule out no more blocks."""
BUCKETS_PER_ROW = 16
"""A row is then 1 KB, which PostgreSQL neither compresses nor stores elsewhere."""
ROW_BYTES = BUCKETS_PER_ROW * BITMAP_BYTES


def register() -> None:
    """Register the sweep that makes the index."""
    loop.register("search index", sweep, every=EVERY)


def blocks_with(room: int, words: Sequence[str], segments: int) -> list[int] | None:
    """The numbers of the blocks in the first `segments` of a room that can have a message with all these
    words, newest first; None when no index can tell. A block that has no index is one of them.

    The number of a block is that of its first entry, divided by `ENTRIES_PER_BLOCK`.
    """
    asked = sorted({bucket for word in words for gram in _grams_asked(word) for bucket in _buckets(gram)})
    buckets = asked[:: -(-len(asked) // MAX_BUCKETS)] if asked else []
    if not buckets:
        return None
    rows = SearchGrams.objects.filter(
        segment__room=room, number__among=sorted({bucket // BUCKETS_PER_ROW for bucket in buckets})
    )
    bitmaps: dict[int, dict[int, bytes]] = defaultdict(dict)
    for segment, number, stored in rows.values_list("segment__number", "number", "bitmaps"):
        bitmaps[segment][number] = bytes(stored)
    if not bitmaps:
        return None
    found: list[int] = []
    for segment in reversed(range(segments)):
        first, common = segment * BLOCKS, (1 << BLOCKS) - 1
        if segment in bitmaps:
            for bucket in buckets:
                at = bucket % BUCKETS_PER_ROW * BITMAP_BYTES
                bitmap = bitmaps[segment][bucket // BUCKETS_PER_ROW][at : at + BITMAP_BYTES]
                common &= int.from_bytes(bitmap, "little")
        while common:
            highest = common.bit_length() - 1
            found.append(first + highest)
            common ^= 1 << highest
    return found


def drop(messages: Iterable[Entry]) -> None:
    """Delete the index of the segments of these messages, until the sweep makes it again. Called in the
    transaction that changes them, while their rooms are locked."""
    numbers: dict[int, set[int]] = defaultdict(set)
    for message in messages:
        numbers[message.room_id].add(message.number // ENTRIES_PER_SEGMENT)
    for room, segments in sorted(numbers.items()):
        _drop(SearchSegment.objects.filter(room=room, number__among=sorted(segments)))


def sweep() -> int:
    """Make the index of segments that are full or were changed. Returns how many."""
    _add_segments()
    due = SearchSegment.objects.filter(due_at__isnull=False).order_by("due_at")
    return sweep_rows("search index", due, _make, due_at="due_at")


def differing() -> list[SearchSegment]:
    """The segments whose index is not that of their messages."""
    segments = SearchSegment.objects.filter(due_at=None).order_by("pk")
    return [segment for segment in segments.iterator() if _differs(segment)]


def mend() -> list[SearchSegment]:
    """Delete the index of the segments that differ, until the sweep makes it again; returns them."""
    # Not in one transaction: on SQLite nobody could write until all messages are read.
    found = differing()
    for segment in found:
        with transaction.atomic():
            _drop(SearchSegment.objects.filter(pk=segment.pk))
    return found


def _differs(segment: SearchSegment) -> bool:
    if [bytes(row.bitmaps) for row in segment.grams.order_by("number")] == _rows_of(segment):
        return False
    # A change of a message since then is no difference.
    return SearchSegment.objects.filter(pk=segment.pk, changes=segment.changes, due_at=None).exists()


def _drop(segments: QuerySet[SearchSegment]) -> None:
    if segments.update(changes=F("changes") + 1, due_at=clock.now()):
        SearchGrams.objects.filter(segment__in=segments).delete()


def _add_segments() -> None:
    rooms = Room.objects.filter(last_number__gte=ENTRIES_PER_SEGMENT - 1)
    rooms = rooms.annotate(count=Count("search_segments"))
    rooms = rooms.filter(last_number__gte=(F("count") + 1) * ENTRIES_PER_SEGMENT - 1)
    for pk, count in rooms.values_list("pk", "count"):
        with transaction.atomic():
            # Who changes a message has its room locked: they have committed, or will find the segment.
            for room in Room.objects.select_for_update().filter(pk=pk):
                full = (room.last_number + 1) // ENTRIES_PER_SEGMENT
                SearchSegment.objects.bulk_create(
                    [SearchSegment(room=room, number=number) for number in range(count, full)],
                    ignore_conflicts=True,
                )


def _make(pk: int) -> int:
    segment = SearchSegment.objects.filter(pk=pk).first()
    if segment is None:
        return 0
    rows = _rows_of(segment)
    with transaction.atomic():
        # Nothing is locked while texts are read: what was changed since then is left for the next round.
        unchanged = SearchSegment.objects.select_for_update(skip_locked=True).filter(
            pk=pk, changes=segment.changes, due_at__isnull=False
        )
        if not unchanged:
            return 0
        SearchGrams.objects.bulk_create(
            SearchGrams(segment=segment, number=number, bitmaps=row) for number, row in enumerate(rows)
        )
        SearchSegment.objects.filter(pk=pk).update(due_at=None)
    return 1


def _rows_of(segment: SearchSegment) -> list[bytes]:
    """The bitmaps of a segment's messages as they are now, as rows contain them."""
    first = segment.number * ENTRIES_PER_SEGMENT
    messages = Entry.objects.filter(
        room=segment.room_id,
        number__gte=first,
        number__lt=first + ENTRIES_PER_SEGMENT,
        kind=Entry.Kind.MESSAGE,
        withdrawn_at=None,
    )
    blocks: list[set[str]] = [set() for _ in range(BLOCKS)]
    for number, text in messages.values_list("number", "folded"):
        grams = blocks[(number - first) // ENTRIES_PER_BLOCK]
        for word in text.split():
            grams.update(_grams_of(word))
    bitmaps = bytearray(BUCKETS * BITMAP_BYTES)
    for block, grams in enumerate(blocks):
        byte, bit = block // 8, 1 << block % 8
        for gram in grams:
            for bucket in _buckets(gram):
                bitmaps[bucket * BITMAP_BYTES + byte] |= bit
    return [bytes(bitmaps[at : at + ROW_BYTES]) for at in range(0, len(bitmaps), ROW_BYTES)]


def _grams_of(word: str) -> list[str]:
    return [word[at : at + size] for size in (2, 3) for at in range(len(word) + 1 - size)]


def _grams_asked(word: str) -> list[str]:
    """Grams that every word with these letters has: a longer word is told by its threes; one letter has
    none."""
    return _grams_of(word) if len(word) <= 3 else [word[at : at + 3] for at in range(len(word) - 2)]


@lru_cache(maxsize=20_000)
def _buckets(gram: str) -> tuple[int, ...]:
    """The buckets of a gram. Two letters have two, since a search for them has no other gram."""
    # SQLite finds letters of ASCII in either case.
    code = crc32(gram.encode().lower())
    return (code % BUCKETS,) if len(gram) > 2 else (code % BUCKETS, (code >> 16) % BUCKETS)
