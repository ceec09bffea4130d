"""One page of a room's messages for one reader: grouped by author, with day separators and unread marks."""

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel.dates import format_time
from django.urls import reverse
from django.utils.timezone import get_current_timezone_name  # noqa: TID251 the reader's zone, not the time
from django.utils.translation import get_language, gettext

from common.dates import full_date, weekday_in_words
from community.rooms.marks import MarkOnMessage, OfferedMark, marks_on_message, offered_marks
from community.spaces.models import Space
from messaging.chat import history, read_state, serialize
from messaging.chat.models import Entry, Room, RoomMember
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
    return Quote(serialized["n"], serialized["by"]["name"], serialized["words"])


@dataclass
class Message:
    """One message as the page shows it; without the text if it is withdrawn."""

    number: int
    client_id: str
    author: serialize.Author
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
    to: list[int] = field(default_factory=list)
    to_me: bool = False
    read_by: int = 0
    """How many others have read up to here; set on the reader's own newest message only."""
    mine: bool = False
    may_react: bool = False
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
    def full_day(self) -> str:
        """The day with its weekday and year, for paper."""
        return full_date(self.at.date())

    @property
    def time(self) -> str:
        """The hour and minute."""
        language = get_language() or "en"
        return format_time(self.at, "short", locale="en_GB" if language == "en" else language)

    @property
    def person(self) -> dict[str, str]:
        """What the avatar template needs."""
        return {"initials": self.author["initials"]}


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
    unread: int = 0
    """How many there are."""
    readers: list[tuple[int, int]] = field(default_factory=list)
    """Pairs: a number, and how many others have read up to it."""

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
    def offers_question(self) -> bool:
        """Whether the composer suggests asking as a question: not to those who answer questions."""
        return not self.keeps_order

    @property
    def last(self) -> int:
        """The last number of the log that the page covers."""
        return self.room.last_number


def member_of(space: Space, user: "User") -> RoomMember | None:
    """The reader's current membership in the room of this space, or None."""
    members = RoomMember.objects.current().filter(room=space.room_id, user=user)
    return members.select_related("room").first()


def follow_live(request: "HttpRequest", member: RoomMember) -> None:
    """Put the room into the page's ticket, so that its socket may subscribe without a permission query."""
    ticket.allow_stream(request, f"room:{member.room_id}", history.end_of(member.until))


def message_path(space_id: int, number: int) -> str:
    """The URL of a message in its room, with the messages around it."""
    return f"{reverse('space_room', args=[space_id])}?at={number}#message-{number}"


def page_of_room(member: RoomMember, user: "User", part: PageRequest | None = None) -> RoomPage:
    """The requested part of the room for one of its members.

    `room.last_number` was read before the messages: what is posted in between is then delivered twice instead
    of never.
    """
    page = RoomPage(room=member.room, member=member, part=part or PageRequest())
    page.first_unread, page.unread = read_state.unread_of(member)
    page.readers = read_state.readers_of(member.room, user)
    entries = _load_entries(page)
    withdrawn = [entry["n"] for entry in entries if "gone" in entry["m"]]
    restorable = set(
        Entry.objects.filter(room=member.room, number__in=withdrawn, withdrawn_by=user).values_list(
            "number", flat=True
        )
        if withdrawn
        else ()
    )
    zone = ZoneInfo(get_current_timezone_name())
    page.messages = [_message(entry["m"], user, page, zone, restorable) for entry in entries]
    _arrange(page)
    _count_readers(page)
    return page


def _load_entries(page: RoomPage) -> list[serialize.RoomEntry]:
    """The messages of the page. Sets `page.older` and `page.newer`."""
    room, part, half = page.room, page.part, MESSAGES_PER_PAGE // 2
    if part.at is not None:
        entries = history.page_around(room, part.at, half + 1)
        older = [entry for entry in entries if entry["n"] < part.at]
        too_old, too_new = len(older) > half, len(entries) - len(older) > half
    elif part.after is not None and history.has_after(room, part.after, 1):
        entries = history.page_after(room, part.after, MESSAGES_PER_PAGE + 1)
        too_old, too_new = False, len(entries) > MESSAGES_PER_PAGE
        page.older = entries[0]["n"]
    else:
        entries = history.page_before(room, part.before, MESSAGES_PER_PAGE + 1)
        too_old, too_new = len(entries) > MESSAGES_PER_PAGE, False
    entries = entries[too_old : len(entries) - too_new]
    if entries:
        page.older = entries[0]["n"] if too_old else page.older
        page.newer = entries[-1]["n"] if too_new or part.before is not None else None
    return entries


def _message(
    serialized: serialize.Message, user: "User", page: RoomPage, zone: ZoneInfo, restorable: set[int]
) -> Message:
    mine = serialized["by"]["id"] == user.pk
    message = Message(
        number=serialized["n"],
        client_id=serialized["cid"],
        author=serialized["by"],
        at=dt.datetime.fromisoformat(serialized["at"]).astimezone(zone),
        mine=mine,
    )
    if "gone" in serialized:
        message.placeholder = _placeholder(serialized, mine)
        message.may_restore = serialized["n"] in restorable
        return message
    message.html, message.text, message.language = serialized["html"], serialized["text"], serialized["lang"]
    message.edited, message.kept = "edited" in serialized, serialized.get("kept", "")
    message.re = quote(serialized["re"]) if "re" in serialized else None
    message.marks = marks_on_message(serialized.get("marks", {}), user.pk)
    message.to = serialized.get("to", [])
    message.to_me, message.may_react = user.pk in message.to, page.room.is_open
    message.may_withdraw = mine or page.keeps_order
    return message


def _placeholder(serialized: serialize.Message, mine: bool) -> str:
    name = {"name": serialized["by"]["name"]}
    if not serialized["own"]:
        return gettext("What %(name)s wrote here was taken down.") % name
    return gettext("You took this back.") if mine else gettext("%(name)s took this back.") % name


def _arrange(page: RoomPage) -> None:
    """Group messages under one name, and set day separators and the marker above the first unread message."""
    read = page.member.read_number
    previous: Message | None = None
    for message in page.messages:
        message.starts_day = previous is None or previous.at.date() != message.at.date()
        message.follows = (
            previous is not None
            and not message.starts_day
            and previous.author["id"] == message.author["id"]
            and message.at - previous.at < GROUPING_WINDOW
            and not (previous.placeholder or message.placeholder)
        )
        is_new = message.number > read and not message.mine
        is_first = is_new and previous is not None and previous.number <= read
        if is_first or (page.part.unread and message.number == page.part.at):
            message.is_first_new, message.follows = True, False
        previous = message


def _count_readers(page: RoomPage) -> None:
    """Set `read_by` on the reader's newest message, for a page without scripts."""
    mine = [message for message in page.messages if message.mine and not message.placeholder]
    if mine:
        mine[-1].read_by = sum(count for number, count in page.readers if number >= mine[-1].number)
