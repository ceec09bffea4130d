"""One page of a room's messages for one reader: grouped by author, with day separators and unread marks."""

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.timezone import get_current_timezone_name  # noqa: TID251 the reader's zone, not the time
from django.utils.translation import gettext

from common.dates import time_in_words, weekday_in_words
from common.names import initials
from common.rows import Rows
from common.statements import statement
from community.people.models import Draft
from community.spaces.models import Space
from messaging.chat import history, read_state, serialize
from messaging.chat.attachments import in_words
from messaging.chat.marks import MarkOnMessage, OfferedMark, marks_on_message, offered_marks
from messaging.chat.models import Room, RoomMember
from messaging.chat.shown import FileInMessage, files_shown
from messaging.live import ticket

if TYPE_CHECKING:
    from django.http import HttpRequest

    from community.people.models import User

MESSAGES_PER_PAGE = 50
GROUPING_WINDOW = dt.timedelta(minutes=5)
"""Consecutive messages of one author within this time are shown under one name."""


@dataclass(frozen=True)
class Quote:
    """A message as a reply to it shows it; without the text if it is withdrawn."""

    number: int
    name: str = ""
    words: str = ""

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was withdrawn."""
        return not self.name


def quote(serialized: serialize.Quote) -> Quote:
    """The quote for the page, from what `messaging.chat.serialize.serialize_quote` serialized."""
    if "gone" in serialized:
        return Quote(serialized["n"])
    file = serialized.get("file")
    words = in_words(file.get("name"), file.get("type")) if file else serialized["words"]
    return Quote(serialized["n"], serialized["by"]["name"], words)


class Author(NamedTuple):
    """Who wrote a message, with their role in the room; empty for a plain member."""

    id: int
    name: str
    role: str

    @property
    def initials(self) -> str:
        """The letters of the avatar."""
        return initials(self.name)


@dataclass
class Message:
    """One message as the page shows it; without the text if it is withdrawn."""

    number: int
    client_id: str
    author: Author
    at: dt.datetime
    html: str = ""
    text: str = ""
    language: str = ""
    edited: bool = False
    kept: str = ""
    """Path of the page where it was kept."""
    placeholder: str = ""
    """What is shown instead of the text of a withdrawn message."""
    re: Quote | None = None
    marks: list[MarkOnMessage] = field(default_factory=list)
    files: tuple[FileInMessage, ...] = ()
    to_me: bool = False
    read_by: int = 0
    """How many others have read up to here; set on the reader's own newest message only."""
    mine: bool = False
    may_react: bool = False
    may_keep: bool = False
    may_withdraw: bool = False
    may_restore: bool = False
    follows: bool = False
    starts_day: bool = False
    is_first_new: bool = False

    @property
    def day(self) -> str:
        """The day it was written on, in words."""
        return weekday_in_words(self.at.date())

    @property
    def time(self) -> str:
        """The hour and minute."""
        return time_in_words(self.at)


@dataclass(frozen=True)
class PageRequest:
    """Which messages: before a number, after one, or around one; otherwise the newest."""

    before: int | None = None
    after: int | None = None
    at: int | None = None
    unread: bool = False
    """Whether `at` is the first message the reader had not read."""


@dataclass
class RoomPage:
    """A page of the room for one of its members."""

    room: Room
    member: RoomMember
    part: PageRequest
    messages: list[Message] = field(default_factory=list)
    older: int | None = None
    """The number before which there are more messages."""
    newer: int | None = None
    """The number after which there are more messages."""
    first_unread: int | None = None
    """The number of the first unread message of somebody else."""
    unread: str = ""
    """How many there are."""
    readers: list[tuple[int, int]] = field(default_factory=list)
    """Pairs: a number, and how many others have read up to it; none without a message of the reader's."""

    @property
    def at(self) -> int | None:
        """The message that the page was asked to show."""
        return self.part.at

    @property
    def is_live(self) -> bool:
        """Whether it ends with the newest message, so that the script may append new ones."""
        return self.part.before is None and self.newer is None

    @property
    def shows_first_unread(self) -> bool:
        """Whether the first unread message is on this page."""
        return any(message.number == self.first_unread for message in self.messages)

    @property
    def jumps(self) -> bool:
        """Whether the first unread message is elsewhere, so that the page links to it."""
        return self.first_unread is not None and not self.shows_first_unread

    @property
    def read_to(self) -> int | None:
        """The number up to which the reader has read after seeing this page.

        None when unread messages precede it. A page opened at one message counts as read up to that one.
        """
        if self.part.at is not None and not self.part.unread:
            return self.part.at if self.shows_first_unread else None
        if self.is_live:
            return self.last
        return self.messages[-1].number if self.shows_first_unread else None

    @property
    def offered_marks(self) -> list[OfferedMark]:
        """The marks that may be given here; none in a closed room."""
        return offered_marks() if self.room.is_open else []

    @property
    def keeps_order(self) -> bool:
        """Whether the reader may take down messages of others."""
        return self.member.keeps_order

    @property
    def may_keep(self) -> bool:
        """Whether the reader may keep messages in a conversation."""
        return self.keeps_order and self.room.is_open

    @property
    def offers_question(self) -> bool:
        """Whether the composer suggests asking as a question: not to those who answer questions."""
        return not self.keeps_order

    @property
    def last(self) -> int:
        """The last number of the log that the page covers."""
        return self.room.last_number


class Reading(NamedTuple):
    """What a page of the room shows of its reader."""

    member: RoomMember
    """Their current membership, with the room itself."""
    unread: read_state.Unread
    readers: list[tuple[int, int]]
    """How many others have read how far (`read_state.figures_of`)."""
    draft: dict[str, str]
    """The fields of what they have written and not sent."""


class _Number(NamedTuple):
    number: int


@statement(tuple)
def _reading(reader: "User", room: int, place: str) -> QuerySet[Any, Any]:
    unread = read_state.unread_messages(OuterRef("room"), OuterRef("read_number"), reader)
    readers = read_state.readers(OuterRef("room"), reader)
    drafts = Draft.objects.filter(user=reader, place=place)
    return (
        RoomMember.objects.current()
        .filter(user=reader, room=room)
        .values_list(
            *history.member_rows.columns,
            Rows(_Number, unread),
            Rows(_Number, readers, number="read_number"),
            Subquery(drafts.values("fields")[:1]),
        )
    )


def reading_of(space: Space, user: "User") -> Reading | None:
    """The reading of a user in the room of this space, or None for who is no member now."""
    row = _reading.first(user, space.room_id, reverse("space_room", args=[space.pk]))
    if row is None:
        return None
    *values, unread, readers, draft = row
    member = history.member_rows.made_of(values)
    member.user = user
    return Reading(
        member,
        read_state.unread_in([each.number for each in unread]),
        read_state.figures_of(each.number for each in readers),
        draft or {},
    )


def follow_live(request: "HttpRequest", member: RoomMember) -> None:
    """Put the room into the page's ticket, so that its socket may subscribe without a permission query."""
    ticket.allow_stream(request, f"room:{member.room_id}", history.end_of(member.until))


def message_path(space_id: int, number: int) -> str:
    """The URL of a message in its room, with the messages around it."""
    return f"{reverse('space_room', args=[space_id])}?at={number}#message-{number}"


def page_of_room(reading: Reading, part: PageRequest | None = None) -> RoomPage:
    """The requested part of the room for one of its members.

    `room.last_number` was read before the messages: what is posted in between is then delivered twice instead
    of never.
    """
    member, user = reading.member, reading.member.user
    page = RoomPage(room=member.room, member=member, part=part or PageRequest())
    page.first_unread = reading.unread.first
    page.unread = read_state.count_in_words(reading.unread.total)
    rows = _load_rows(page, user)
    zone = ZoneInfo(get_current_timezone_name())
    page.messages = [_message(row, user, page, zone) for row in rows]
    _arrange(page)
    mine = [message for message in page.messages if message.mine and not message.placeholder]
    if mine:
        page.readers = reading.readers
        mine[-1].read_by = sum(count for number, count in page.readers if number >= mine[-1].number)
    return page


def _load_rows(page: RoomPage, reader: "User") -> list[history.PageMessage]:
    """The messages of the page. Sets `page.older` and `page.newer`."""
    room, part, half = page.room, page.part, MESSAGES_PER_PAGE // 2
    if part.at is not None:
        rows = history.page_around(room, part.at, reader, half + 1)
        older = [row for row in rows if row.number < part.at]
        too_old, too_new = len(older) > half, len(rows) - len(older) > half
    elif part.after is not None and history.has_after(room, part.after, 1):
        rows = history.page_after(room, part.after, reader, MESSAGES_PER_PAGE + 1)
        too_old, too_new = False, len(rows) > MESSAGES_PER_PAGE
        page.older = rows[0].number
    else:
        rows = history.page_before(room, part.before, reader, MESSAGES_PER_PAGE + 1)
        too_old, too_new = len(rows) > MESSAGES_PER_PAGE, False
    rows = rows[too_old : len(rows) - too_new]
    if rows:
        page.older = rows[0].number if too_old else page.older
        page.newer = rows[-1].number if too_new or part.before is not None else None
    return rows


def _message(row: history.PageMessage, user: "User", page: RoomPage, zone: ZoneInfo) -> Message:
    mine = row.author == user.pk
    message = Message(
        number=row.number,
        client_id=str(row.client_id),
        author=Author(row.author, row.name, row.role or ""),
        at=row.at.astimezone(zone),
        mine=mine,
    )
    if row.withdrawn_at:
        message.placeholder = _placeholder(row, mine)
        message.may_restore = row.withdrawn_by == user.pk
        return message
    message.html, message.text, message.language = row.html, row.text, row.language
    message.edited, message.kept = row.edited_at is not None, row.kept_path
    if row.re is not None:
        message.re = Quote(row.re, row.re_name or "", _words_of_quoted(row))
    message.files = files_shown(row.files)
    message.marks = marks_on_message(row.marks, user.pk)
    message.to_me, message.may_react = row.mentions_reader, page.room.is_open
    message.may_withdraw = mine or page.keeps_order
    message.may_keep = page.may_keep and not row.kept_path
    return message


def _words_of_quoted(row: history.PageMessage) -> str:
    if row.re_files and not row.re_words:
        first = row.re_files[0]
        return in_words(first.get("name"), first.get("type"))
    return row.re_words


def _placeholder(row: history.PageMessage, mine: bool) -> str:
    if row.withdrawn_by != row.author:
        return gettext("A message from %(name)s was removed.") % {"name": row.name}
    return gettext("You deleted this.") if mine else gettext("%(name)s deleted this.") % {"name": row.name}


def _arrange(page: RoomPage) -> None:
    """Group messages under one name, and set day separators and the marker above the first unread message."""
    read = page.member.read_number
    previous: Message | None = None
    for message in page.messages:
        message.starts_day = previous is None or previous.at.date() != message.at.date()
        message.follows = (
            previous is not None
            and not message.starts_day
            and previous.author.id == message.author.id
            and message.at - previous.at < GROUPING_WINDOW
            and not (previous.placeholder or message.placeholder)
        )
        is_new = message.number > read and not message.mine
        is_first = is_new and previous is not None and previous.number <= read
        if is_first or (page.part.unread and message.number == page.part.at):
            message.is_first_new, message.follows = True, False
        previous = message
