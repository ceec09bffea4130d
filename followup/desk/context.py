"""What the rail at the side of every page shows."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from followup.desk.places import Place, places_of
from followup.desk.run_queries import has_desk
from messaging.notifications.bell import BellState, state_of


class Rail:
    """A reader's places. Nothing is asked of the database until a template shows it, and then once."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def places(self) -> Sequence[Place]:
        """All spaces of the reader."""
        user = getattr(self.request, "user", None)
        return places_of(user, self.request.path) if user is not None and user.is_authenticated else []

    @cached_property
    def spaces(self) -> list[Place]:
        """Those the rail lists: open ones, closed ones with something new, and the one that is being read."""
        return [place for place in self.places if place.is_open or place.unread or place.current]

    @property
    def unread(self) -> int:
        """How much is new in all of them together."""
        return sum(place.unread for place in self.spaces)

    @cached_property
    def bell(self) -> BellState:
        """How much of what concerns the reader they have not seen, and where their live log goes on."""
        return state_of(self.request.user)

    @cached_property
    def room(self) -> Place | None:
        """The place whose room is one step away: the one that is being read, else the first that is open."""
        reading = [place for place in self.spaces if place.current]
        return next(iter(reading or [place for place in self.spaces if place.is_open]), None)

    @cached_property
    def desk(self) -> bool:
        """Whether the reader has a desk: course groups to look after."""
        user = getattr(self.request, "user", None)
        return user is not None and user.is_authenticated and has_desk(user)

    @property
    def desk_url(self) -> str:
        return reverse("desk")

    @property
    def desk_current(self) -> bool:
        """Whether a page of the desk is being read."""
        return self.request.path.startswith(self.desk_url)


def rail_of(request: HttpRequest) -> Rail:
    """The one rail of this request, so that a page and its frame ask the same things once."""
    found: Rail | None = request.__dict__.get("_rail")
    if found is None:
        found = request.__dict__["_rail"] = Rail(request)
    return found


def rail(request: HttpRequest) -> dict[str, Any]:
    """The reader's spaces and desk, for every template."""
    return {"rail": rail_of(request)}
