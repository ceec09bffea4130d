"""How far members have read a room: their unread messages, how many read how far, and writing the read marks.

Read marks are collected for two seconds and written in one statement: in a room of thirty each message is
read thirty times, and only the newest mark of each person counts. A mark lost with its process is sent again
when that person reads further.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.db.models import F, OuterRef, QuerySet

from common.privacy import SMALLEST_GROUP_SHOWN
from common.statements import statement
from messaging.chat import mentions, sql
from messaging.chat.models import Entry, Room, RoomMember

if TYPE_CHECKING:
    from community.people.models import User

COUNTED_AT_MOST = 100
"""Of unread messages, and of readers; more are shown as "99+"."""
Expected = int | OuterRef
"""A value, or the column of an outer query."""
MARKS_PER_STATEMENT = 500
"""Read marks one statement writes."""

_marks: dict[sql.RoomUser, int] = {}
_lock = threading.Lock()


class Unread(NamedTuple):
    """The number of a member's first unread message, None without any, and how many there are, counted up to
    `COUNTED_AT_MOST`."""

    first: int | None
    total: int


def unread_messages(room: Expected, after: Expected, reader: "User") -> QuerySet[Entry]:
    """The messages of others in a room after the reader's read mark that are not withdrawn, oldest first; as
    many as are counted."""
    rows = Entry.objects.filter(room=room, kind=Entry.Kind.MESSAGE, withdrawn_at=None, number__gt=after)
    return rows.exclude(author=reader).order_by("number")[:COUNTED_AT_MOST]


def unread_in(numbers: Sequence[int]) -> Unread:
    """The first and the count, from the numbers of `unread_messages`."""
    return Unread(numbers[0] if numbers else None, len(numbers))


def count_in_words(count: int) -> str:
    """A count of unread messages or of readers as it is shown."""
    return str(count) if count < COUNTED_AT_MOST else f"{COUNTED_AT_MOST - 1}+"


def readers(room: Expected, asked_by: "User") -> QuerySet[RoomMember]:
    """The other members of a room that are counted as its readers, those furthest ahead first; as many as are
    counted.

    People who switched read marks off are not counted, nor those who have read nothing since they joined.
    """
    others = (
        RoomMember.objects.current()
        .filter(room=room, user__shows_reading=True, user__suspended_at=None)
        .filter(read_number__gt=F("first_number"))
        .exclude(user=asked_by)
    )
    return others.order_by("-read_number")[:COUNTED_AT_MOST]


@statement(int)
def _read_numbers(room: int, reader: "User") -> QuerySet[Any, Any]:
    return readers(room, reader).values_list("read_number")


def readers_of(room: Room, asked_by: "User") -> list[tuple[int, int]]:
    """How many other members have read the room how far. See `figures_of`."""
    return figures_of(_read_numbers(room.pk, asked_by))


def figures_of(read_numbers: Iterable[int]) -> list[tuple[int, int]]:
    """How many of the `readers` of a room have read it exactly up to each number: pairs of number and count,
    by number. Never who they are.

    Every figure is about `SMALLEST_GROUP_SHOWN` people or more: those furthest ahead are counted together at
    the number that at least as many have reached; with fewer readers in all, nobody is counted.
    """
    figures: list[tuple[int, int]] = []
    ahead = 0
    for number, people in Counter(read_numbers).items():
        ahead += people
        if ahead >= SMALLEST_GROUP_SHOWN:
            figures.append((number, people if figures else ahead))
    return figures[::-1]


def queue_mark(room: int, user: int, number: int) -> bool:
    """Queue a read mark to be written; returns whether none was queued before."""
    with _lock:
        first = not _marks
        _marks[room, user] = max(number, _marks.get((room, user), 0))
        return first


def marks_pending() -> bool:
    """Whether read marks are queued."""
    return bool(_marks)


def flush_marks() -> None:
    """Write all queued read marks. Raises errors of the database; then all are queued again."""
    with _lock:
        marks = dict(_marks)
        _marks.clear()
    try:
        pairs = sorted(marks.items())
        for start in range(0, len(pairs), MARKS_PER_STATEMENT):
            _write_marks(dict(pairs[start : start + MARKS_PER_STATEMENT]))
    except Exception:
        with _lock:
            for room_user, number in marks.items():
                _marks[room_user] = max(number, _marks.get(room_user, 0))
        raise


def _write_marks(marks: Mapping[sql.RoomUser, int]) -> None:
    """Write marks, and in a transaction after that update the bells: memberships are never locked while
    waiting for a bell."""
    mentions.mark_read(_advance(marks))


@transaction.atomic
def _advance(marks: Mapping[sql.RoomUser, int]) -> list[mentions.ReadSpan]:
    """Raise the read numbers of current members, never past the last number of the room. Returns what each
    has newly read."""
    rooms = dict(Room.objects.filter(pk__in={room for room, _user in marks}).values_list("pk", "last_number"))
    members = RoomMember.objects.current().filter(room__in=rooms, user__in={user for _room, user in marks})
    numbers: dict[int, int] = {}
    spans: list[mentions.ReadSpan] = []
    # Locked in the order in which dismissing several people locks them, to avoid a deadlock.
    locked = members.select_for_update(of=("self",)).order_by("user_id", "pk")
    for pk, room, user, before in locked.values_list("pk", "room_id", "user_id", "read_number"):
        number = min(marks.get((room, user), 0), rooms[room])
        if number > before:
            numbers[pk] = number
            spans.append((user, room, before, number))
    if numbers:
        sql.set_numbers(RoomMember, "read_number", numbers)
    return spans
