"""Search in the messages of a room."""

from typing import TYPE_CHECKING

from common.searching import normalize, split_at_matches
from messaging.chat import sql
from messaging.chat.models import Entry, Room
from messaging.chat.search_index import ENTRIES_PER_BLOCK, ENTRIES_PER_SEGMENT, blocks_with

if TYPE_CHECKING:
    from django.db.models import QuerySet

MAX_QUERY_CHARS = 200
"""Characters of a query that are used; the rest is ignored."""
MIN_QUERY_CHARS = 2
"""Letters a query must have."""
MAX_QUERY_WORDS = 8
"""Words that are searched for; a longer query is pasted text."""
QUOTATION_MARKS = "\"'„“”‚‘’«»"
"""Stripped from words: there is no phrase search."""
MAX_FOUND = 200
"""Messages that a search finds at most, the newest: a word that many messages have is found without reading
the whole room, and who searches adds a word."""
FIRST_BLOCKS = 256
"""Blocks of the index whose messages are read first."""
EXCERPT_CHARS = 240
"""Characters of a message shown around a match."""


def words_of(query: str) -> list[str]:
    """The normalized words of a query; none when it is too short."""
    folded = normalize(query[:MAX_QUERY_CHARS]).split()
    words = [word for part in folded if (word := part.strip(QUOTATION_MARKS))][:MAX_QUERY_WORDS]
    return words if len("".join(words)) >= MIN_QUERY_CHARS else []


def found_in(room: Room, words: list[str]) -> tuple[list[int], bool]:
    """The ids of the messages with all these words, newest first, and whether there are more than
    `MAX_FOUND`; withdrawn ones are never found."""
    if not words:
        return [], False
    limit = MAX_FOUND + 1
    rows = Entry.objects.filter(room=room, kind=Entry.Kind.MESSAGE, withdrawn_at=None)
    segments = (room.last_number + 1) // ENTRIES_PER_SEGMENT
    full = segments * ENTRIES_PER_SEGMENT
    found = newest(rows.filter(number__gte=full), words, limit)
    if segments and len(found) < limit:
        blocks = blocks_with(room.pk, words, segments)
        if blocks is None:
            found += newest(rows.filter(number__lt=full), words, limit - len(found))
        else:
            found += _newest_in(room.pk, blocks, words, limit - len(found))
    return found[:MAX_FOUND], len(found) > MAX_FOUND


def newest(messages: "QuerySet[Entry]", words: list[str], limit: int = MAX_FOUND) -> list[int]:
    """The ids of the newest of these messages with all these words, by reading them."""
    for word in words:
        messages = messages.filter(folded__contains=word)
    return list(messages.order_by("-number").values_list("pk", flat=True)[:limit])


def _newest_in(room: int, blocks: list[int], words: list[str], limit: int) -> list[int]:
    """The same of the messages in these blocks of the index. The newest blocks are read first, and more with
    each statement, so that of a frequent word few are read."""
    found: list[int] = []
    size = FIRST_BLOCKS
    while blocks and len(found) < limit:
        part, blocks = blocks[:size], blocks[size:]
        numbers = [block * ENTRIES_PER_BLOCK for block in part]
        found += sql.messages_in(room, numbers, ENTRIES_PER_BLOCK, words, limit - len(found))
        size *= 8
    return found


def excerpt(message: Entry, words: list[str]) -> list[tuple[str, bool]]:
    """The text around the first match, split into parts: each with whether it matches one of the words."""
    text = message.text
    if len(text) > EXCERPT_CHARS:
        # The folded text may be shorter or longer, so the position of the match is an estimate.
        at = message.folded.find(words[0]) * len(text) // max(1, len(message.folded))
        start = max(0, min(at - EXCERPT_CHARS // 3, len(text) - EXCERPT_CHARS))
        end = start + EXCERPT_CHARS
        text = ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
    return split_at_matches(" ".join(text.split()), words)
