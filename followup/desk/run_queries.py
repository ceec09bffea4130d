"""The course groups on a desk, and the state of each."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextChoices,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from common import clock
from common.instances import Instances
from common.statements import statement
from community.institutes.models import Institute, Staff
from community.spaces.kinds import Right
from community.spaces.models import Membership, Space
from community.spaces.permissions import standing_of
from followup.courses.models import Enrolment, Run, RunTrainer
from followup.months.models import Month

if TYPE_CHECKING:
    from community.people.models import User

spaces = Instances(Space)
RUN_MANAGERS = frozenset({Staff.Role.COORDINATOR.value, Staff.Role.OFFICE.value})
"""Roles that manage course groups and record completions."""
MONTH_VIEWERS = frozenset({Staff.Role.COORDINATOR.value, Staff.Role.EVALUATOR.value})
"""Roles that may see months; the office may not."""


class State(TextChoices):
    """The state of a course group."""

    UPCOMING = "upcoming", _("upcoming")
    RUNNING = "running", _("under way")
    WAITING = "waiting", _("waiting for completions")
    OPEN = "open", _("month open")
    CLOSED = "closed", _("month closed")


def institutes_of(user: "User", roles: frozenset[str]) -> set[int]:
    """The institutes where the user has one of these roles; from the loaded rights, without a query."""
    return {institute for institute, role in standing_of(user).staff if role in roles}


def trained_spaces(user: "User") -> dict[int, Space]:
    """The spaces of months in which the user answers questions, by id; one query per request."""
    found: dict[int, Space] | None = user.__dict__.get("_trained_spaces")
    if found is None:
        trained = map(spaces.made_of, _trained_spaces(user))
        found = user.__dict__["_trained_spaces"] = {space.pk: space for space in trained}
    return found


@statement(tuple)
def _trained_spaces(user: "User") -> QuerySet[Any, Any]:
    trained = Space.objects.filter(pk__in=_answering(user).values("space"))
    return trained.order_by("pk").values_list(*spaces.columns)


def _answering(user: "User") -> QuerySet[Membership]:
    members = Membership.objects.current().with_right(Right.ANSWER)
    return members.filter(user=user, space__kind=Month.SPACE_KIND)


def has_desk(user: "User") -> Combinable:
    """A condition: whether the user is staff of an institute or a trainer."""
    staff = Staff.objects.filter(user=user)
    return Exists(staff) | Exists(_answering(user)) | Exists(RunTrainer.objects.filter(user=user))


def managed_runs(user: "User") -> QuerySet[Run]:
    """The course groups that the user manages."""
    return Run.objects.filter(course__institute__in=institutes_of(user, RUN_MANAGERS))


def with_state(runs: QuerySet[Run]) -> QuerySet[Any]:
    """Annotate `state`, and the dates `today` and `soon` in the institute's time zone."""
    zones = time_zones()
    has_incomplete = Exists(Enrolment.objects.filter(run=OuterRef("pk"), completed_at=None))
    completions_missing = Q(completed_at=None, ends_on__lt=F("today")) & (Q(month_run=None) | has_incomplete)
    state = Case(
        When(month_run__month__space__closes_at__lte=clock.now(), then=Value(State.CLOSED)),
        When(completions_missing, then=Value(State.WAITING)),
        When(month_run__isnull=False, then=Value(State.OPEN)),
        When(starts_on__gt=F("today"), then=Value(State.UPCOMING)),
        When(ends_on__gte=F("today"), then=Value(State.RUNNING)),
        default=Value(State.WAITING),
        output_field=CharField(),
    )
    return runs.annotate(today=_days_on(zones, 0), soon=_days_on(zones, 7)).annotate(state=state)


@statement(str)
def time_zones() -> QuerySet[Any, Any]:
    """The time zones of all institutes."""
    return Institute.objects.order_by().values_list("time_zone", flat=True).distinct()


def _days_on(zones: list[str], days: int) -> Case:
    """The date `days` from now in each institute's time zone."""
    cases = [
        When(course__institute__time_zone=zone, then=Value(clock.today(zone) + dt.timedelta(days)))
        for zone in zones
    ]
    return Case(*cases, default=Value(clock.today("UTC") + dt.timedelta(days)), output_field=DateField())


def state_counts(runs: QuerySet[Any]) -> list[tuple[State, int]]:
    """The number of runs in each state that occurs. Needs `with_state`."""
    counted = dict(runs.order_by().values_list("state").annotate(total=Count("pk")))
    return [(state, counted[state]) for state in State if state in counted]
