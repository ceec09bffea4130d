"""What of a person is kept with rooms, and how it lets go of it."""

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
    """Answer for rooms."""
    privacy.register("chat", export_for, erase, FIELDS)


def export_for(user: "User") -> dict[str, Any]:
    """The messages this person wrote, as they stand, the marks they gave, and where they were mentioned."""
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
    """Messages keep their number in the room and nothing of what they said; marks and mentions go, and where
    others named them a sign stands for the name.

    Each is an entry of its room, so that pages that are open drop the words as well.
    """
    rooms = lock_memberships(user, also=_touching(user).values_list("room", flat=True).distinct())
    messages = list(_touching(user).order_by("number"))
    mine = [one for one in messages if one.author_id == user.pk and one.withdrawn_at is None]
    # Rooms are held, bells are held here, and nothing is waited for after that.
    mentions.messages_changed(mine)
    named = mentions.let_go_of(user)
    Reaction.objects.filter(user=user).delete()
    Mention.objects.filter(user=user).delete()
    now = clock.now()
    for room in rooms:
        _enter(room, [one for one in messages if one.room_id == room.pk], user, named, now)
    Entry.objects.filter(pk__in=[one.pk for one in mine]).update(withdrawn_at=now, withdrawn_by=user)
    # What had been taken back or down before stays so by whom it was.
    Entry.objects.filter(author=user).update(text="", html="", folded="")


def _touching(user: "User") -> "QuerySet[Entry]":
    """The messages that have something of this person: their words, a mark of theirs, or their name."""
    marked, named = Reaction.objects.filter(user=user), Mention.objects.filter(user=user)
    return Entry.objects.filter(
        Q(author=user, kind=Entry.Kind.MESSAGE)
        | Q(pk__in=marked.values("message"))
        | Q(pk__in=named.values("message"))
    )


def _enter(room: Room, messages: list[Entry], user: "User", named: set[int], now: dt.datetime) -> None:
    """Say in the room's log what became of the messages that a page still shows."""
    shown = [one for one in messages if one.withdrawn_at is None]
    if not shown:
        return
    Entry.objects.bulk_create(
        Entry(room=room, number=number, kind=_kind(one, user, named), author=user, about=one, at=now)
        for number, one in enumerate(shown, start=room.last_number + 1)
    )
    Room.objects.filter(pk=room.pk).update(last_number=room.last_number + len(shown))
    publish.stream_changed(f"room:{room.pk}")


def _kind(message: Entry, user: "User", named: set[int]) -> str:
    if message.author_id == user.pk:
        return Entry.Kind.WITHDRAW
    return Entry.Kind.EDIT if message.pk in named else Entry.Kind.REACT
