"""Tags of rooms: the log, and what its script needs, as pieces that are kept."""

import datetime as dt
import re
from typing import Any, NamedTuple

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from common import html, pieces
from common.templatetags.icons import icon
from community.rooms.marks import OfferedMark, offered_marks
from community.rooms.queries import Message, RoomPage, message_path
from community.spaces.kinds import Hour, Role, kind_of
from community.spaces.models import Space

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


@register.simple_tag(takes_context=True)
def room_hour(context: dict[str, Any]) -> Hour | None:
    """When somebody will be in the room of this page's space, or is there now."""
    return kind_of(context["space"]).hour(context["request"], context["space"])


@register.simple_tag(takes_context=True)
def room_log(context: dict[str, Any]) -> SafeString:
    """The messages of the page, each a piece."""
    page, space = context["page"], context["space"]
    roles = {role.name: role for role in _badged_roles(space)}
    language = get_language() or ""
    picks = context["request"].GET.get("mark", "")
    drawn = (_message(message, page, space.pk, roles, language, picks) for message in page.messages)
    return html.trusted("".join(drawn))


@register.simple_tag(takes_context=True)
def room_parts(context: dict[str, Any]) -> SafeString:
    """What the page's script makes parts of messages from."""
    space, page = context["space"], context["page"]
    roles = tuple((role.name, role.badge, str(role.label)) for role in _badged_roles(space))
    marks = _marks_to_give() if page.room.is_open else ()
    return pieces.draw("rooms/_parts.html", space=space.pk, roles=roles, marks=marks)


@register.simple_tag
@pieces.piece
def mark_symbols() -> SafeString:
    """The icons of all marks, which the messages refer to: an icon is larger than a short message."""
    return format_html("<svg hidden>{}</svg>", format_html_join("", "{}", map(_symbol, offered_marks())))


def _symbol(offered: OfferedMark) -> tuple[SafeString]:
    drawing = re.sub(r"</?svg[^>]*>", "", icon(offered.icon))
    symbol = '<symbol id="mark-{}" viewBox="0 0 24 24">{}</symbol>'
    return (format_html(symbol, offered.mark, html.trusted(drawing)),)


def _badged_roles(space: Space) -> list[Role]:
    return [role for role in kind_of(space).roles if role.badge]


def _marks_to_give() -> tuple[ShownMark, ...]:
    return tuple(ShownMark(each.mark, each.label) for each in offered_marks())


def _picker(space: int, number: int) -> SafeString:
    return pieces.draw("rooms/_picker.html", space=space, number=number, marks=_marks_to_give())


def _message(
    message: Message, page: RoomPage, space: int, roles: dict[str, Role], language: str, picks: str
) -> SafeString:
    number, author, quote = message.number, message.author, message.re
    role = roles.get(author["role"])
    return pieces.draw(
        "rooms/_message.html",
        space=space,
        number=number,
        author=author["id"],
        name=author["name"],
        initials=author["initials"],
        role=role.name if role else "",
        badge=role.badge if role else "",
        role_label=str(role.label) if role else "",
        follows=message.follows,
        mine=message.mine,
        client_id=message.client_id if message.mine else "",
        text=message.text if message.mine else "",
        day=message.day if message.starts_day else "",
        full_day=message.full_day if message.starts_day else "",
        is_first_new=message.is_first_new,
        moment=message.at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        time=message.time,
        edited=message.edited,
        to_me=message.to_me,
        re=quote.number if quote else 0,
        re_name=quote.name if quote else "",
        re_words=quote.words if quote else "",
        gone=message.placeholder,
        html=html.trusted(message.html),
        language="" if message.language == language else message.language,
        kept=message.kept,
        marks=_marks(message, space),
        read_by=message.read_by,
        actions=_actions(message, page, space, picks),
    )


def _marks(message: Message, space: int) -> SafeString:
    if not message.marks:
        return NOTHING
    marks = tuple(
        ShownMark(each.mark, each.label, each.title, each.count, each.mine) for each in message.marks
    )
    return pieces.draw("rooms/_marks.html", space=space, number=message.number, marks=marks)


def _actions(message: Message, page: RoomPage, space: int, picks: str) -> SafeString:
    """What can be done with the message that the page was opened at, for readers without scripts. The script
    offers it on every message. Who may put a message back is always told."""
    number = message.number
    if number != page.at and not message.may_restore:
        return NOTHING
    here = number == page.at and not message.placeholder
    may_write = here and page.room.is_open
    actions = pieces.draw(
        "rooms/_actions.html",
        space=space,
        number=number,
        mine=message.mine,
        reply=may_write,
        react=may_write,
        edit=may_write and message.mine,
        withdraw=here and message.may_withdraw,
        restore=message.may_restore,
    )
    if may_write and picks == str(number):
        return format_html("{}{}", _picker(space, number), actions)
    return actions
