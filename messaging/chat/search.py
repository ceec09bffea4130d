"""Searching what was said in a room."""

from typing import TYPE_CHECKING

from common.searching import fold, parts_of
from messaging.chat.models import Entry, Room

if TYPE_CHECKING:
    from django.db.models import QuerySet

SHORTEST = 2
"""Letters that have to be asked for."""
MOST = 8
"""Words that are looked for; who writes more pasted something."""
QUOTES = "\"'„“”‚‘’«»"
"""What people set around words they look for together; the words are looked for, one by one."""
SHOWN = 240
"""Characters of a message that are shown around what was found in it."""


def words_of(asked: str) -> list[str]:
    """What is looked for, as it is searched; nothing when there are too few letters in it."""
    words = [word for one in fold(asked[:200]).split() if (word := one.strip(QUOTES))][:MOST]
    return words if len("".join(words)) >= SHORTEST else []


def found_in(room: Room, words: list[str]) -> "QuerySet[Entry]":
    """The messages with all these words, the newest first. What was taken back is never found."""
    rows = Entry.objects.filter(room=room, kind=Entry.Kind.MESSAGE, withdrawn_at=None)
    for word in words:
        rows = rows.filter(folded__contains=word)
    return (rows if words else rows.none()).select_related("author").order_by("-number")


def excerpt(message: Entry, words: list[str]) -> list[tuple[str, bool]]:
    """The part of a message around the first of these words, cut where any of them is found."""
    text = message.text
    if len(text) > SHOWN:
        at = message.folded.find(words[0]) * len(text) // max(1, len(message.folded))
        start = max(0, min(at - SHOWN // 3, len(text) - SHOWN))
        text = (
            ("…" if start else "") + text[start : start + SHOWN] + ("…" if start + SHOWN < len(text) else "")
        )
    return parts_of(" ".join(text.split()), words)
