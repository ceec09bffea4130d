"""What Today shows to institute staff: missing completions, and months that open or close."""

import datetime as dt
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.functions import RowNumber
from django.utils.safestring import SafeString

from common import clock, moments
from common.statements import statement
from community.people.invitation_queries import did_not_arrive
from followup.courses.models import CompletionBatch, Enrolment, Run
from followup.courses.queries import counts_of
from followup.desk.member_spaces import CLOSES_SOON_WITHIN
from followup.desk.queries import of_newest_run, with_label
from followup.desk.run_queries import (
    MONTH_VIEWERS,
    RUN_MANAGERS,
    LocalDays,
    State,
    date_there,
    institutes_of,
    local_days,
    with_state,
)
from followup.months.dates import last_day_before
from followup.months.models import Month
from followup.months.queries import without_trainer

if TYPE_CHECKING:
    from community.people.models import User

ROWS_SHOWN = 8
"""Rows of each kind on Today; the desk lists all."""
SOON_DAYS = 7
"""How near the last day of a course group is that Today lists."""
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


class RunToSee(NamedTuple):
    """A course group that waits for its completions, or whose last day is near."""

    pk: int
    title: str
    label: str
    place: str
    ends_on: dt.date
    state: str


@statement(RunToSee)
def runs_to_see(
    institutes: list[int],
    behind: list[str],
    ahead: list[str],
    yesterday: dt.date,
    today: dt.date,
    tomorrow: dt.date,
    soon_yesterday: dt.date,
    soon_today: dt.date,
    soon_tomorrow: dt.date,
) -> QuerySet[Any, Any]:
    """A few of the course groups of these institutes that wait for completions, the longest waiting first,
    and of those that have not ended but do so soon. The days are those of `local_days`, now and later."""
    now = LocalDays(behind, ahead, yesterday, today, tomorrow)
    soon = LocalDays(behind, ahead, soon_yesterday, soon_today, soon_tomorrow)
    runs = with_state(Run.objects.filter(course__institute__among=institutes), now)
    is_near = Q(state__in=[State.UPCOMING, State.RUNNING], ends_on__lte=date_there(soon))
    order = [F("ends_on"), F("pk")]
    sort = Case(When(state=State.WAITING, then=Value(0)), default=Value(1))
    ranked = runs.filter(Q(state=State.WAITING) | is_near).annotate(
        rank=Window(RowNumber(), partition_by=sort, order_by=order)
    )
    shown = ranked.filter(rank__lte=ROWS_SHOWN).order_by("ends_on", "pk")
    return shown.values_list("pk", "course__title", "label", "place", "ends_on", "state")


class ShownRun(NamedTuple):
    """A course group with its figures, as a piece shows it."""

    pk: int
    title: str
    about: str
    last_day: SafeString | str
    is_waiting: bool
    enrolled: int
    completed: int


class RefusedRows(NamedTuple):
    """A list of completions of which rows were refused, and how many."""

    batch: int
    title: str
    file_name: str
    number: int


class JSONLength(Func):
    """The number of elements of a JSON array."""

    function = "JSON_ARRAY_LENGTH"
    output_field = IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSONB_ARRAY_LENGTH")


@statement(RefusedRows)
def refused_rows(institutes: list[int]) -> QuerySet[Any, Any]:
    """The newest list of each course group of these institutes, if rows of it were refused lately and no
    later one followed."""
    later = CompletionBatch.objects.filter(
        run=OuterRef("run"), undone_at=None, started_at__gt=OuterRef("started_at")
    )
    recent = CompletionBatch.objects.filter(
        run__course__institute__among=institutes,
        undone_at=None,
        applied_at__gt=clock.now() - CORRECTION_OFFERED_FOR,
    )
    newest = recent.annotate(number=JSONLength("refused")).filter(number__gt=0).exclude(Exists(later))
    shown = newest.order_by("-applied_at")
    return shown.values_list("pk", "run__course__title", "file_name", "number")[:ROWS_SHOWN]


class Coordinating:
    """The part of Today for coordinators and office; the number of queries does not grow with institutes."""

    def __init__(self, user: "User", *, has_desk: bool) -> None:
        self.user = user
        self.has_desk = has_desk

    @property
    def is_shown(self) -> bool:
        """Whether the user manages course groups at all."""
        return self.has_desk and bool(self._managed)

    @property
    def waiting(self) -> list[ShownRun]:
        """Course groups that are over and have no completions, the longest waiting first."""
        return [run for run in self._listed if run.is_waiting]

    @property
    def opening(self) -> list[ShownRun]:
        """Course groups whose last day is near."""
        return [run for run in self._listed if not run.is_waiting]

    @cached_property
    def _listed(self) -> list[ShownRun]:
        days = local_days()
        runs = runs_to_see(self._managed, *days, *days.after(SOON_DAYS))
        counts = counts_of([run.pk for run in runs])
        return [
            ShownRun(
                pk=run.pk,
                title=run.title,
                about=" · ".join(filter(None, (run.label, run.place))),
                last_day=moments.day(run.ends_on),
                is_waiting=run.state == State.WAITING,
                enrolled=counts[run.pk].enrolled,
                completed=counts[run.pk].completed,
            )
            for run in runs
        ]

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
    def refused(self) -> list[RefusedRows]:
        """The newest list of a course group, if rows were refused and no later one followed."""
        return refused_rows(self._managed)

    @cached_property
    def undelivered(self) -> list[UndeliveredRun]:
        """Course groups in which invitations did not arrive, the newest first."""
        return undelivered_runs(self._managed)

    @cached_property
    def _managed(self) -> list[int]:
        return sorted(institutes_of(self.user, RUN_MANAGERS))

    @property
    def waits(self) -> bool:
        """Whether anything is listed."""
        if not self.is_shown:
            return False
        missing = self.waiting or self.refused or self.undelivered or self.months_without_trainer
        return bool(missing or self.opening or self.closing)
