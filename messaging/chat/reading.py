"""How far people have read a room: what is new to one of them, and how many have come how far."""

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, F, Min

from messaging.chat.models import Entry, Room, RoomMember

if TYPE_CHECKING:
    from community.people.models import User


FEWEST = 5
"""How many people a figure must be about to be shown."""


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

    Who chose not to be counted is not, nor who has read nothing since they came in. Whatever is said of a
    message is about `FEWEST` people or more: those who are ahead stand together where the last of so many is,
    and while there are fewer, nobody is counted.
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
        if ahead >= FEWEST:
            places.append((row["read_number"], row["many"] if places else ahead))
    return places[::-1]
