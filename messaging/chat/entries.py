"""The rows of a room's log: locking a room, finding a message in it, appending an entry."""

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext

from common import clock
from common.access import Refused, require
from messaging.chat.models import Entry, Room, RoomMember
from messaging.live import publish

if TYPE_CHECKING:
    from community.people.models import User


def lock_room(room: Room) -> Room:
    """Lock a room until the end of the transaction (SELECT FOR UPDATE) and return its current row."""
    return Room.objects.select_for_update().get(pk=room.pk)


def lock_memberships(user: "User", also: Iterable[int] = ()) -> list[Room]:
    """Lock every room this person is or was a member of and the rooms in `also` (ids), then the memberships.

    For actions that change several rooms of one person. All callers lock rooms by id, then memberships by id,
    then bells, so that two of them cannot deadlock. Returns the rooms in the order of their ids.
    """
    memberships = RoomMember.objects.filter(user=user)
    to_lock = Q(pk__in=memberships.values("room")) | Q(pk__in=list(also))
    rooms = list(Room.objects.select_for_update().filter(to_lock).order_by("pk"))
    list(memberships.select_for_update().order_by("pk"))
    return rooms


def lock_message(room: Room, number: int, by: "User") -> tuple[Room, Entry]:
    """The locked room and one of its messages, for a current member or the message's author.

    Raises Refused, with the same sentence whether the message does not exist or the person is no member.
    """
    room = lock_room(room)
    message = Entry.objects.filter(room=room, number=number, kind=Entry.Kind.MESSAGE).first()
    member = RoomMember.objects.current().filter(room=room, user=by).exists()
    if message is None or not (member or message.author_id == by.pk):
        raise Refused(gettext("This message no longer exists."))
    return room, message


def require_writer(room: Room, author: "User") -> None:
    """Raise Refused unless this person is a member now, not suspended, and the room is open."""
    member = RoomMember.objects.current().filter(room=room, user=author, user__suspended_at=None).exists()
    require(member, gettext("You’re no longer in this chat."))
    require(room.is_open, gettext("The chat is closed. You can still read everything in it."))


def keeps_order(room: Room, user: "User") -> bool:
    """Whether this person may withdraw and keep messages of others here now."""
    return RoomMember.objects.current().filter(room=room, user=user, keeps_order=True).exists()


def append(
    room: Room, *, author: "User | None", kind: str, client_id: uuid.UUID | None = None, **columns: object
) -> Entry:
    """Insert the next entry of a room and publish a hint after the commit; returns the entry.

    Call it while the room's row is locked (`lock_room`, `lock_message`): the number is taken from the row
    that was read under the lock.
    """
    room.last_number += 1
    room.save(update_fields=["last_number"])
    entry = Entry.objects.create(
        room=room,
        number=room.last_number,
        kind=kind,
        author=author,
        client_id=client_id or uuid.uuid4(),
        at=clock.now(),
        **columns,
    )
    publish.stream_changed(f"room:{room.pk}")
    return entry
