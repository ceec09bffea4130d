"""What can happen in a room. Each action holds the room's row, takes the next number of its log, and tells
those who follow it once it is committed.

Who may enter and for how long is decided by whoever owns the room, through `open_room`, `admit`, `dismiss`
and `move_end`; what one may write is asked here.
"""

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext

from common import clock
from common.access import Refused, require
from messaging.chat import mentions
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
    """A new room, with nobody in it."""
    return Room.objects.create(closes_at=closes_at)


@transaction.atomic
def move_end(*, room: Room, closes_at: dt.datetime | None) -> None:
    """Set the moment from which no message is taken; a later one opens the room again."""
    Room.objects.filter(pk=room.pk).update(closes_at=closes_at)
    room.closes_at = closes_at


@transaction.atomic
def admit(
    *,
    room: Room,
    user: "User",
    role: str = "",
    keeps_order: bool = False,
    until: dt.datetime | None = None,
) -> None:
    """Let somebody in, or change what they are there; the same again changes nothing."""
    last = Room.objects.get(pk=room.pk).last_number
    member, created = RoomMember.objects.select_for_update().get_or_create(
        room=room,
        user=user,
        defaults={
            "role": role,
            "keeps_order": keeps_order,
            "until": until,
            "admitted_at": clock.now(),
            "read_number": last,
            "first_number": last,
        },
    )
    before = (member.role, member.keeps_order, member.until, member.dismissed_at)
    if not created and before != (role, keeps_order, until, None):
        member.role, member.keeps_order, member.until, member.dismissed_at = role, keeps_order, until, None
        member.save(update_fields=["role", "keeps_order", "until", "dismissed_at"])
        publish.rights_changed(user.pk)


@transaction.atomic
def dismiss(*, room: Room, user: "User") -> None:
    """End somebody's place in the room: an entry of the log, after which nothing reaches them."""
    room = lock_room(room)
    if RoomMember.objects.filter(room=room, user=user, dismissed_at=None).update(dismissed_at=clock.now()):
        append(room, author=user, kind=Kind.LEAVE)
        publish.rights_changed(user.pk)


def post_message(
    *,
    room: Room,
    author: "User",
    text: str,
    client_id: uuid.UUID,
    language: str = "",
    re: int | None = None,
) -> Entry:
    """Add a message, or a reply to the one with the number `re`. The same client id again gives the message
    that is there already.

    Raises Refused when the author is no member now, the room is closed, the text is empty or too long, or
    there is no message to reply to.
    """
    (outcome,) = insert_messages(
        [NewMessage(room.pk, author.pk, client_id, text, language or author.language, re)]
    )
    if outcome.entry is None:
        raise Refused(outcome.refusal)
    return outcome.entry


@transaction.atomic
def edit_message(*, room: Room, number: int, by: "User", text: str, client_id: uuid.UUID) -> Entry:
    """Say it otherwise. One's own words can be mended in a closed room too."""
    room, message = lock_message(room, number, by)
    require(message.author_id == by.pk, gettext("Only who wrote a message can change it."))
    require(message.withdrawn_at is None, gettext("This message was taken back."))
    if already := Entry.objects.filter(room=room, author=by, client_id=client_id).first():
        return already
    for column, value in clean_and_render(text).items():
        setattr(message, column, value)
    message.edited_at = clock.now()
    message.save(update_fields=["text", "html", "folded", "edited_at"])
    mentions.record_again(message)
    return append(room, author=by, kind=Kind.EDIT, about=message, client_id=client_id)


@transaction.atomic
def withdraw_message(*, room: Room, number: int, by: "User", client_id: uuid.UUID | None = None) -> Entry:
    """Take a message back, or down, if one keeps order in the room."""
    room, message = lock_message(room, number, by)
    require(
        message.author_id == by.pk or keeps_order(room, by),
        gettext("Only who wrote a message, a trainer or a coordinator can take it back."),
    )
    if message.withdrawn_at:
        return message
    Entry.objects.filter(pk=message.pk).update(withdrawn_at=clock.now(), withdrawn_by=by)
    mentions.messages_changed([message])
    return append(room, author=by, kind=Kind.WITHDRAW, about=message, client_id=client_id)


@transaction.atomic
def restore_message(*, room: Room, number: int, by: "User", client_id: uuid.UUID | None = None) -> Entry:
    """Put back what was taken back, by whoever took it."""
    room, message = lock_message(room, number, by)
    if message.withdrawn_at is None:
        return message
    require(message.withdrawn_by_id == by.pk, gettext("Only who took it back can put it back."))
    Entry.objects.filter(pk=message.pk).update(withdrawn_at=None, withdrawn_by=None)
    mentions.messages_changed([message])
    return append(room, author=by, kind=Kind.RESTORE, about=message, client_id=client_id)


@transaction.atomic
def keep_message(*, room: Room, number: int, by: "User", path: str, title: str) -> Entry:
    """Say where a message was kept (a conversation, an answer), so that it links there. Once is enough."""
    room, message = lock_message(room, number, by)
    require(keeps_order(room, by), gettext("Only a trainer or a coordinator can keep messages."))
    require(message.withdrawn_at is None, gettext("This message was taken back."))
    if message.kept_path == path:
        return message
    Entry.objects.filter(pk=message.pk).update(kept_path=path, kept_title=title[:200])
    return append(room, author=by, kind=Kind.KEEP, about=message)


def mark_read(*, room: Room, user: "User", number: int) -> None:
    """The person has read the room up to a number; never back."""
    place = RoomMember.objects.filter(room=room, user=user, read_number__lt=number)
    since = place.values_list("read_number", flat=True).first()
    if since is not None:
        number = min(number, Room.objects.get(pk=room.pk).last_number)
        place.filter(read_number__lt=number).update(read_number=number)
        mentions.read_by([(user.pk, room.pk, since, number)])
