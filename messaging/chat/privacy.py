"""What of a person is kept with rooms, and how it lets go of it."""

from typing import TYPE_CHECKING, Any

from common import clock, privacy
from messaging.chat.models import Entry, RoomMember

if TYPE_CHECKING:
    from community.people.models import User

FIELDS = [
    "messaging.RoomMember.user",
    "messaging.Entry.author",
    "messaging.Entry.withdrawn_by",
]


def register() -> None:
    """Answer for rooms."""
    privacy.register("chat", export_for, erase, FIELDS)


def export_for(user: "User") -> dict[str, Any]:
    """The messages this person wrote, as they stand."""
    written = Entry.objects.filter(author=user, kind=Entry.Kind.MESSAGE).order_by("pk")
    return {"messages": [{"text": one.text, "at": one.at.isoformat()} for one in written]}


def erase(user: "User") -> None:
    """Messages keep their number in the room and nothing of what they said."""
    Entry.objects.filter(author=user).update(text="", html="", withdrawn_at=clock.now(), withdrawn_by=user)
    RoomMember.objects.filter(user=user).update(dismissed_at=clock.now())
