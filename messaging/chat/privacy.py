"""Personal data in rooms: exporting and erasing it."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q, QuerySet

from common import clock, privacy
from messaging.chat import mentions
from messaging.chat.entries import lock_memberships
from messaging.chat.models import Entry, Mention, Reaction, Room
from messaging.live import publish

if TYPE_CHECKING:
    from community.people.models import User

FIELDS = [
    "messaging.RoomMember.user",
    "messaging.Entry.author",
    "messaging.Entry.withdrawn_by",
    "messaging.Reaction.user",
    "messaging.Mention.user",
]


def register() -> None:
    """Register for the rows of rooms."""
    privacy.register("chat", export_for, erase, FIELDS)


def export_for(user: "User") -> dict[str, Any]:
    """The messages this person wrote, as they are now, the marks they gave, and where they were mentioned."""
    written = Entry.objects.filter(author=user, kind=Entry.Kind.MESSAGE).order_by("pk")
    marks = Reaction.objects.filter(user=user).select_related("message").order_by("pk")
    mentioned = Mention.objects.filter(user=user).select_related("message").order_by("pk")
    return {
        "messages": [{"text": one.text, "at": one.at.isoformat()} for one in written],
        "marks": [
            {"mark": one.mark, "at": one.at.isoformat(), "room": one.message.room_id, "n": one.message.number}
            for one in marks
        ],
        "mentions": [
            {"room": one.message.room_id, "n": one.message.number, "at": one.message.at.isoformat()}
            for one in mentioned
        ],
    }


@transaction.atomic
def erase(user: "User") -> None:
    """Erase this person's data in rooms: their messages keep a number and nothing else, their marks and
    mentions are deleted, and where others mentioned them a placeholder stands for the name.

    Each changed message gets an entry in its room's log, so that open pages drop the text as well.
    """
    rooms = lock_memberships(user, also=_messages_with(user).values_list("room", flat=True).distinct())
    messages = list(_messages_with(user).order_by("number"))
    mine = [one for one in messages if one.author_id == user.pk and one.withdrawn_at is None]
    # Lock order: rooms, then bells (here), and no other lock after that.
    mentions.messages_changed(mine)
    renamed = mentions.erase_name(user)
    Reaction.objects.filter(user=user).delete()
    Mention.objects.filter(user=user).delete()
    now = clock.now()
    for room in rooms:
        _append_changes(room, [one for one in messages if one.room_id == room.pk], user, renamed, now)
    Entry.objects.filter(pk__in=[one.pk for one in mine]).update(withdrawn_at=now, withdrawn_by=user)
    # What was withdrawn before stays withdrawn by whoever did it.
    Entry.objects.filter(author=user).update(text="", html="", folded="")


def _messages_with(user: "User") -> "QuerySet[Entry]":
    """The messages that contain something of this person: their text, a mark of theirs, or their name."""
    marked, mentioned = Reaction.objects.filter(user=user), Mention.objects.filter(user=user)
    return Entry.objects.filter(
        Q(author=user, kind=Entry.Kind.MESSAGE)
        | Q(pk__in=marked.values("message"))
        | Q(pk__in=mentioned.values("message"))
    )


def _append_changes(
    room: Room, messages: list[Entry], user: "User", renamed: set[int], now: dt.datetime
) -> None:
    """Append an entry for each changed message that pages still show."""
    shown = [one for one in messages if one.withdrawn_at is None]
    if not shown:
        return
    Entry.objects.bulk_create(
        Entry(room=room, number=number, kind=_kind(one, user, renamed), author=user, about=one, at=now)
        for number, one in enumerate(shown, start=room.last_number + 1)
    )
    Room.objects.filter(pk=room.pk).update(last_number=room.last_number + len(shown))
    publish.stream_changed(f"room:{room.pk}")


def _kind(message: Entry, user: "User", renamed: set[int]) -> str:
    if message.author_id == user.pk:
        return Entry.Kind.WITHDRAW
    return Entry.Kind.EDIT if message.pk in renamed else Entry.Kind.REACT
