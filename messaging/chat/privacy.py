"""Personal data in rooms: exporting and erasing it."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q, QuerySet

from common import clock, privacy
from messaging.chat import attachments, mentions, search_index
from messaging.chat.entries import lock_memberships
from messaging.chat.models import Entry, Mention, Reaction, Room
from messaging.files.actions import delete_files_of
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
    """Register the export and erasure of chat data."""
    privacy.register("chat", export_for, erase, FIELDS)


def export_for(user: "User") -> dict[str, Any]:
    """The messages this person wrote, as they are now, with the names of their files, the marks they gave,
    and where they were mentioned."""
    written = Entry.objects.filter(author=user, kind=Entry.Kind.MESSAGE).order_by("pk")
    marks = Reaction.objects.filter(user=user).select_related("message").order_by("pk")
    mentions_of_user = Mention.objects.filter(user=user).select_related("message").order_by("pk")
    return {
        "messages": [_exported(entry) for entry in written],
        "marks": [
            {
                "mark": reaction.mark,
                "at": reaction.at.isoformat(),
                "room": reaction.message.room_id,
                "n": reaction.message.number,
            }
            for reaction in marks
        ],
        "mentions": [
            {
                "room": mention.message.room_id,
                "n": mention.message.number,
                "at": mention.message.at.isoformat(),
            }
            for mention in mentions_of_user
        ],
    }


def _exported(message: Entry) -> dict[str, Any]:
    shown: dict[str, Any] = {"text": message.text, "at": message.at.isoformat()}
    if message.files:
        shown["files"] = [file.name for file in attachments.files_of(message)]
    return shown


@transaction.atomic
def erase(user: "User") -> None:
    """Erase this person's data in rooms: of their messages only the number remains, their files, marks and
    mentions are deleted, and a placeholder replaces their name where others mentioned them.

    Each changed message gets an entry in its room's log, so that open pages drop the text as well.
    """
    rooms = lock_memberships(user, also=_messages_with(user).values_list("room", flat=True).distinct())
    messages = list(_messages_with(user).order_by("number"))
    own = [entry for entry in messages if entry.author_id == user.pk and entry.withdrawn_at is None]
    search_index.drop(messages)
    # Lock order: rooms, segments of their search, then bells (here), and no other lock after that.
    mentions.messages_changed(own)
    renamed = mentions.erase_name(user)
    Reaction.objects.filter(user=user).delete()
    Mention.objects.filter(user=user).delete()
    now = clock.now()
    for room in rooms:
        _append_changes(room, [entry for entry in messages if entry.room_id == room.pk], user, renamed, now)
    Entry.objects.filter(pk__in=[entry.pk for entry in own]).update(withdrawn_at=now, withdrawn_by=user)
    # `withdrawn_by` of messages withdrawn before does not change.
    with_files = Entry.objects.filter(author=user, files__isnull=False)
    delete_files_of(attachments.KIND, with_files.values_list("pk", flat=True))
    Entry.objects.filter(author=user).update(text="", html="", folded="", files=None)


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
    shown = [entry for entry in messages if entry.withdrawn_at is None]
    if not shown:
        return
    Entry.objects.bulk_create(
        Entry(room=room, number=number, kind=_kind(entry, user, renamed), author=user, about=entry, at=now)
        for number, entry in enumerate(shown, start=room.last_number + 1)
    )
    Room.objects.filter(pk=room.pk).update(last_number=room.last_number + len(shown))
    publish.stream_changed(f"room:{room.pk}")


def _kind(message: Entry, user: "User", renamed: set[int]) -> str:
    if message.author_id == user.pk:
        return Entry.Kind.WITHDRAW
    return Entry.Kind.EDIT if message.pk in renamed else Entry.Kind.REACT
