"""Finding the month of a request."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from common.instances import Instances
from community.spaces import lookup
from community.spaces.lookup import MemberRequest, space_or_404
from community.spaces.models import Space
from followup.months.models import Month

if TYPE_CHECKING:
    from community.people.models import User

_months = Instances(Month)


def month_or_404(request: MemberRequest, pk: int) -> Month:
    """The month with its space, if the reader may see it. Records their first visit. Raises Http404
    otherwise."""
    return space_or_404(request, pk, of="month").month


def register() -> None:
    """Register months to be loaded with their spaces."""
    lookup.beside.register(_add_month, _take_month)


def _add_month(rows: QuerySet[Any, Any], reader: "User", *, at: str) -> tuple[QuerySet[Any, Any], list[Any]]:
    return rows, [f"{at}month__{name}" for name in _months.columns]


def _take_month(space: Space, reader: "User", values: Iterator[Any]) -> None:
    row = list(islice(values, len(_months.columns)))
    if row[0] is not None:
        space.month = _months.made_of(row)
