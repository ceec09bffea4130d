"""The use-cases of a room: members are admitted and dismissed, messages are posted and changed.

Every action that appends to the log locks the room's row first, so the numbers have no gaps and entries are
ordered by commit; hints are published after the commit. The subject that owns a room decides who may enter
and until when (`open_room`, `admit`, `dismiss`, `move_end`); what a member may write is checked here.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext

from common import clock
from common.access import Refused, require
from common.database import get_or_create_all, if_there_is_room
from messaging.chat import mentions, search_index
from messaging.chat.entries import append, keeps_order, lock_message, lock_room
from messaging.chat.models import Entry, Room, RoomMember
from messaging.chat.posting import NewMessage, insert_messages
from messaging.chat.texts import clean_and_render
from messaging.live import publish

if TYPE_CHECKING:
    from community.people.models import User

Kind = Entry.Kind


@transaction.atomic
def open_room(*, closes_at: dt.datetime | None) -> Room:
    """Create a room without members; returns it."""
    return Room.objects.create(closes_at=closes_at)


@transaction.atomic
def move_end(*, room: Room, closes_at: dt.datetime | None) -> None:
    """Set the moment after which no message is accepted, None for never. A later one reopens the room."""
    Room.objects.filter(pk=room.pk).update(closes_at=closes_at)
    room.closes_at = closes_at


@dataclass(frozen=True)
class Seat:
    """A membership as the owner of a room decides it: label, right to keep order, and end."""

    user: "User"
    role: str = ""
    keeps_order: bool = False
    until: dt.datetime | None = None


def admit(*, room: Room, **seat: Any) -> None:
    """Make one user a member, see `Seat` and `admit_all`."""
    admit_all(room=room, seats=[Seat(**seat)])


@transaction.atomic
def admit_all(*, room: Room, seats: Iterable[Seat]) -> None:
    """Make users members, or change their role, rights and end, in a fixed number of statements; idempotent.

    Readmits users who were dismissed. Their unread messages count from the room's last number when they were
    first admitted.
    """
    by_user = {seat.user.pk: seat for seat in sorted(seats, key=lambda seat: seat.user.pk)}
    last, now = Room.objects.get(pk=room.pk).last_number, clock.now()
    members = RoomMember.objects.select_for_update().filter(room=room, user__in=by_user).order_by("pk")

    def new_member(user: int) -> RoomMember:
        seat = by_user[user]
        return RoomMember(
            room=room,
            user=seat.user,
            role=seat.role,
            keeps_order=seat.keeps_order,
            until=seat.until,
            admitted_at=now,
            read_number=last,
            first_number=last,
        )

    found, created = get_or_create_all(
        by_user, lambda: {member.user_id: member for member in members.all()}, new_member
    )
    changed = []
    for user, member in found.items():
        seat = by_user[user]
        before = (member.role, member.keeps_order, member.until, member.dismissed_at)
        if user not in created and before != (seat.role, seat.keeps_order, seat.until, None):
            member.role, member.keeps_order, member.until = seat.role, seat.keeps_order, seat.until
            member.dismissed_at = None
            changed.append(member)
    RoomMember.objects.bulk_update(changed, ["role", "keeps_order", "until", "dismissed_at"])
    for member in changed:
        publish.rights_changed(member.user_id)


@transaction.atomic
def dismiss(*, room: Room, user: "User") -> None:
    """End a membership, with an entry in the log: nothing numbered after it is delivered to that person. Does
    nothing for a user who is no member now."""
    room = lock_room(room)
    if RoomMember.objects.filter(room=room, user=user, dismissed_at=None).update(dismissed_at=clock.now()):
        append(room, author=user, kind=Kind.LEAVE)
        publish.rights_changed(user.pk)


@transaction.atomic
def notice_change(*, room: Room) -> None:
    """Append an entry that says that what the owner of the room shows around it has changed: pages that are
    open read it again. Locks the room, so call it before bells are locked."""
    append(lock_room(room), author=None, kind=Kind.NOTICE)


def post_message(
    *,
    room: Room,
    author: "User",
    text: str,
    client_id: uuid.UUID,
    language: str = "",
    re: int | None = None,
    files: Iterable[uuid.UUID] = (),
    alts: Mapping[uuid.UUID, str] | None = None,
) -> Entry:
    """Post a message, or a reply to the one with the number `re`, with files of the author that wait for it
    (their keys), and what can be seen on them. Returns its entry; the same client id again returns the entry
    that exists.

    Raises Refused when the author is no current member, the room is closed, the text is too long or there is
    neither text nor file, a file is not theirs or belongs to something already, or there is no message with
    the number `re`.
    """
    (outcome,) = insert_messages(
        [NewMessage(room.pk, author.pk, client_id, text, language or author.language, re, tuple(files), alts)]
    )
    if outcome.entry is None:
        raise Refused(outcome.refusal)
    return outcome.entry


@transaction.atomic
def edit_message(*, room: Room, number: int, by: "User", text: str, client_id: uuid.UUID) -> Entry:
    """Change the text of one's own message, in a closed room too; its files stay. Returns the entry of the
    edit; the same client id again returns the one that exists.

    Raises Refused when there is no such message for this person, it is somebody else's or withdrawn, or the
    text is too long, or empty without a file.
    """
    room, message = lock_message(room, number, by)
    require(message.author_id == by.pk, gettext("Only the person who wrote a message can edit it."))
    require(message.withdrawn_at is None, gettext("This message was deleted."))
    if existing := Entry.objects.filter(room=room, author=by, client_id=client_id).first():
        return existing
    for column, value in clean_and_render(text, files=message.files).items():
        setattr(message, column, value)
    message.edited_at = clock.now()
    message.save(update_fields=["text", "html", "folded", "edited_at"])
    search_index.drop([message])
    mentions.record_again(message)
    return append(room, author=by, kind=Kind.EDIT, about=message, client_id=client_id)


@transaction.atomic
def withdraw_message(*, room: Room, number: int, by: "User", client_id: uuid.UUID | None = None) -> Entry:
    """Withdraw one's own message, or anybody's for those who keep order. Returns the entry of the withdrawal,
    or the message itself when it was withdrawn before.

    Raises Refused when there is no such message for this person, or they may not withdraw it.
    """
    room, message = lock_message(room, number, by)
    require(
        message.author_id == by.pk or keeps_order(room, by),
        gettext("Only the person who wrote a message and those who keep order here can delete it."),
    )
    if message.withdrawn_at:
        return message
    Entry.objects.filter(pk=message.pk).update(withdrawn_at=clock.now(), withdrawn_by=by)
    search_index.drop([message])
    mentions.messages_changed([message])
    return append(room, author=by, kind=Kind.WITHDRAW, about=message, client_id=client_id)


@transaction.atomic
def restore_message(*, room: Room, number: int, by: "User", client_id: uuid.UUID | None = None) -> Entry:
    """Restore a message, by the user who withdrew it. Returns the entry of the change, or the message itself
    when it is not withdrawn.

    Raises Refused when there is no such message for this person, or somebody else withdrew it.
    """
    room, message = lock_message(room, number, by)
    if message.withdrawn_at is None:
        return message
    require(message.withdrawn_by_id == by.pk, gettext("Only the person who deleted it can restore it."))
    Entry.objects.filter(pk=message.pk).update(withdrawn_at=None, withdrawn_by=None)
    search_index.drop([message])
    mentions.messages_changed([message])
    return append(room, author=by, kind=Kind.RESTORE, about=message, client_id=client_id)


@transaction.atomic
def keep_message(*, room: Room, number: int, by: "User", path: str) -> Entry:
    """Record the page where a message was kept (a thread, an answer), so that it links there. Returns the
    entry of the change, or the message itself when it is recorded already.

    Raises Refused when there is no such message for this person, it is withdrawn, or they do not keep order.
    """
    room, message = lock_message(room, number, by)
    require(keeps_order(room, by), gettext("Only people who keep order here can keep messages."))
    require(message.withdrawn_at is None, gettext("This message was deleted."))
    if message.kept_path == path:
        return message
    Entry.objects.filter(pk=message.pk).update(kept_path=path)
    return append(room, author=by, kind=Kind.KEEP, about=message)


def mark_read(*, room: Room, user: "User", number: int) -> None:
    """Record that a member has read the room up to a number; a lower one than before changes nothing."""
    member = RoomMember.objects.filter(room=room, user=user, read_number__lt=number)
    since = member.values_list("read_number", flat=True).first()
    if since is not None:
        number = min(number, Room.objects.get(pk=room.pk).last_number)
        with if_there_is_room():
            member.filter(read_number__lt=number).update(read_number=number)
            mentions.mark_read([(user.pk, room.pk, since, number)])
