"""What Today shows to institute staff: missing completions, and months that open or close."""

import datetime as dt
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, OuterRef, QuerySet

from common import clock
from followup.courses.models import CompletionBatch, Run
from followup.courses.queries import with_counts
from followup.desk.member_spaces import CLOSES_SOON_WITHIN
from followup.desk.queries import of_newest_run, with_label
from followup.desk.run_queries import (
    MONTH_VIEWERS,
    RUN_MANAGERS,
    State,
    institutes_of,
    managed_runs,
    with_state,
    with_undelivered,
)
from followup.months.models import Month
from followup.months.queries import without_trainer

if TYPE_CHECKING:
    from community.people.models import User

ROWS_SHOWN = 8
"""Rows of each kind on Today; the desk lists all."""
CORRECTION_OFFERED_FOR = dt.timedelta(days=14)
"""For this time Today offers to correct refused rows."""


class Coordinating:
    """The part of Today for coordinators and office; the number of queries does not grow with institutes."""

    def __init__(self, user: "User") -> None:
        self.user = user

    @property
    def is_shown(self) -> bool:
        """Whether the user manages course groups at all."""
        return bool(institutes_of(self.user, RUN_MANAGERS))

    @cached_property
    def waiting(self) -> list[Run]:
        """Course groups that are over and have no completions, the longest waiting first."""
        return with_counts(self._runs.filter(state=State.WAITING).order_by("ends_on", "pk")[:ROWS_SHOWN])

    @cached_property
    def opening(self) -> list[Run]:
        """Course groups whose last day is near."""
        near = self._runs.filter(state__in=[State.UPCOMING, State.RUNNING], ends_on__lte=F("soon"))
        return with_counts(near.order_by("ends_on", "pk")[:ROWS_SHOWN])

    @cached_property
    def closing(self) -> list[Month]:
        """Months that close within the week."""
        viewed = Month.objects.filter(
            space__institute__in=institutes_of(self.user, MONTH_VIEWERS & RUN_MANAGERS)
        )
        near = viewed.open().filter(space__closes_at__lte=clock.now() + CLOSES_SOON_WITHIN)
        return list(near.select_related("space__institute").order_by("space__closes_at", "pk")[:ROWS_SHOWN])

    @cached_property
    def months_without_trainer(self) -> list[Month]:
        """Open months of the user's institutes in which nobody is on hand, each with the `run` to whose page
        a trainer is added and its `label`."""
        managed = MONTH_VIEWERS & RUN_MANAGERS
        months = Month.objects.open().filter(space__institute__in=institutes_of(self.user, managed))
        found = with_label(without_trainer(months)).annotate(run=of_newest_run("pk"))
        return list(found.select_related("space").order_by("trainer_by", "pk")[:ROWS_SHOWN])

    @cached_property
    def refused(self) -> list[CompletionBatch]:
        """The newest batch of a course group, if rows were refused and no later batch followed."""
        later = CompletionBatch.objects.filter(
            run=OuterRef("run"), undone_at=None, started_at__gt=OuterRef("started_at")
        )
        recent = CompletionBatch.objects.filter(
            run__in=managed_runs(self.user),
            undone_at=None,
            applied_at__gt=clock.now() - CORRECTION_OFFERED_FOR,
        )
        newest = recent.exclude(refused=[]).exclude(Exists(later)).select_related("run__course")
        return list(newest.order_by("-applied_at")[:ROWS_SHOWN])

    @cached_property
    def undelivered(self) -> list[Run]:
        """Course groups in which invitations did not arrive, with the number of them."""
        counts = dict(with_undelivered(self.user)[:ROWS_SHOWN])
        if not counts:
            return []
        runs: dict[int, Any] = Run.objects.select_related("course").in_bulk(counts)
        for pk, run in runs.items():
            run.undelivered = counts[pk]
        return [runs[pk] for pk in counts if pk in runs]

    @property
    def waits(self) -> bool:
        """Whether anything is listed."""
        if not self.is_shown:
            return False
        missing = self.waiting or self.refused or self.undelivered or self.months_without_trainer
        return bool(missing or self.opening or self.closing)

    @cached_property
    def _runs(self) -> QuerySet[Any]:
        return with_state(managed_runs(self.user)).select_related("course__institute")
