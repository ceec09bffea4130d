"""Course groups as a desk sees them: whose they are, and how far each has come."""

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
from django.utils.translation import gettext_lazy as _

from common import clock
from community.institutes.models import Institute, Staff
from community.spaces.models import Membership
from community.spaces.permissions import standing_of
from followup.courses.models import Enrolment, Run, RunTrainer

if TYPE_CHECKING:
    from community.people.models import User

KEEPERS = frozenset({Staff.Role.COORDINATOR.value, Staff.Role.OFFICE.value})
"""Roles that bring completions in."""
INSIDERS = frozenset({Staff.Role.COORDINATOR.value, Staff.Role.EVALUATOR.value})
"""Roles that see the months too; the office has course groups and completions only."""


class State(TextChoices):
    """How far a course group has come."""

    UPCOMING = "upcoming", _("upcoming")
    RUNNING = "running", _("under way")
    WAITING = "waiting", _("waiting for completions")
    OPEN = "open", _("month open")
    CLOSED = "closed", _("month closed")


def institutes_of(user: "User", roles: frozenset[str]) -> set[int]:
    """Where the person works in one of these roles; no query beyond the standing."""
    return {institute for institute, role in standing_of(user).staff if role in roles}


def has_desk(user: "User") -> bool:
    """Whether there is anything to run: staff of an institute, or a trainer of some course group."""
    standing = standing_of(user)
    trains = any(one.role == Membership.Role.TRAINER for one in standing.memberships.values())
    return bool(standing.staff) or trains or RunTrainer.objects.filter(user=user).exists()


def runs_kept_by(user: "User") -> QuerySet[Run]:
    """Those of the institutes whose coordinator or office the person is."""
    return Run.objects.filter(course__institute__in=institutes_of(user, KEEPERS))


def with_state(runs: QuerySet[Run]) -> QuerySet[Any]:
    """The same, each with its `state`, and `today` and `soon` by the calendar of its institute."""
    zones = list(Institute.objects.order_by().values_list("time_zone", flat=True).distinct())
    lacking = Exists(Enrolment.objects.filter(run=OuterRef("pk"), completed_at=None))
    without_list = Q(completed_at=None, ends_on__lt=F("today")) & (Q(month_run=None) | lacking)
    state = Case(
        When(month_run__month__space__closes_at__lte=clock.now(), then=Value(State.CLOSED)),
        When(without_list, then=Value(State.WAITING)),
        When(month_run__isnull=False, then=Value(State.OPEN)),
        When(starts_on__gt=F("today"), then=Value(State.UPCOMING)),
        When(ends_on__gte=F("today"), then=Value(State.RUNNING)),
        default=Value(State.WAITING),
        output_field=CharField(),
    )
    return runs.annotate(today=_days_on(zones, 0), soon=_days_on(zones, 7)).annotate(state=state)


def with_counts(runs: QuerySet[Run]) -> QuerySet[Any]:
    """The same, each with how many are `enrolled`, and how many of them have `completed`."""
    done = Q(enrolments__completed_at__isnull=False)
    return runs.annotate(enrolled=Count("enrolments"), completed=Count("enrolments", filter=done))


def _days_on(zones: list[str], days: int) -> Case:
    """The date so many days from now, where each institute is."""
    here = [
        When(course__institute__time_zone=zone, then=Value(clock.today(zone) + dt.timedelta(days)))
        for zone in zones
    ]
    return Case(*here, default=Value(clock.today("UTC") + dt.timedelta(days)), output_field=DateField())


def state_counts(runs: QuerySet[Any]) -> list[tuple[State, int]]:
    """Each state with how many are in it; those that none is in are left out. Wants `with_state`."""
    counted = dict(runs.order_by().values_list("state").annotate(many=Count("pk")))
    return [(state, counted[state]) for state in State if state in counted]
