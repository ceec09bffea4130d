"""The rail at the side of every page, for the template context."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from community.people import signed_in
from community.spaces.models import Space
from community.unread.queries import New, register_frame
from followup.desk.member_spaces import MemberSpace, nearest_spaces
from followup.desk.run_queries import add_has_desk, has_desk, take_has_desk
from messaging.notifications import bell
from messaging.notifications.bell import BellState

if TYPE_CHECKING:
    from community.people.models import User

SPACES_SHOWN = 8
"""Spaces in the rail; the page of all one's months has the rest."""


class RailMonth(NamedTuple):
    """One of the months in the rail as it is drawn."""

    pk: int
    url: str
    title: str
    language: str
    unread: int
    is_current: bool
    strip: str


LINKED = ("today", "news", "profile")
"""The names of the pages that every page has a link to."""


class Rail:
    """A reader's spaces. Each property queries once, when a template reads it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def nearest_spaces(self) -> Sequence[MemberSpace]:
        """The reader's spaces that are counted for a page, see `member_spaces.nearest_spaces`."""
        return nearest_spaces(self._reader, self.request.path) if self._reader else []

    @cached_property
    def spaces(self) -> list[MemberSpace]:
        """Those in the rail: open ones, closed ones with something new, and the one being read."""
        alive = [
            member_space
            for member_space in self.nearest_spaces
            if member_space.is_open or member_space.unread or member_space.current
        ]
        shown = [
            member_space
            for index, member_space in enumerate(alive)
            if index < SPACES_SHOWN or member_space.current
        ]
        if shown:
            shown[0].posts.load([member_space.pk for member_space in shown])
        return shown

    @cached_property
    def months(self) -> tuple["RailMonth", ...]:
        """What is drawn of those in the rail."""
        return tuple(
            RailMonth(
                pk=each.pk,
                url=each.url,
                title=each.title,
                language=each.space.language,
                unread=each.unread,
                is_current=each.current,
                strip=each.mini_timeline.mini_drawn if each.mini_timeline else "",
            )
            for each in self.spaces
        )

    @cached_property
    def has_more(self) -> bool:
        """Whether more of the reader's spaces are open than stand in the rail."""
        shown = sum(member_space.is_open for member_space in self.spaces)
        return shown < sum(member_space.is_open for member_space in self.nearest_spaces)

    @property
    def unread(self) -> int:
        """The number of new things in the spaces that are counted."""
        return sum(member_space.unread for member_space in self.nearest_spaces)

    @cached_property
    def bell(self) -> BellState:
        """The number of unseen notifications, and the reader's position in their live log."""
        return BellState(0, 0) if self._reader is None else bell.state_of(self._reader)

    @property
    def only_month(self) -> RailMonth | None:
        """The one space of the rail, if there are no others: then no list leads to it."""
        return self.months[0] if len(self.months) == 1 and not self.has_more else None

    @cached_property
    def room(self) -> MemberSpace | None:
        """The space whose room the bar links to: the one being read, else the first open one. Who is in it
        from the institute has the desk in the bar instead."""
        mine = [member_space for member_space in self.spaces if not member_space.coordinates]
        current = [member_space for member_space in mine if member_space.current]
        return next(iter(current or [member_space for member_space in mine if member_space.is_open]), None)

    @cached_property
    def desk(self) -> bool:
        """Whether the reader has a desk, because they run or train course groups."""
        return self._reader is not None and has_desk(self._reader)

    @property
    def _reader(self) -> "User | None":
        user = getattr(self.request, "user", None)
        return user if user is not None and user.is_authenticated else None

    @property
    def here(self) -> str:
        """Which of the links of every page leads to this one, or nothing."""
        match = self.request.resolver_match
        return match.view_name if match is not None and match.view_name in LINKED else ""

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


def register() -> None:
    """Register the rail with the counts of what is new, which the pages of a space show as well, and what it
    needs to be loaded with its reader."""
    register_frame(_new_in)
    signed_in.beside.register(bell.add_state, bell.take_state)
    signed_in.beside.register(add_has_desk, take_has_desk)


def _new_in(request: HttpRequest, space: Space) -> New | None:
    for found in rail_of(request).nearest_spaces:
        if found.pk == space.pk and (found.is_open or found.current):
            return New(found.new_threads, found.new_practices, found.new_messages)
    return None
