"""What Today shows to institute staff: missing completions, and months that open or close."""

import datetime as dt
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, QuerySet

from common import clock
from common.statements import statement
from community.people.invitation_queries import did_not_arrive
from followup.courses.models import CompletionBatch, Enrolment, Run
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
)
from followup.months.dates import last_day_before
from followup.months.models import Month
from followup.months.queries import without_trainer

if TYPE_CHECKING:
    from community.people.models import User

ROWS_SHOWN = 8
"""Rows of each kind on Today; the desk lists all."""
CORRECTION_OFFERED_FOR = dt.timedelta(days=14)
"""For this time Today offers to correct refused rows."""


class ClosingMonth(NamedTuple):
    """A month that closes soon."""

    space: int
    title: str
    closes_at: dt.datetime
    time_zone: str

    @property
    def last_day(self) -> dt.date:
        return last_day_before(self.closes_at, self.time_zone)


@statement(ClosingMonth)
def closing_months(institutes: list[int]) -> QuerySet[Any, Any]:
    """The months of these institutes that close within the week, the nearest first."""
    near = Month.objects.open().filter(
        space__institute__among=institutes, space__closes_at__lte=clock.now() + CLOSES_SOON_WITHIN
    )
    shown = near.order_by("space__closes_at", "pk")
    return shown.values_list("space", "space__title", "space__closes_at", "space__time_zone")[:ROWS_SHOWN]


class UnattendedMonth(NamedTuple):
    """An open month in which nobody is on hand; `label` and `run` are those of its newest course group."""

    space: int
    title: str
    trainer_by: dt.date | None
    label: str | None
    run: int | None


@statement(UnattendedMonth)
def unattended_months(institutes: list[int]) -> QuerySet[Any, Any]:
    """The open months of these institutes in which nobody is on hand."""
    months = Month.objects.open().filter(space__institute__among=institutes)
    found = with_label(without_trainer(months)).annotate(run=of_newest_run("pk"))
    shown = found.order_by("trainer_by", "pk")
    return shown.values_list("space", "space__title", "trainer_by", "label", "run")[:ROWS_SHOWN]


class UndeliveredRun(NamedTuple):
    """A course group in which invitations did not arrive, and how many."""

    pk: int
    title: str
    label: str
    undelivered: int


@statement(UndeliveredRun)
def undelivered_runs(institutes: list[int]) -> QuerySet[Any, Any]:
    """The course groups of these institutes in which invitations did not arrive, the newest first."""
    enrolled = Enrolment.objects.filter(run__course__institute__among=institutes, user__joined_at=None)
    failed = enrolled.filter(did_not_arrive("user__email")).order_by("-run__ends_on", "-run")
    return failed.values_list("run", "run__course__title", "run__label").annotate(total=Count("pk"))[
        :ROWS_SHOWN
    ]


class Coordinating:
    """The part of Today for coordinators and office; the number of queries does not grow with institutes."""

    def __init__(self, user: "User", *, has_desk: bool) -> None:
        self.user = user
        self.has_desk = has_desk

    @property
    def is_shown(self) -> bool:
        """Whether the user manages course groups at all."""
        return self.has_desk and bool(institutes_of(self.user, RUN_MANAGERS))

    @property
    def waiting(self) -> list[Run]:
        """Course groups that are over and have no completions, the longest waiting first."""
        return [run for run in self._listed if run.state == State.WAITING]

    @property
    def opening(self) -> list[Run]:
        """Course groups whose last day is near."""
        return [run for run in self._listed if run.state != State.WAITING]

    @cached_property
    def _listed(self) -> list[Any]:
        runs = with_state(managed_runs(self.user)).select_related("course__institute")
        in_order = runs.order_by("ends_on", "pk")
        near = in_order.filter(state__in=[State.UPCOMING, State.RUNNING], ends_on__lte=F("soon"))
        waiting = in_order.filter(state=State.WAITING)
        return with_counts([*waiting[:ROWS_SHOWN], *near[:ROWS_SHOWN]])

    @cached_property
    def closing(self) -> list[ClosingMonth]:
        """Months that close within the week."""
        return closing_months(self._institutes)

    @cached_property
    def months_without_trainer(self) -> list[UnattendedMonth]:
        """Open months of the user's institutes in which nobody is on hand."""
        return unattended_months(self._institutes)

    @property
    def _institutes(self) -> list[int]:
        return sorted(institutes_of(self.user, MONTH_VIEWERS & RUN_MANAGERS))

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
    def undelivered(self) -> list[UndeliveredRun]:
        """Course groups in which invitations did not arrive, the newest first."""
        return undelivered_runs(sorted(institutes_of(self.user, RUN_MANAGERS)))

    @property
    def waits(self) -> bool:
        """Whether anything is listed."""
        if not self.is_shown:
            return False
        missing = self.waiting or self.refused or self.undelivered or self.months_without_trainer
        return bool(missing or self.opening or self.closing)
