"""Finding the month of a request."""

from django.shortcuts import get_object_or_404

from community.spaces import actions as spaces
from community.spaces.lookup import MemberRequest
from followup.months.models import Month


def month_or_404(request: MemberRequest, pk: int) -> Month:
    """The month if the reader may see it. Records their first visit. Raises Http404 otherwise."""
    months = Month.objects.visible_to(request.user).select_related("space__institute", "course")
    month = get_object_or_404(months, pk=pk)
    spaces.record_first_visit(space=month.space, user=request.user)
    return month
