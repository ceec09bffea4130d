"""How far people have read, gathered for a moment and written together.

A room of thirty reads each message thirty times: the marks are many, and the newest of each person is all
that counts. One that is lost with its process is made again by the next reading.
"""

import threading

from django.db import transaction

from messaging.chat import mentions, statements
from messaging.chat.models import Room, RoomMember

AT_ONCE = 500
"""Marks one statement writes."""

_marks: dict[tuple[int, int], int] = {}
_lock = threading.Lock()


def note(room: int, user: int, number: int) -> bool:
    """Remember that somebody read a room up to a number; True when nothing waited before."""
    with _lock:
        first = not _marks
        _marks[room, user] = max(number, _marks.get((room, user), 0))
        return first


def waiting() -> bool:
    """Whether there are marks to write."""
    return bool(_marks)


def write() -> None:
    """Write all marks that wait; what cannot be written waits again."""
    with _lock:
        marks = dict(_marks)
        _marks.clear()
    try:
        pairs = sorted(marks.items())
        for start in range(0, len(pairs), AT_ONCE):
            _write(dict(pairs[start : start + AT_ONCE]))
    except Exception:
        with _lock:
            for place, number in marks.items():
                _marks[place] = max(number, _marks.get(place, 0))
        raise


def _write(marks: dict[tuple[int, int], int]) -> None:
    """Write them, and only then let bells fall silent: nobody's place is held while a bell is waited for."""
    mentions.read_by(_go_forward(marks))


@transaction.atomic
def _go_forward(marks: dict[tuple[int, int], int]) -> list[mentions.Reading]:
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
        statements.set_numbers(RoomMember, "read_number", forward)
    return read
