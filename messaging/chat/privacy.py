"""What of a person is kept with rooms, and how it lets go of it."""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q, QuerySet

from common import clock, privacy
from messaging.chat import mentions
from messaging.chat.models import Entry, Mention, Reaction, Room, RoomMember
from messaging.live import tell

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
    """Messages keep their number in the room and nothing of what they said; marks and mentions go.

    Each is an entry of its room, so that pages that are open drop the words as well.
    """
    marked = set(Reaction.objects.filter(user=user).values_list("message_id", flat=True))
    Reaction.objects.filter(user=user).delete()
    Mention.objects.filter(user=user).delete()
    rooms = Room.objects.filter(entries__in=_changing(user, marked)).order_by("pk").distinct()
    for room in rooms.values_list("pk", flat=True):
        _erase_in(room, user, marked)
    # What had been taken back or down before stays so by whom it was.
    Entry.objects.filter(author=user).update(text="", html="", folded="")
    RoomMember.objects.filter(user=user).update(dismissed_at=clock.now())


def _changing(user: "User", marked: set[int]) -> "QuerySet[Entry]":
    """The messages of which a page would still show something of this person."""
    mine = Q(author=user, kind=Entry.Kind.MESSAGE)
    return Entry.objects.filter(mine | Q(pk__in=marked), withdrawn_at=None)


def _erase_in(room_pk: int, user: "User", marked: set[int]) -> None:
    room = Room.objects.select_for_update().get(pk=room_pk)
    messages = list(_changing(user, marked).filter(room=room).order_by("number"))
    mine = [one for one in messages if one.author_id == user.pk]
    now = clock.now()
    Entry.objects.filter(pk__in=[one.pk for one in mine]).update(withdrawn_at=now, withdrawn_by=user)
    Entry.objects.bulk_create(
        Entry(
            room=room,
            number=number,
            kind=Entry.Kind.WITHDRAW if one.author_id == user.pk else Entry.Kind.REACT,
            author=user,
            about=one,
            at=now,
        )
        for number, one in enumerate(messages, start=room.last_number + 1)
    )
    Room.objects.filter(pk=room.pk).update(last_number=room.last_number + len(messages))
    mentions.messages_changed(mine)
    tell.news(f"room:{room.pk}")
