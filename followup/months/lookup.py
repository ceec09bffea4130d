"""Finding the month of a request."""

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import Http404

from common.instances import Instances
from common.statements import statement
from community.spaces import actions as spaces
from community.spaces.lookup import MemberRequest
from followup.months.models import Month

if TYPE_CHECKING:
    from community.people.models import User

_months = Instances(Month, "space__institute", "course")


def month_or_404(request: MemberRequest, pk: int) -> Month:
    """The month if the reader may see it. Records their first visit. Raises Http404 otherwise."""
    row = _visible_month.first(request.user, pk)
    if row is None:
        raise Http404
    month = _months.made_of(row)
    spaces.record_first_visit(space=month.space, user=request.user)
    return month


@statement(tuple)
def _visible_month(user: "User", month: int) -> QuerySet[Any, Any]:
    return Month.objects.visible_to(user).filter(pk=month).values_list(*_months.columns)
