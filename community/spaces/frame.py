"""What subjects add to every page of a space: tabs, panels, and its front page.

They register here at start-up, because spaces do not depend on the subjects whose pages they contain.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from community.spaces.kinds import Tab, kind_of
from community.spaces.lookup import MemberRequest
from community.spaces.models import Space

TabSource = Callable[[HttpRequest, Space], list[Tab]]
FrontPage = Callable[[MemberRequest, Space], HttpResponse]


@dataclass(frozen=True)
class Panel:
    """A template shown beside the content, and its variables."""

    template: str
    context: Callable[[HttpRequest, Space], dict[str, Any]]


_tab_sources: list[TabSource] = []
_panels: list[Panel] = []
_front_pages: list[FrontPage] = []


def register_tabs(source: TabSource) -> None:
    """Add a subject's tabs to every space, after those registered before."""
    _tab_sources.append(source)


def register_panel(panel: Panel) -> None:
    """Add a panel to every page of a space."""
    _panels.append(panel)


def register_front_page(page: FrontPage) -> None:
    """Set the front page of every space. A later registration replaces it."""
    _front_pages[:] = [page]


def tabs_of(request: HttpRequest, space: Space) -> list[Tab]:
    """The tabs of a space: those of the subjects, its people, then those of its kind."""
    people = Tab("space_people", gettext("People"), reverse("space_people", args=[space.pk]))
    registered = [tab for source in _tab_sources for tab in source(request, space)]
    return [*registered, people, *kind_of(space).tabs(request, space)]


def panels() -> list[Panel]:
    """The registered panels."""
    return _panels


def front_page(request: MemberRequest, space: Space) -> HttpResponse:
    """The front page of a space."""
    return _front_pages[0](request, space)
