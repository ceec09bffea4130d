"""Lookups for views: the space of a page, and the draft of its form."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest

from common.beside import Beside
from common.instances import Instances
from common.rows import Rows
from common.statements import statement
from community.institutes.models import Staff
from community.people import drafts
from community.people.models import Draft
from community.spaces.actions import record_first_visit
from community.spaces.models import Membership, Space
from community.spaces.permissions import membership_of_row, memberships, standing_of
from community.spaces.queries import BadgedMember, badged_members, know_badged

if TYPE_CHECKING:
    from community.people.models import User


class MemberRequest(HttpRequest):
    """A request of an authenticated user: every view that is not marked as public."""

    user: "User"


_spaces = Instances(Space)


class _StaffRole(NamedTuple):
    institute_id: int
    role: str


beside = Beside()
"""What subjects show or ask on every page of a space; handed out with the space. The path from the row to the
space is given as `at`: empty, or ending with "__"."""


def space_or_404(request: MemberRequest, pk: int, *, of: str = "pk") -> Space:
    """The space if the reader may see it (404 otherwise). A member's first visit is recorded.

    The reader's rights, the roles shown beside names, and what is registered `beside` are loaded with it.
    With `of` it is the space of the thing with this key that is so related to it.
    """
    row = _visible_space.first(request.user, pk, of=of)
    if row is None:
        raise Http404
    space = _spaces.made_of(row)
    know_standing(space, request.user, row[len(_spaces.columns) :])
    record_first_visit(space=space, user=request.user)
    return space


@statement(tuple)
def _visible_space(user: "User", space: int, *, of: str) -> QuerySet[Any, Any]:
    spaces = Space.objects.visible_to(user).filter(**{of: space})
    rows, standing = with_standing(spaces, user, at="")
    return rows.values_list(*_spaces.columns, *standing)


def with_standing(
    rows: QuerySet[Any, Any], reader: "User", *, at: str = "space__"
) -> tuple[QuerySet[Any, Any], list[Any]]:
    """The rows, by default posts, and columns that `know_standing` takes: the reader's rights in the space of
    each, the roles shown there beside names, and what is registered `beside`. `at` leads to the space."""
    members = f"{at}memberships"
    mine = FilteredRelation(members, condition=Q(**{f"{members}__user": reader}))
    here = Membership.objects.filter(space=OuterRef(f"{at}pk"))
    columns = [
        Exists(here.current().filter(user=reader)),
        Rows(_StaffRole, Staff.objects.filter(user=reader).order_by("pk")),
        Rows(BadgedMember, badged_members(here).order_by("pk")),
        *(f"mine__{name}" for name in memberships.columns),
    ]
    rows, more = beside.add(rows.annotate(mine=mine), reader, at=at)
    return rows, [*columns, *more]


def know_standing(space: Space, reader: "User", values: Sequence[Any]) -> None:
    """Keep what `with_standing` loaded for this space, so that nothing on its page asks for it."""
    is_member, staff, badged, *values = values
    membership, more = values[: len(memberships.columns)], values[len(memberships.columns) :]
    standing_of(reader).know(space, membership_of_row(membership, space) if is_member else None, staff)
    know_badged(space, badged)
    beside.hand_out(space, reader, more)


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
