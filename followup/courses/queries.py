"""Figures of course groups."""

from typing import Any, NamedTuple

from django.db.models import Count, OuterRef, Q, QuerySet

from common.expressions import row_by_row
from common.statements import statement
from community.people.models import User
from followup.courses.models import Enrolment


class RunCounts(NamedTuple):
    """How many are enrolled in a course group, how many of them completed it, and how many have joined."""

    run: int
    enrolled: int = 0
    completed: int = 0
    joined: int = 0


@statement(RunCounts)
def _counts_of(runs: list[int]) -> QuerySet[Any, Any]:
    rows = Enrolment.objects.filter(run__among=runs).order_by().values_list("run")
    done = Q(completed_at__isnull=False)
    joined = Q(row_by_row(User.objects.filter(pk=OuterRef("user"), joined_at__isnull=False)))
    return rows.annotate(
        enrolled=Count("pk"), completed=Count("pk", filter=done), joined=Count("pk", filter=joined)
    )


def counts_of(runs: list[int]) -> dict[int, RunCounts]:
    """The figures of each of these course groups. One query.

    Call it with what is shown: an annotation would count the enrolments of all groups before it takes a page.
    """
    found = {run: RunCounts(run) for run in runs}
    if runs:
        found |= {counts.run: counts for counts in _counts_of(runs)}
    return found
