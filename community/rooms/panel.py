"""The collapsed room on every page of a space."""

from typing import Any

from django.http import HttpRequest

from community.rooms.queries import add_member, follow_live, member_of, take_member
from community.spaces import frame, lookup
from community.spaces.kinds import kind_of
from community.spaces.models import Space
from community.unread.queries import new_on_page


def register() -> None:
    """Register the panel with the frame of spaces, and what it needs to be loaded with a space."""
    frame.register_panel(frame.Panel("rooms/_fold.html", _context))
    lookup.beside.register(add_member, take_member)


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
