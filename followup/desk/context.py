"""The rail at the side of every page, for the template context."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import BooleanField, Exists, ExpressionWrapper, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from common.statements import statement
from community.spaces.models import Space
from community.unread.queries import New, register_frame
from followup.desk.member_spaces import MemberSpace, nearest_spaces
from followup.desk.run_queries import has_desk
from messaging.notifications.bell import BellState, unseen_count
from messaging.notifications.models import Notification

if TYPE_CHECKING:
    from community.people.models import User

SPACES_SHOWN = 8
"""Spaces in the rail; the page of all one's months has the rest."""


class RailMonth(NamedTuple):
    """One of the months in the rail as it is drawn."""

    pk: int
    url: str
    title: str
    unread: int
    is_current: bool
    strip: str


LINKED = ("today", "news", "profile")
"""The names of the pages that every page has a link to."""


class Links(NamedTuple):
    """What stands in the rail beside the months."""

    bell_number: int | None
    """None for who was never notified of anything."""
    has_unseen: bool
    has_desk: bool


@statement(Links)
def _links_of(user: "User") -> QuerySet[Any, Any]:
    unseen = Notification.objects.unseen().filter(user=user)
    return (
        get_user_model()
        .objects.filter(pk=user.pk)
        .values_list(
            "bell__last_number",
            Exists(unseen),
            ExpressionWrapper(has_desk(user), output_field=BooleanField()),
        )
    )


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
        if self._reader is None:
            return BellState(0, 0)
        # An entry committed after the number was read is delivered twice instead of being missed.
        unseen = unseen_count(self._reader) if self._links.has_unseen else 0
        return BellState(self._links.bell_number or 0, unseen)

    @cached_property
    def room(self) -> MemberSpace | None:
        """The space whose room the bar links to: the one being read, else the first open one."""
        current = [member_space for member_space in self.spaces if member_space.current]
        return next(
            iter(current or [member_space for member_space in self.spaces if member_space.is_open]), None
        )

    @property
    def desk(self) -> bool:
        """Whether the reader has a desk, because they run or train course groups."""
        return self._reader is not None and self._links.has_desk

    @cached_property
    def _links(self) -> "Links":
        found = _links_of.first(self.request.user)
        return found or Links(None, has_unseen=False, has_desk=False)

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
    """Register the rail with the counts of what is new, which the pages of a space show as well."""
    register_frame(_new_in)


def _new_in(request: HttpRequest, space: Space) -> New | None:
    for found in rail_of(request).nearest_spaces:
        if found.pk == space.pk and (found.is_open or found.current):
            return New(found.new_threads, found.new_practices, found.new_messages)
    return None
