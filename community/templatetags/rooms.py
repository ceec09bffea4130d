"""Tags of rooms: the log, and what its script needs, as pieces that are kept."""

import datetime as dt
import re
from typing import Any, NamedTuple

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext

from common import pieces
from common.dates import full_date, time_in_words
from common.html import trusted
from common.names import initials
from common.templatetags.icons import icon
from community.rooms.extensions import keep_path
from community.rooms.queries import Message, RoomPage, message_path
from community.spaces.kinds import Hour, kind_of
from community.spaces.models import Space
from messaging.chat.marks import OfferedMark, offered_marks
from messaging.chat.models import Entry
from messaging.chat.read_state import count_in_words
from messaging.chat.shown import FileInMessage, files_shown

NOTHING = SafeString("")

register = template.Library()
register.simple_tag(message_path)


class ShownMark(NamedTuple):
    """A mark in a piece; `given`: how many times."""

    mark: str
    label: str
    title: str = ""
    given: int = 0
    mine: bool = False


class _Badge(NamedTuple):
    """A role that is shown beside names."""

    role: str = ""
    badge: str = ""
    label: str = ""


NO_BADGE = _Badge()


@register.simple_tag(takes_context=True)
def room_hour(context: dict[str, Any]) -> Hour | None:
    """When somebody will be in the room of this page's space, or is there now."""
    return kind_of(context["space"]).hour(context["request"], context["space"])


@register.simple_tag(takes_context=True)
def room_log(context: dict[str, Any]) -> SafeString:
    """The messages of the page, each a piece."""
    page, space = context["page"], context["space"]
    badges = {badge.role: badge for badge in _badges(space)}
    language = get_language() or ""
    picks = context["request"].GET.get("mark", "")
    drawn = (_message(message, page, space, badges, language, picks) for message in page.messages)
    return trusted("".join(drawn))


@register.simple_tag(takes_context=True)
def room_parts(context: dict[str, Any]) -> SafeString:
    """What the page's script makes parts of messages from."""
    space, page = context["space"], context["page"]
    marks = _marks_to_give() if page.room.is_open else ()
    keep = keep_path(space) if page.may_keep else ""
    return pieces.draw("rooms/_parts.html", space=space.pk, roles=_badges(space), marks=marks, keep=keep)


@register.simple_tag
@pieces.piece
def mark_symbols() -> SafeString:
    """The icons of all marks, which the messages refer to: an icon is larger than a short message."""
    return format_html("<svg hidden>{}</svg>", format_html_join("", "{}", map(_symbol, offered_marks())))


def _symbol(offered: OfferedMark) -> tuple[SafeString]:
    drawing = re.sub(r"</?svg[^>]*>", "", icon(offered.icon))
    symbol = '<symbol id="mark-{}" viewBox="0 0 24 24">{}</symbol>'
    return (format_html(symbol, offered.mark, trusted(drawing)),)


def _badges(space: Space) -> tuple[_Badge, ...]:
    roles = kind_of(space).roles
    return tuple(_Badge(role.name, role.badge, str(role.label)) for role in roles if role.badge)


def _marks_to_give() -> tuple[ShownMark, ...]:
    return tuple(ShownMark(each.mark, each.label) for each in offered_marks())


def _picker(space: int, number: int) -> SafeString:
    return pieces.draw("rooms/_picker.html", space=space, number=number, marks=_marks_to_give())


def _message(
    message: Message, page: RoomPage, space: Space, badges: dict[str, _Badge], language: str, picks: str
) -> SafeString:
    badge, quote = badges.get(message.author.role, NO_BADGE), message.re
    return _drawn(
        space=space.pk,
        number=message.number,
        author=message.author.id,
        name=message.author.name,
        role=badge.role,
        badge=badge.badge,
        role_label=badge.label,
        at=message.at.isoformat(),
        follows=message.follows,
        mine=message.mine,
        client_id=message.client_id if message.mine else "",
        text=message.text if message.mine else "",
        day=message.day if message.starts_day else "",
        is_first_new=message.is_first_new,
        edited=message.edited,
        to_me=message.to_me,
        re=quote.number if quote else 0,
        re_name=quote.name if quote else "",
        re_words=quote.words if quote else "",
        gone=message.placeholder,
        html=message.html,
        language="" if message.language == language else message.language,
        kept=message.kept,
        files=message_files(message.files),
        marks=_marks(message, space.pk),
        read_by=message.read_by,
        actions=_actions(message, page, space, picks),
    )


@pieces.piece
def _drawn(*, at: str, name: str, html: str, day: str, read_by: int, **shown: Any) -> SafeString:
    """A message. What takes time to put into words is put into words here, where it is kept."""
    written = dt.datetime.fromisoformat(at)
    values = shown | {
        "name": name,
        "initials": initials(name),
        "html": trusted(html),
        "day": day,
        "full_day": full_date(written.date()) if day else "",
        "moment": written.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "time": time_in_words(written),
        "read_by": _read_by(read_by),
    }
    return render_to_string("rooms/_message.html", values)


@register.simple_tag
def message_files(files: tuple[FileInMessage, ...]) -> SafeString:
    """The files of a message, as everywhere it is shown; nothing without any."""
    return pieces.draw("components/_message_files.html", files=files) if files else NOTHING


@register.simple_tag
def files_of(message: Entry) -> SafeString:
    """The same of a message of the log."""
    return message_files(files_shown(message.files))


def _read_by(people: int) -> str:
    if not people:
        return ""
    words = ngettext("Read up to here by %(people)s", "Read up to here by %(people)s", people)
    return words % {"people": count_in_words(people)}


def _marks(message: Message, space: int) -> SafeString:
    if not message.marks:
        return NOTHING
    marks = tuple(
        ShownMark(each.mark, each.label, each.title, each.count, each.mine) for each in message.marks
    )
    return pieces.draw("rooms/_marks.html", space=space, number=message.number, marks=marks)


def _actions(message: Message, page: RoomPage, space: Space, picks: str) -> SafeString:
    """What can be done with the message that the page was opened at, for readers without scripts. The script
    offers it on every message. Who may put a message back is always told."""
    number = message.number
    if number != page.at and not message.may_restore:
        return NOTHING
    here = number == page.at and not message.placeholder
    may_write = here and page.room.is_open
    actions = pieces.draw(
        "rooms/_actions.html",
        space=space.pk,
        number=number,
        mine=message.mine,
        reply=may_write,
        react=may_write,
        keep=keep_path(space) if here and message.may_keep else "",
        edit=may_write and message.mine,
        withdraw=here and message.may_withdraw,
        report=here and not message.mine,
        restore=message.may_restore,
    )
    if may_write and picks == str(number):
        return format_html("{}{}", _picker(space.pk, number), actions)
    return actions
