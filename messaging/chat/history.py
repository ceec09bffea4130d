"""A room's log as it is handed out: live over the socket, in answers to a poll, and in pages of history."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.models import Count, F, Max, Min, Q

from messaging.chat.mentions import mentioned_in
from messaging.chat.models import Entry, Room, RoomMember
from messaging.chat.reactions import marks_of
from messaging.chat.serialize import Message, Quote, RoomEntry, serialize_message, serialize_quote
from messaging.live import streams
from messaging.live.streams import UserStreamId

if TYPE_CHECKING:
    from django.db.models import QuerySet

Kind = Entry.Kind


class RoomLog:
    """How live streams of the kind `room` are read."""

    def allowed(self, pairs: Iterable[UserStreamId]) -> dict[UserStreamId, float]:
        """Members of these rooms, now; some of them until a moment."""
        pairs = set(pairs)
        asked = RoomMember.objects.current().filter(
            user__in={user for user, _room in pairs},
            user__suspended_at=None,
            room__in={room for _user, room in pairs},
        )
        found = asked.values_list("user_id", "room_id", "until")
        return {(user, room): end_of(until) for user, room, until in found if (user, room) in pairs}

    def lasts(self, ids: Iterable[int]) -> dict[int, int]:
        """The newest number of each room."""
        return dict(Room.objects.filter(pk__in=list(ids)).values_list("pk", "last_number"))

    def after(self, stream_id: int, number: int, limit: int) -> list[RoomEntry]:
        """What happened after a number, oldest first."""
        return self.after_many({stream_id: number}, limit)[stream_id]

    def after_many(self, asked: Mapping[int, int], limit: int) -> dict[int, list[RoomEntry]]:
        """What happened in several rooms, in each after a number of its own, in as many queries as for one.
        Numbers have no gaps, so the next so many are those up to a number."""
        spans = (
            Q(room=room, number__gt=number, number__lte=number + limit) for room, number in asked.items()
        )
        rows = Entry.objects.filter(reduce(or_, spans)).order_by("room", "number")
        found: dict[int, list[RoomEntry]] = {room: [] for room in asked}
        for room, entry in _in_rooms(rows):
            found[room].append(entry)
        return found


def register() -> None:
    """Let rooms be followed live."""
    streams.register("room", RoomLog(), shared=True)


def end_of(until: dt.datetime | None) -> float:
    """When somebody's time in a room ends, in seconds since 1970; 0 for who has no end."""
    return 0 if until is None else until.timestamp()


def page_before(room: Room, number: int | None, limit: int = 50) -> list[RoomEntry]:
    """The newest messages, or those before a number; oldest first. Changes are in what the messages say."""
    rows = Entry.objects.filter(room=room, kind=Kind.MESSAGE)
    if number is not None:
        rows = rows.filter(number__lt=number)
    return as_entries(rows.order_by("-number")[:limit])[::-1]


def page_after(room: Room, number: int, limit: int = 50) -> list[RoomEntry]:
    """The messages that came after a number, oldest first."""
    rows = Entry.objects.filter(room=room, kind=Kind.MESSAGE, number__gt=number)
    return as_entries(rows.order_by("number")[:limit])


def page_around(room: Room, number: int, limit: int = 25) -> list[RoomEntry]:
    """At most so many messages before a number, and as many from it on; oldest first."""
    rows = Entry.objects.filter(room=room, kind=Kind.MESSAGE)
    before = rows.filter(number__lt=number).order_by("-number").values_list("pk", flat=True)[:limit]
    since = rows.filter(number__gte=number).order_by("number").values_list("pk", flat=True)[:limit]
    return as_entries(rows.filter(pk__in=[*before, *since]).order_by("number"))


def has_after(room: Room, number: int, many: int) -> bool:
    """Whether so many messages came after a number."""
    rows = Entry.objects.filter(room=room, kind=Kind.MESSAGE, number__gt=number)
    return rows[:many].count() == many


def quote_of(room: Room, number: int) -> Quote | None:
    """A message as a reply to it shows it; None when there is none with this number."""
    rows = Entry.objects.filter(room=room, kind=Kind.MESSAGE, number=number)
    message = rows.select_related("author").first()
    return serialize_quote(message) if message else None


def numbers_between(room_id: int, first: dt.datetime, last: dt.datetime) -> tuple[int, int] | None:
    """The numbers of the first and the last message of a time that still stand; None without any."""
    rows = Entry.objects.filter(
        room=room_id, kind=Kind.MESSAGE, withdrawn_at=None, at__gte=first, at__lte=last
    )
    span = rows.aggregate(first=Min("number"), last=Max("number"))
    return None if span["first"] is None else (span["first"], span["last"])


def as_entries(rows: "QuerySet[Entry]") -> list[RoomEntry]:
    """Entries as they go to a browser, in a fixed number of queries.

    `n` is the entry's number. A message or a change of one carries the message as it is now in `m`, so that
    hearing of it twice, or of an old change late, shows the same. A leaving carries who left in `who`.
    """
    return [entry for _room, entry in _in_rooms(rows)]


def _in_rooms(rows: "QuerySet[Entry]") -> Iterator[tuple[int, RoomEntry]]:
    """Entries of one or several rooms as they go to a browser, each with its room."""
    found = list(rows.select_related("author", "re__author", "about__author", "about__re__author"))
    messages = {(entry.about or entry).pk: entry.about or entry for entry in found}
    people = {message.author_id for message in messages.values()}
    members = RoomMember.objects.filter(room__in={entry.room_id for entry in found}, user__in=people)
    with_role = members.exclude(role="").values_list("room_id", "user_id", "role")
    roles = {(room, user): role for room, user, role in with_role}
    marks, named = marks_of(messages), mentioned_in(messages)
    shown = {
        pk: serialize_message(
            one, roles.get((one.room_id, one.author_id or 0), ""), marks.get(pk), named.get(pk)
        )
        for pk, one in messages.items()
        if one.kind == Kind.MESSAGE
    }
    for entry in found:
        yield entry.room_id, _as_entry(entry, shown)


def _as_entry(entry: Entry, shown: dict[int, Message]) -> RoomEntry:
    if entry.kind == Kind.LEAVE:
        return {"n": entry.number, "k": entry.kind, "who": entry.author_id}
    return {"n": entry.number, "k": entry.kind, "m": shown[(entry.about or entry).pk]}


def writers_in(room: Room) -> set[int]:
    """Who has written messages in a room, taken back or not."""
    said = Entry.objects.filter(room=room, kind=Kind.MESSAGE, author__isnull=False)
    return set(said.values_list("author_id", flat=True).distinct())


def has_messages(room: Room) -> bool:
    """Whether anybody wrote in a room."""
    return Entry.objects.filter(room=room, kind=Kind.MESSAGE).exists()


def unread_in(user_id: int, room_ids: Iterable[int]) -> dict[int, int]:
    """How many messages of others came in each room since the person read it; rooms without any are left
    out."""
    rows = (
        RoomMember.objects.current()
        .filter(user=user_id, room__in=list(room_ids))
        .annotate(
            unread=Count(
                "room__entries",
                filter=Q(
                    room__entries__kind=Kind.MESSAGE,
                    room__entries__withdrawn_at=None,
                    room__entries__number__gt=F("read_number"),
                )
                & ~Q(room__entries__author=user_id),
            )
        )
    )
    return {room: unread for room, unread in rows.values_list("room_id", "unread") if unread}
