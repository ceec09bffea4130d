"""The collapsed room on every page of a space, and its tab."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from community.rooms.permissions import can_enter_room
from community.rooms.queries import add_member, follow_live, member_of, take_member
from community.spaces import frame, lookup
from community.spaces.kinds import Tab, kind_of
from community.spaces.models import Space
from community.unread.queries import new_on_page


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
    """Unread messages and the next live hour; not shown to who is no member of the room (`member` is
    None)."""
    member = member_of(space, request.user)
    if member is not None:
        follow_live(request, member)
    fold = {
        "member": member,
        "unread": new_on_page(request, space).messages,
        "hour": kind_of(space).hour(request, space),
    }
    return {"fold": fold, "space": space, "user": request.user}
