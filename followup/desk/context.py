"""The rail at the side of every page, for the template context."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from followup.desk.member_spaces import MemberSpace, member_spaces_of, memberships_of
from followup.desk.run_queries import has_desk
from messaging.notifications.bell import BellState, state_of

SPACES_SHOWN = 8
"""Spaces in the rail; the page of all one's months has the rest."""


class Rail:
    """A reader's spaces. Each property queries once, when a template reads it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def nearest_spaces(self) -> Sequence[MemberSpace]:
        """The reader's spaces that are counted for a page, see `member_spaces_of`."""
        user = getattr(self.request, "user", None)
        return member_spaces_of(user, self.request.path) if user is not None and user.is_authenticated else []

    @cached_property
    def spaces(self) -> list[MemberSpace]:
        """Those in the rail: open ones, closed ones with something new, and the one being read."""
        alive = [
            member_space
            for member_space in self.nearest_spaces
            if member_space.is_open or member_space.unread or member_space.current
        ]
        return [
            member_space
            for index, member_space in enumerate(alive)
            if index < SPACES_SHOWN or member_space.current
        ]

    @cached_property
    def has_more(self) -> bool:
        """Whether more of the reader's spaces are open than stand in the rail."""
        if len(self.spaces) < SPACES_SHOWN:
            return False
        shown = sum(member_space.is_open for member_space in self.spaces)
        return shown < sum(membership.space.is_open for membership in memberships_of(self.request.user))

    @property
    def unread(self) -> int:
        """The number of new things in the spaces that are counted."""
        return sum(member_space.unread for member_space in self.nearest_spaces)

    @cached_property
    def bell(self) -> BellState:
        """The number of unseen notifications, and the reader's position in their live log."""
        return state_of(self.request.user)

    @cached_property
    def room(self) -> MemberSpace | None:
        """The space whose room the bar links to: the one being read, else the first open one."""
        current = [member_space for member_space in self.spaces if member_space.current]
        return next(
            iter(current or [member_space for member_space in self.spaces if member_space.is_open]), None
        )

    @cached_property
    def desk(self) -> bool:
        """Whether the reader has a desk, because they run or train course groups."""
        user = getattr(self.request, "user", None)
        return user is not None and user.is_authenticated and has_desk(user)

    @property
    def desk_url(self) -> str:
        return reverse("desk")

    @property
    def desk_current(self) -> bool:
        """Whether this request is for a page of the desk."""
        return self.request.path.startswith(self.desk_url)


def rail_of(request: HttpRequest) -> Rail:
    """The rail of this request, created once, so that view and template share its queries."""
    found: Rail | None = request.__dict__.get("_rail")
    if found is None:
        found = request.__dict__["_rail"] = Rail(request)
    return found


def rail(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the reader's rail."""
    return {"rail": rail_of(request)}
