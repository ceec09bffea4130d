"""What a space's room shows to one reader: a page of its messages, grouped and with the marks of days."""

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel.dates import format_time
from django.utils.timezone import get_current_timezone_name  # noqa: TID251 the reader's zone, not the time
from django.utils.translation import get_language, gettext

from common.dates import weekday_in_words
from community.spaces.models import Space
from community.spaces.permissions import is_coordinator
from community.spaces.room_marks import MarkShown, OfferedMark, offered, shown
from messaging.chat import history, read_state
from messaging.chat.entries import KEEPERS
from messaging.chat.models import Entry, Room, RoomMember
from messaging.live import ticket

if TYPE_CHECKING:
    from django.http import HttpRequest

    from community.people.models import User

PAGE = 50
"""Messages one page shows."""
TOGETHER = dt.timedelta(minutes=5)
"""Messages of one person within this time stand under one name."""


@dataclass(frozen=True)
class Quote:
    """A message as a reply to it shows it; one taken back has nothing of what it said."""

    number: int
    name: str = ""
    words: str = ""

    @property
    def gone(self) -> bool:
        """Whether it was taken back."""
        return not self.name


def quote(said: dict[str, Any]) -> Quote:
    """What `messaging.chat.serialize.quote` gives, for the page."""
    return Quote(said["n"]) if "gone" in said else Quote(said["n"], said["by"]["name"], said["words"])


@dataclass
class Message:
    """One message as the page shows it; one taken back has nothing of what it said."""

    number: int
    client_id: str
    author: dict[str, Any]
    at: dt.datetime
    html: str = ""
    text: str = ""
    language: str = ""
    edited: bool = False
    kept: dict[str, str] | None = None
    gone: str = ""
    re: Quote | None = None
    marks: list[MarkShown] = field(default_factory=list)
    to: list[int] = field(default_factory=list)
    to_me: bool = False
    read_by: int = 0
    """How many others have read up to here; said of the reader's own newest message."""
    mine: bool = False
    may_react: bool = False
    may_withdraw: bool = False
    may_restore: bool = False
    follows: bool = False
    starts_day: bool = False
    is_first_new: bool = False

    @property
    def day(self) -> str:
        """The day it was written on, as the reader calls it."""
        return weekday_in_words(self.at.date())

    @property
    def time(self) -> str:
        """The hour and minute."""
        language = get_language() or "en"
        return format_time(self.at, "short", locale="en_GB" if language == "en" else language)

    @property
    def person(self) -> dict[str, str]:
        """Whose initials stand beside it."""
        return {"initials": self.author["initials"]}


@dataclass(frozen=True)
class Asked:
    """Which part of the room: what stands before a number, after one, or around one; else the newest."""

    before: int | None = None
    after: int | None = None
    at: int | None = None
    unread: bool = False
    """Whether `at` is the first message that the reader had not read."""


@dataclass
class RoomPage:
    """A page of the room for a member of it."""

    room: Room
    member: RoomMember
    asked: Asked
    messages: list[Message] = field(default_factory=list)
    older: int | None = None
    """The number before which more is found."""
    newer: int | None = None
    """The number after which more is found."""
    first_unread: int | None = None
    """The number of the first message of others that the reader has not read."""
    unread: int = 0
    """How many there are."""
    readers: list[tuple[int, int]] = field(default_factory=list)
    """How many others have read up to which number."""

    @property
    def at(self) -> int | None:
        """The message that the page was asked to show."""
        return self.asked.at

    @property
    def is_live(self) -> bool:
        """Whether it ends with the newest message, so that what comes can be added."""
        return self.asked.before is None and self.newer is None

    @property
    def shows_first_unread(self) -> bool:
        """Whether what is new begins on this page."""
        return any(message.number == self.first_unread for message in self.messages)

    @property
    def jumps(self) -> bool:
        """Whether what is new begins elsewhere, so that the page leads there."""
        return self.first_unread is not None and not self.shows_first_unread

    @property
    def read_to(self) -> int | None:
        """How far somebody has read who has seen this page; None when they left something out before it. Who
        was led to one message has seen what stands up to that."""
        if self.asked.at is not None and not self.asked.unread:
            return self.asked.at if self.shows_first_unread else None
        if self.is_live:
            return self.last
        return self.messages[-1].number if self.shows_first_unread else None

    @property
    def offered_marks(self) -> list[OfferedMark]:
        """The marks that may be given here."""
        return offered() if self.room.is_open else []

    @property
    def keeps_order(self) -> bool:
        """Whether the reader may take down what others wrote."""
        return self.member.role in KEEPERS

    @property
    def offers_question(self) -> bool:
        """Whether a question typed here is offered as one: not to those who answer them."""
        return not self.keeps_order

    @property
    def last(self) -> int:
        """How far the page has come in the room's log."""
        return self.room.last_number


def member_of(space: Space, user: "User") -> RoomMember | None:
    """The reader's present place in the room."""
    places = RoomMember.objects.current().filter(room=space.room_id, user=user)
    return places.select_related("room").first()


def follow_live(request: "HttpRequest", member: RoomMember) -> None:
    """Let the page's socket follow the room of this member without asking again."""
    room = member.room
    ticket.follow(request, f"room:{room.pk}", history.end_of(member.until, room.closes_at))


def may_enter(space: Space, user: "User") -> bool:
    """Whether somebody who is not in the room can join it: coordinators of the institute."""
    return is_coordinator(user, space)


def page_of_room(member: RoomMember, user: "User", asked: Asked | None = None) -> RoomPage:
    """The part of the room that was asked for, for a member of it.

    How far the log has come is read before the messages are: what is added meanwhile is then delivered again,
    and never left out.
    """
    page = RoomPage(room=member.room, member=member, asked=asked or Asked())
    page.first_unread, page.unread = read_state.news_for(member)
    page.readers = read_state.readers_of(member.room, user)
    entries = _entries_of(page)
    gone = [entry["n"] for entry in entries if "gone" in entry["m"]]
    mine_to_restore = set(
        Entry.objects.filter(room=member.room, number__in=gone, withdrawn_by=user).values_list(
            "number", flat=True
        )
        if gone
        else ()
    )
    zone = ZoneInfo(get_current_timezone_name())
    page.messages = [_shown(entry["m"], user, page, zone, mine_to_restore) for entry in entries]
    _arrange(page)
    _count_readers(page)
    return page


def _entries_of(page: RoomPage) -> list[dict[str, Any]]:
    """The messages of the page, and whether there are more on either side."""
    room, asked, half = page.room, page.asked, PAGE // 2
    if asked.at is not None:
        entries = history.page_around(room, asked.at, half + 1)
        older = [entry for entry in entries if entry["n"] < asked.at]
        too_old, too_new = len(older) > half, len(entries) - len(older) > half
    elif asked.after is not None and history.has_after(room, asked.after, 1):
        entries = history.page_after(room, asked.after, PAGE + 1)
        too_old, too_new = False, len(entries) > PAGE
        page.older = entries[0]["n"]
    else:
        entries = history.page_before(room, asked.before, PAGE + 1)
        too_old, too_new = len(entries) > PAGE, False
    entries = entries[too_old : len(entries) - too_new]
    if entries:
        page.older = entries[0]["n"] if too_old else page.older
        page.newer = entries[-1]["n"] if too_new or asked.before is not None else None
    return entries


def _shown(
    said: dict[str, Any], user: "User", page: RoomPage, zone: ZoneInfo, mine_to_restore: set[int]
) -> Message:
    mine = said["by"]["id"] == user.pk
    message = Message(
        number=said["n"],
        client_id=said["cid"],
        author=said["by"],
        at=dt.datetime.fromisoformat(said["at"]).astimezone(zone),
        mine=mine,
    )
    if "gone" in said:
        message.gone = _gone(said, mine)
        message.may_restore = said["n"] in mine_to_restore
        return message
    message.html, message.text, message.language = said["html"], said["text"], said["lang"]
    message.edited, message.kept = "edited" in said, said.get("kept")
    message.re = quote(said["re"]) if "re" in said else None
    message.marks = shown(said.get("marks", {}), user.pk)
    message.to = said.get("to", [])
    message.to_me, message.may_react = user.pk in message.to, page.room.is_open
    message.may_withdraw = mine or page.keeps_order
    return message


def _gone(said: dict[str, Any], mine: bool) -> str:
    name = {"name": said["by"]["name"]}
    if not said["own"]:
        return gettext("What %(name)s wrote here was taken down.") % name
    return gettext("You took this back.") if mine else gettext("%(name)s took this back.") % name


def _arrange(page: RoomPage) -> None:
    read = page.member.read_number
    previous: Message | None = None
    for message in page.messages:
        message.starts_day = previous is None or previous.at.date() != message.at.date()
        message.follows = (
            previous is not None
            and not message.starts_day
            and previous.author["id"] == message.author["id"]
            and message.at - previous.at < TOGETHER
            and not (previous.gone or message.gone)
        )
        is_new = message.number > read and not message.mine
        begins = is_new and previous is not None and previous.number <= read
        if begins or (page.asked.unread and message.number == page.asked.at):
            message.is_first_new, message.follows = True, False
        previous = message


def _count_readers(page: RoomPage) -> None:
    """Say of the reader's own newest message here by how many it was read, for who has no script."""
    mine = [message for message in page.messages if message.mine and not message.gone]
    if mine:
        mine[-1].read_by = sum(many for number, many in page.readers if number >= mine[-1].number)
