"""Reads a room's log: for sockets and polls by number, for pages backwards and around a message."""

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
    """How live streams of the kind `room` are read (`streams.Source` and `streams.BatchSource`)."""

    def allowed(self, pairs: Iterable[UserStreamId]) -> dict[UserStreamId, float]:
        """Current members who are not suspended, and until when; one query."""
        pairs = set(pairs)
        members = RoomMember.objects.current().filter(
            user__in={user for user, _room in pairs},
            user__suspended_at=None,
            room__in={room for _user, room in pairs},
        )
        found = members.values_list("user_id", "room_id", "until")
        return {(user, room): end_of(until) for user, room, until in found if (user, room) in pairs}

    def lasts(self, ids: Iterable[int]) -> dict[int, int]:
        """The newest number of each room."""
        return dict(Room.objects.filter(pk__in=list(ids)).values_list("pk", "last_number"))

    def after(self, stream_id: int, number: int, limit: int) -> list[RoomEntry]:
        """At most `limit` entries after a number, oldest first."""
        return self.after_many({stream_id: number}, limit)[stream_id]

    def after_many(self, asked: Mapping[int, int], limit: int) -> dict[int, list[RoomEntry]]:
        """The entries of several rooms, each after a number of its own, with as many queries as for one.
        Numbers have no gaps, so the next `limit` entries are those up to a number."""
        ranges = (
            Q(room=room, number__gt=number, number__lte=number + limit) for room, number in asked.items()
        )
        rows = Entry.objects.filter(reduce(or_, ranges)).order_by("room", "number")
        found: dict[int, list[RoomEntry]] = {room: [] for room in asked}
        for room, entry in _serialize(rows):
            found[room].append(entry)
        return found


def register() -> None:
    """Register rooms as a kind of live stream."""
    streams.register("room", RoomLog(), shared=True)


def end_of(until: dt.datetime | None) -> float:
    """The end of a membership in seconds since the epoch; 0 for no end."""
    return 0 if until is None else until.timestamp()


def page_before(room: Room, number: int | None, limit: int = 50) -> list[RoomEntry]:
    """The newest messages, or the newest before a number; oldest first."""
    rows = Entry.objects.filter(room=room, kind=Kind.MESSAGE)
    if number is not None:
        rows = rows.filter(number__lt=number)
    return serialize_entries(rows.order_by("-number")[:limit])[::-1]


def page_after(room: Room, number: int, limit: int = 50) -> list[RoomEntry]:
    """The messages after a number, oldest first."""
    rows = Entry.objects.filter(room=room, kind=Kind.MESSAGE, number__gt=number)
    return serialize_entries(rows.order_by("number")[:limit])


def page_around(room: Room, number: int, limit: int = 25) -> list[RoomEntry]:
    """At most `limit` messages before a number and at most `limit` from it on, oldest first."""
    rows = Entry.objects.filter(room=room, kind=Kind.MESSAGE)
    before = rows.filter(number__lt=number).order_by("-number").values_list("pk", flat=True)[:limit]
    since = rows.filter(number__gte=number).order_by("number").values_list("pk", flat=True)[:limit]
    return serialize_entries(rows.filter(pk__in=[*before, *since]).order_by("number"))


def has_after(room: Room, number: int, count: int) -> bool:
    """Whether there are `count` messages after a number."""
    rows = Entry.objects.filter(room=room, kind=Kind.MESSAGE, number__gt=number)
    return rows[:count].count() == count


def quote_of(room: Room, number: int) -> Quote | None:
    """A message as a reply to it shows it; None when there is none with this number."""
    rows = Entry.objects.filter(room=room, kind=Kind.MESSAGE, number=number)
    message = rows.select_related("author").first()
    return serialize_quote(message) if message else None


def numbers_between(room_id: int, first: dt.datetime, last: dt.datetime) -> tuple[int, int] | None:
    """The numbers of the first and last message of a period that are not withdrawn; None without any."""
    rows = Entry.objects.filter(
        room=room_id, kind=Kind.MESSAGE, withdrawn_at=None, at__gte=first, at__lte=last
    )
    numbers = rows.aggregate(first=Min("number"), last=Max("number"))
    return None if numbers["first"] is None else (numbers["first"], numbers["last"])


def serialize_entries(rows: "QuerySet[Entry]") -> list[RoomEntry]:
    """Entries as JSON for a browser, in a fixed number of queries."""
    return [entry for _room, entry in _serialize(rows)]


def _serialize(rows: "QuerySet[Entry]") -> Iterator[tuple[int, RoomEntry]]:
    """The room and the JSON of each entry."""
    entries = list(rows.select_related("author", "re__author", "about__author", "about__re__author"))
    messages = {(entry.about or entry).pk: entry.about or entry for entry in entries}
    authors = {message.author_id for message in messages.values()}
    members = RoomMember.objects.filter(room__in={entry.room_id for entry in entries}, user__in=authors)
    with_role = members.exclude(role="").values_list("room_id", "user_id", "role")
    roles = {(room, user): role for room, user, role in with_role}
    marks, mentioned = marks_of(messages), mentioned_in(messages)
    serialized = {
        pk: serialize_message(
            message,
            roles.get((message.room_id, message.author_id or 0), ""),
            marks.get(pk),
            mentioned.get(pk),
        )
        for pk, message in messages.items()
        if message.kind == Kind.MESSAGE
    }
    for entry in entries:
        yield entry.room_id, _as_room_entry(entry, serialized)


def _as_room_entry(entry: Entry, serialized: Mapping[int, Message]) -> RoomEntry:
    if entry.kind == Kind.LEAVE:
        return {"n": entry.number, "k": entry.kind, "who": entry.author_id}
    if entry.kind == Kind.NOTICE:
        return {"n": entry.number, "k": entry.kind}
    return {"n": entry.number, "k": entry.kind, "m": serialized[(entry.about or entry).pk]}


def writers_in(room: Room) -> set[int]:
    """The ids of the authors of all messages in a room, withdrawn ones included."""
    messages = Entry.objects.filter(room=room, kind=Kind.MESSAGE, author__isnull=False)
    return set(messages.values_list("author_id", flat=True).distinct())


def has_messages(room: Room) -> bool:
    """Whether a room has messages, withdrawn ones included."""
    return Entry.objects.filter(room=room, kind=Kind.MESSAGE).exists()


def unread_in(user_id: int, room_ids: Iterable[int]) -> dict[int, int]:
    """The number of unread messages of others in each room, for a member; rooms without any are left out. One
    query."""
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
