"""The tour of the demo: five stops, which a visitor can leave at any of them and take up again.

Where they are stands in a cookie, so it outlasts every change of person and costs no page a query.
"""

import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

COOKIE = "demo_tour"
COOKIE_SECONDS = 60 * 60 * 24 * 30
_STATE = re.compile(r"(left-)?([1-9])", re.ASCII)


@dataclass(frozen=True)
class Stop:
    """One stop: as whom, what it is called, and what to do there. Without a role the visitor stays who they
    are."""

    key: str
    role: str
    title: Promise
    text: Promise


STOPS = (
    Stop(
        "teacher",
        "participant",
        _("Be the teacher"),
        _("Your course is over and the group goes on. Open it, read a conversation, ask the trainer."),
    ),
    Stop(
        "trainer",
        "trainer",
        _("Be the trainer"),
        _("Questions are waiting for you on Today. Open one and answer it."),
    ),
    Stop(
        "list",
        "coordinator",
        _("Bring a list"),
        _("A list says who completed the course. See what it will do before anything happens."),
    ),
    Stop(
        "talk",
        "participant",
        _("Talk in two windows"),
        _("Open a second window as someone else, and write to yourself in the chat."),
    ),
    Stop(
        "email",
        "",
        _("Read the email"),
        _("No email leaves the demo. Here’s what people would get, and when."),
    ),
)


@dataclass(frozen=True)
class Tour:
    """How far a visitor's tour is: the number of the stop, and whether they have left it there."""

    number: int
    is_left: bool

    @property
    def stop(self) -> Stop:
        """The stop they are at, or at which they left."""
        return STOPS[self.number - 1]

    @property
    def next_stop(self) -> Stop | None:
        """The one after it, if there is one."""
        return STOPS[self.number] if self.number < len(STOPS) else None

    @property
    def next_number(self) -> int:
        """The number of the next stop."""
        return self.number + 1

    @property
    def stops(self) -> tuple[Stop, ...]:
        """All stops."""
        return STOPS


def tour_of(request: HttpRequest) -> Tour | None:
    """The tour of the visitor; None if they have not begun one."""
    found = _STATE.fullmatch(request.COOKIES.get(COOKIE, ""))
    if found is None or int(found[2]) > len(STOPS):
        return None
    return Tour(int(found[2]), is_left=found[1] is not None)


def keep(response: HttpResponse, tour: Tour) -> HttpResponse:
    """The response, which makes the browser remember the tour."""
    state = f"left-{tour.number}" if tour.is_left else str(tour.number)
    response.set_cookie(COOKIE, state, max_age=COOKIE_SECONDS, samesite="Lax", httponly=True)
    return response
