"""What a space's room shows to one reader: a page of its messages, grouped and with the marks of days."""

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel.dates import format_time
from django.utils.timezone import get_current_timezone_name  # noqa: TID251 the reader's zone, not the time
from django.utils.translation import get_language, gettext

from common.templatetags.moments import weekday_in_words
from community.spaces.models import Space
from community.spaces.permissions import is_coordinator
from messaging.chat import log
from messaging.chat.actions import KEEPERS
from messaging.chat.models import Entry, Room, RoomMember

if TYPE_CHECKING:
    from community.people.models import User

PAGE = 50
"""Messages one page shows."""
TOGETHER = dt.timedelta(minutes=5)
"""Messages of one person within this time stand under one name."""


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
    mine: bool = False
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


@dataclass
class RoomPage:
    """A page of the room for a member of it."""

    room: Room
    member: RoomMember
    before: int | None
    messages: list[Message] = field(default_factory=list)
    older: int | None = None
    """The number before which more is found."""

    @property
    def is_live(self) -> bool:
        """Whether it ends with the newest message, so that what comes can be added."""
        return self.before is None

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


def may_enter(space: Space, user: "User") -> bool:
    """Whether somebody who is not in the room can join it: coordinators of the institute."""
    return is_coordinator(user, space)


def page_of_room(member: RoomMember, user: "User", before: int | None) -> RoomPage:
    """The newest messages, or those before a number.

    How far the log has come is read before the messages are: what is added meanwhile is then delivered again,
    and never left out.
    """
    page = RoomPage(room=member.room, member=member, before=before)
    entries = log.page_before(member.room, before, PAGE + 1)
    if len(entries) > PAGE:
        entries = entries[1:]
        page.older = entries[0]["n"]
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
    return page


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
        if is_new and previous is not None and previous.number <= read:
            message.is_first_new, message.follows = True, False
        previous = message
