"""Figures of course groups."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q

from followup.courses.models import Enrolment, Run


def with_counts(runs: Iterable[Run]) -> list[Any]:
    """These course groups, each with how many are `enrolled`, `completed` and `joined`. One query.

    Call it with what is shown: an annotation would count the enrolments of all groups before it takes a page.
    """
    listed: list[Any] = list(runs)
    rows = Enrolment.objects.filter(run__in=[run.pk for run in listed]).order_by().values_list("run")
    done, joined = Q(completed_at__isnull=False), Q(user__joined_at__isnull=False)
    counted = rows.annotate(
        enrolled=Count("pk"), completed=Count("pk", filter=done), joined=Count("pk", filter=joined)
    )
    figures = {pk: numbers for pk, *numbers in counted}
    for run in listed:
        run.enrolled, run.completed, run.joined = figures.get(run.pk, (0, 0, 0))
    return listed
