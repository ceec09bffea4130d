"""Lookups for views: the space of a page, and the draft of its form."""

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from common.instances import Instances
from common.statements import statement
from community.people import drafts
from community.people.models import Draft
from community.spaces.actions import record_first_visit
from community.spaces.models import Space

if TYPE_CHECKING:
    from community.people.models import User


class MemberRequest(HttpRequest):
    """A request of an authenticated user: every view that is not marked as public."""

    user: "User"


_spaces = Instances(Space)


@statement(tuple)
def _visible_space(user: "User", space: int) -> QuerySet[Any, Any]:
    return Space.objects.visible_to(user).filter(pk=space).values_list(*_spaces.columns)


def space_or_404(request: MemberRequest, pk: int) -> Space:
    """The space if the reader may see it (404 otherwise). A member's first visit is recorded."""
    row = _visible_space.first(request.user, pk)
    if row is None:
        raise Http404
    space = _spaces.made_of(row)
    record_first_visit(space=space, user=request.user)
    return space


class Drafted(NamedTuple):
    """The draft of a page's form and when it was saved. Empty fields and unchecked boxes are not in it."""

    initial: dict[str, Any]
    at: dt.datetime | None


def drafted(request: MemberRequest) -> Drafted:
    """The draft of this page's form, for initial values that work without JavaScript too."""
    return _draft_at.first(request.user, request.path) or Drafted({}, None)


@statement(Drafted)
def _draft_at(user: "User", place: str) -> QuerySet[Any, Any]:
    return Draft.objects.filter(user=user, place=place).values_list("fields", "saved_at")


def discards_draft(request: MemberRequest) -> bool:
    """Whether the request discards the draft, which is then deleted."""
    if "discard_draft" not in request.POST:
        return False
    drafts.delete_draft(request.user, request.path)
    return True
