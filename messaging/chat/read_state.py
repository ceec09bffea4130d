"""How far people have read a room: what is new to one of them, how many have come how far, and the marks
themselves, which are gathered for a moment and written together.

A room of thirty reads each message thirty times: the marks are many, and the newest of each person is all
that counts. One that is lost with its process is made again by the next reading.
"""

import threading
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.db.models import Count, F, Min

from common.privacy import SMALLEST_GROUP_SHOWN
from messaging.chat import mentions, sql
from messaging.chat.models import Entry, Room, RoomMember

if TYPE_CHECKING:
    from community.people.models import User

MARKS_PER_STATEMENT = 500
"""Marks one statement writes."""

_marks: dict[tuple[int, int], int] = {}
_lock = threading.Lock()


class News(NamedTuple):
    """What a member has not read: the number of the first message of others, and how many there are."""

    first: int | None
    many: int


def news_for(member: RoomMember) -> News:
    """The messages of others that came since the member read the room and that stand."""
    rows = Entry.objects.filter(
        room=member.room_id, kind=Entry.Kind.MESSAGE, withdrawn_at=None, number__gt=member.read_number
    )
    found = rows.exclude(author=member.user_id).aggregate(first=Min("number"), many=Count("pk"))
    return News(found["first"], found["many"])


def readers_of(room: Room, asked_by: "User") -> list[tuple[int, int]]:
    """How many others have read the room up to which number, and no farther. Never who.

    People who switched read marks off are not counted, nor those who have read nothing since they joined.
    Every figure is about `SMALLEST_GROUP_SHOWN` people or more: those furthest ahead are counted together at
    the number that so many have reached, and with fewer readers nobody is counted.
    """
    others = (
        RoomMember.objects.current()
        .filter(room=room, user__shows_reading=True, user__suspended_at=None)
        .filter(read_number__gt=F("first_number"))
        .exclude(user=asked_by)
    )
    counted = others.order_by("-read_number").values("read_number").annotate(many=Count("pk"))
    places: list[tuple[int, int]] = []
    ahead = 0
    for row in counted:
        ahead += row["many"]
        if ahead >= SMALLEST_GROUP_SHOWN:
            places.append((row["read_number"], row["many"] if places else ahead))
    return places[::-1]


def queue_mark(room: int, user: int, number: int) -> bool:
    """Remember that somebody read a room up to a number; True when nothing waited before."""
    with _lock:
        first = not _marks
        _marks[room, user] = max(number, _marks.get((room, user), 0))
        return first


def marks_pending() -> bool:
    """Whether there are marks to write."""
    return bool(_marks)


def flush_marks() -> None:
    """Write all marks that wait; what cannot be written waits again."""
    with _lock:
        marks = dict(_marks)
        _marks.clear()
    try:
        pairs = sorted(marks.items())
        for start in range(0, len(pairs), MARKS_PER_STATEMENT):
            _write_marks(dict(pairs[start : start + MARKS_PER_STATEMENT]))
    except Exception:
        with _lock:
            for place, number in marks.items():
                _marks[place] = max(number, _marks.get(place, 0))
        raise


def _write_marks(marks: dict[tuple[int, int], int]) -> None:
    """Write them, and only then let bells fall silent: nobody's place is held while a bell is waited for."""
    mentions.read_by(_advance(marks))


@transaction.atomic
def _advance(marks: dict[tuple[int, int], int]) -> list[mentions.Reading]:
    """Only forward, never past the end of a room, and only where somebody is a member."""
    rooms = dict(Room.objects.filter(pk__in={room for room, _user in marks}).values_list("pk", "last_number"))
    members = RoomMember.objects.current().filter(room__in=rooms, user__in={user for _room, user in marks})
    forward: dict[int, int] = {}
    read: list[mentions.Reading] = []
    # In the order in which several people are dismissed, too.
    held = members.select_for_update(of=("self",)).order_by("user_id", "pk")
    for pk, room, user, before in held.values_list("pk", "room_id", "user_id", "read_number"):
        number = min(marks.get((room, user), 0), rooms[room])
        if number > before:
            forward[pk] = number
            read.append((user, room, before, number))
    if forward:
        sql.set_numbers(RoomMember, "read_number", forward)
    return read
