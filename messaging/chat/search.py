"""Search in the messages of a room."""

from common.searching import normalize, split_at_matches
from messaging.chat.models import Entry, Room

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
    rows = Entry.objects.filter(room=room, kind=Entry.Kind.MESSAGE, withdrawn_at=None)
    for word in words:
        rows = rows.filter(folded__contains=word)
    found = list(rows.order_by("-number").values_list("pk", flat=True)[: MAX_FOUND + 1])
    return found[:MAX_FOUND], len(found) > MAX_FOUND


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
