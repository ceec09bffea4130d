"""What is loaded of a room with the space of a page: the reader's membership, and the newest messages."""

import datetime as dt
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import FilteredRelation, OuterRef, Q, QuerySet
from django.db.models.functions import Left

from common import clock
from common.rows import Rows
from community.spaces.models import Space
from messaging.chat import history
from messaging.chat.attachments import FIRST_FILE, in_words
from messaging.chat.models import Entry, RoomMember

if TYPE_CHECKING:
    from community.people.models import User

LINES = 3
"""How many of the newest messages the collapsed room shows."""
LINE_CHARS = 120
"""How much of each."""
_MEMBER, _LINES = "_room_member", "_room_lines"


def member_of(space: Space, user: "User") -> RoomMember | None:
    """The reader's current membership in the room of this space with the room itself, or None; as it was when
    the space of a page was looked up."""
    if _MEMBER in space.__dict__:
        found: RoomMember | None = space.__dict__[_MEMBER]
        return found
    return history.current_member(space.room_id, user)


class Line(NamedTuple):
    """The beginning of a message."""

    number: int
    name: str
    language: str
    words: str
    file: str | None
    file_type: str | None
    at: dt.datetime

    @property
    def shown(self) -> str:
        """Its words; of a message without a text what its first file is."""
        return self.words or in_words(self.file, self.file_type)


def add_member(rows: QuerySet[Any, Any], reader: "User", *, at: str) -> tuple[QuerySet[Any, Any], list[Any]]:
    """What `take_member` takes, loaded beside a space (`community.spaces.lookup`)."""
    members = f"{at}room__members"
    until = Q(**{f"{members}__until": None}) | Q(**{f"{members}__until__gt": clock.now()})
    current = until & Q(**{f"{members}__dismissed_at": None, f"{members}__user": reader})
    rows = rows.annotate(in_room=FilteredRelation(members, condition=current))
    columns = [
        f"{at}{name}" if name.startswith("room__") else f"in_room__{name}"
        for name in history.member_rows.columns
    ]
    said = Entry.objects.filter(room=OuterRef(f"{at}room"), kind=Entry.Kind.MESSAGE, withdrawn_at=None)
    newest = said.annotate(words=Left("text", LINE_CHARS)).order_by("-number")[:LINES]
    return rows, [*columns, Rows(Line, newest.annotate(**FIRST_FILE), name="author__name")]


def take_member(space: Space, reader: "User", values: Iterator[Any]) -> None:
    """Keep it with the space, for `member_of` and `latest_lines`."""
    row = list(islice(values, len(history.member_rows.columns)))
    member = None if row[0] is None else history.member_rows.made_of(row)
    if member is not None:
        member.user = reader
    space.__dict__[_MEMBER] = member
    space.__dict__[_LINES] = next(values)[::-1]


def latest_lines(space: Space) -> "list[Line]":
    """The beginnings of the newest messages, the newest last, for members of the room; none where they were
    not loaded with the space."""
    lines: list[Line] = space.__dict__.get(_LINES, [])
    return lines if space.__dict__.get(_MEMBER) else []
