"""The collapsed room on every page of a space, and its tab."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from common.moments import moment
from community.rooms.beside_queries import add_member, latest_lines, member_of, take_member
from community.rooms.permissions import can_enter_room
from community.rooms.queries import follow_live
from community.spaces import frame, lookup
from community.spaces.kinds import Tab, kind_of
from community.spaces.models import Space
from community.unread.queries import new_on_page

KEPT_COOKIE = "rooms"
"""Holds the ids of the rooms that stay open beside the page, with dots between them; set by the script."""


def register() -> None:
    """Register panel and tab with the frame of spaces, and what they need to be loaded with a space."""
    frame.register_tabs(_tabs)
    frame.register_panel(frame.Panel("rooms/_fold.html", _context))
    lookup.beside.register(add_member, take_member)


def _tabs(request: HttpRequest, space: Space) -> list[Tab]:
    """The room, for who is in it or may join."""
    user: Any = request.user
    if not can_enter_room(user, space):
        return []
    url = reverse("space_room", args=[space.pk])
    return [Tab("space_room", gettext("Chat"), url, new_on_page(request, space).messages)]


def _context(request: HttpRequest, space: Space) -> dict[str, Any]:
    """Unread and newest messages, and the next live hour; not shown to who is no member of the room (`member`
    is None). `kept`: whether the reader keeps the room open on this device."""
    member = member_of(space, request.user)
    if member is not None:
        follow_live(request, member)
    fold = {
        "member": member,
        "unread": new_on_page(request, space).messages,
        "hour": kind_of(space).hour(request, space),
        "lines": tuple(
            (line.number, line.name, line.language, line.shown, moment(line.at))
            for line in latest_lines(space)
        ),
        "kept": str(space.room_id) in request.COOKIES.get(KEPT_COOKIE, "").split("."),
    }
    return {"fold": fold, "space": space, "user": request.user}
