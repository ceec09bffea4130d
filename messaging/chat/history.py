"""Reads a room's log: for sockets and polls by number, for pages backwards and around a message."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count, Exists, F, IntegerField, Max, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from common.instances import Instances
from common.rows import Rows
from common.statements import statement
from messaging.chat.attachments import MessageFile
from messaging.chat.mentions import mentioned_in
from messaging.chat.models import Entry, Mention, Reaction, Room, RoomMember
from messaging.chat.reactions import marks_of
from messaging.chat.serialize import Message, Quote, RoomEntry, serialize_message, serialize_quote
from messaging.chat.texts import quote_excerpt
from messaging.live import streams
from messaging.live.streams import UserStreamId

if TYPE_CHECKING:
    from community.people.models import User

Kind = Entry.Kind
NEWEST = 2**62
"""A number after that of every entry."""


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


member_rows = Instances(RoomMember, "room")


@statement(tuple)
def _member(room: int, user: "User") -> QuerySet[Any, Any]:
    return RoomMember.objects.current().filter(room=room, user=user).values_list(*member_rows.columns)


def current_member(room_id: int, user: "User") -> RoomMember | None:
    """A user's membership of a room with the room itself; None for who may not read it now."""
    row = _member.first(room_id, user)
    if row is None:
        return None
    member = member_rows.made_of(row)
    member.user = user
    return member


class GivenMark(NamedTuple):
    """A mark of a message: which, and who gave it."""

    mark: str
    user: int
    name: str


class PageMessage(NamedTuple):
    """A message for the page of one reader; without its text if it is withdrawn, and the quoted one too."""

    pk: int
    number: int
    client_id: uuid.UUID
    author: int
    name: str
    role: str | None
    """The author's role in the room; None for who is no member."""
    at: dt.datetime
    text: str
    html: str
    language: str
    edited_at: dt.datetime | None
    withdrawn_at: dt.datetime | None
    withdrawn_by: int | None
    kept_path: str
    mentions_reader: bool
    files: list[MessageFile] | None
    re: int | None
    """The number of the message that it replies to."""
    re_name: str | None
    re_html: str | None
    re_files: list[MessageFile] | None
    re_withdrawn_at: dt.datetime | None
    marks: list[GivenMark]
    """In the order in which they were given."""

    @property
    def re_words(self) -> str:
        """The first words of that message."""
        return quote_excerpt(self.re_html or "")


def _without_withdrawn(rows: Iterable[PageMessage]) -> list[PageMessage]:
    shown = []
    for row in rows:
        if row.withdrawn_at:
            row = row._replace(text="", html="", files=None, re=None, re_name=None, re_html=None)
        elif row.re_withdrawn_at:
            row = row._replace(re_name=None, re_html=None, re_files=None)
        shown.append(row)
    return shown


def _page(reader: "User", rows: QuerySet[Entry]) -> QuerySet[Any, Any]:
    of_author = RoomMember.objects.filter(room=OuterRef("room"), user=OuterRef("author"))
    mentions = Mention.objects.filter(message=OuterRef("pk"), user=reader)
    rows = rows.filter(kind=Kind.MESSAGE)
    rows = rows.annotate(role_here=Subquery(of_author.values("role")[:1]), mentions_reader=Exists(mentions))
    columns = (
        "pk number client_id author author__name role_here at text html language edited_at withdrawn_at "
    )
    columns += "withdrawn_by kept_path mentions_reader files re__number re__author__name re__html re__files "
    columns += "re__withdrawn_at"
    given = Reaction.objects.filter(message=OuterRef("pk")).order_by("pk")
    return rows.values_list(*columns.split(), Rows(GivenMark, given, user="user_id", name="user__name"))


@statement(PageMessage)
def _before(reader: "User", room: int, number: int, *, limit: int) -> QuerySet[Any, Any]:
    rows = Entry.objects.filter(room=room, number__lt=number)
    return _page(reader, rows).order_by("-number")[:limit]


@statement(PageMessage)
def _from(reader: "User", room: int, number: int, *, limit: int) -> QuerySet[Any, Any]:
    rows = Entry.objects.filter(room=room, number__gte=number)
    return _page(reader, rows).order_by("number")[:limit]


def page_before(room: Room, number: int | None, reader: "User", limit: int = 50) -> list[PageMessage]:
    """The newest messages, or the newest before a number; oldest first."""
    rows = _before(reader, room.pk, NEWEST if number is None else number, limit=limit)
    return _without_withdrawn(reversed(rows))


def page_after(room: Room, number: int, reader: "User", limit: int = 50) -> list[PageMessage]:
    """The messages after a number, oldest first."""
    return _without_withdrawn(_from(reader, room.pk, number + 1, limit=limit))


def page_around(room: Room, number: int, reader: "User", limit: int = 25) -> list[PageMessage]:
    """At most `limit` messages before a number and at most `limit` from it on, oldest first."""
    return page_before(room, number, reader, limit) + page_after(room, number - 1, reader, limit)


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


def written_between(
    reader: "User", room: int | OuterRef, since: dt.datetime, before: dt.datetime
) -> QuerySet[Entry]:
    """The messages of a room between two moments that are not withdrawn, oldest first; none for who is not a
    member of it now."""
    members = RoomMember.objects.current().filter(room=OuterRef("room"), user=reader)
    rows = Entry.objects.filter(Exists(members), room=room, kind=Kind.MESSAGE, withdrawn_at=None)
    return rows.filter(at__gte=since, at__lt=before).order_by("number")


def _serialize(rows: QuerySet[Entry]) -> Iterator[tuple[int, RoomEntry]]:
    """The room and the JSON of each entry, in a fixed number of queries."""
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
    return {room: unread for room, unread in _unread_in(user_id, list(room_ids)) if unread}


@statement(tuple)
def _unread_in(member: int, rooms: list[int]) -> "QuerySet[Any, Any]":
    return Room.objects.filter(pk__among=rooms).values_list("pk", unread_count(member, OuterRef("pk")))


def unread_count(user_id: int, room: OuterRef) -> Coalesce:
    """How many messages of others in a room a member has not read: an expression for a query of rows that
    have a room. Messages are counted only where the room has entries after the member's read mark."""
    messages = Entry.objects.filter(
        room=OuterRef("room"), kind=Kind.MESSAGE, withdrawn_at=None, number__gt=OuterRef("read_number")
    )
    of_others = messages.exclude(author=user_id).order_by().values("room")
    counted = of_others.annotate(count=Count("pk")).values("count")
    members = RoomMember.objects.current().filter(
        user=user_id, room=room, room__last_number__gt=F("read_number")
    )
    return Coalesce(Subquery(members.values(unread=Subquery(counted)), output_field=IntegerField()), Value(0))
