"""The course groups on a desk, and the state of each."""

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DateField,
    Exists,
    ExpressionWrapper,
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
    WAITING = "waiting", _("completions not recorded yet")
    OPEN = "open", _("follow-up open")
    CLOSED = "closed", _("follow-up closed")


class LocalDays(NamedTuple):
    """Which day it is where: parameters of a statement."""

    behind: list[str]
    """Zones in which it is still the day before that of UTC."""
    ahead: list[str]
    """Zones in which it is the day after."""
    yesterday: dt.date
    today: dt.date
    tomorrow: dt.date

    def after(self, days: int) -> tuple[dt.date, dt.date, dt.date]:
        """The three dates so many days later."""
        later = dt.timedelta(days)
        return self.yesterday + later, self.today + later, self.tomorrow + later


def local_days() -> LocalDays:
    """The dates of today at all institutes."""
    now, here = clock.today("UTC"), {zone: clock.today(zone) for zone in time_zones()}
    day = dt.timedelta(days=1)
    return LocalDays(
        behind=[zone for zone, today in here.items() if today < now],
        ahead=[zone for zone, today in here.items() if today > now],
        yesterday=now - day,
        today=now,
        tomorrow=now + day,
    )


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


def _answering(user: "User | OuterRef") -> QuerySet[Membership]:
    members = Membership.objects.current().with_right(Right.ANSWER)
    return members.filter(user=user, space__kind=Month.SPACE_KIND)


def has_desk(user: "User") -> bool:
    """Whether the user is staff of an institute or a trainer, as it was when the request began."""
    known: bool | None = getattr(user, _HAS_DESK, None)
    return bool(_has_desk.first(user)) if known is None else known


def add_has_desk(people: QuerySet[Any, Any], reader: Any) -> tuple[QuerySet[Any, Any], list[Any]]:
    """What `take_has_desk` takes, loaded beside a person (`common.beside`)."""
    trained = RunTrainer.objects.filter(user=reader)
    has = Exists(Staff.objects.filter(user=reader)) | Exists(_answering(reader)) | Exists(trained)
    return people, [ExpressionWrapper(has, output_field=BooleanField())]


def take_has_desk(user: "User", _reader: Any, values: Iterator[Any]) -> None:
    """Know it for as long as a request."""
    setattr(user, _HAS_DESK, next(values))


_HAS_DESK = "_has_desk"


@statement(bool)
def _has_desk(user: "User") -> QuerySet[Any, Any]:
    people, columns = add_has_desk(get_user_model().objects.filter(pk=user.pk), OuterRef("pk"))
    return people.values_list(*columns)


@statement(tuple)
def listed_runs(
    user: "User",
    behind: list[str],
    ahead: list[str],
    yesterday: dt.date,
    today: dt.date,
    tomorrow: dt.date,
    *,
    searched: bool,
) -> QuerySet[Any, Any]:
    """The ids and states of the course groups whose page the user may see, the latest first; with the texts
    in which they are searched. The days are those of `local_days`."""
    runs = with_state(Run.objects.visible_to(user), LocalDays(behind, ahead, yesterday, today, tomorrow))
    texts = ["course__title", "label", "place"] if searched else []
    return runs.order_by("-ends_on", "-pk").values_list("pk", "state", *texts)


class RunOnDesk(NamedTuple):
    """A course group as the desk lists it."""

    pk: int
    title: str
    language: str
    institute: int
    institute_name: str
    label: str
    place: str
    ends_on: dt.date
    space: int | None
    trains: bool
    """Whether the reader answers questions in its month."""


@statement(RunOnDesk)
def runs_on_desk(user: "User", runs: list[int]) -> QuerySet[Any, Any]:
    """These course groups, in any order."""
    trains = Exists(_answering(user).filter(space=OuterRef("month_run__month__space")))
    return Run.objects.filter(pk__among=runs).values_list(
        "pk",
        "course__title",
        "course__language",
        "course__institute",
        "course__institute__name",
        "label",
        "place",
        "ends_on",
        "month_run__month__space",
        trains,
    )


def with_state(runs: QuerySet[Run], days: LocalDays) -> QuerySet[Any]:
    """Annotate `state`, and the date `here` in the institute's time zone."""
    has_incomplete = Exists(Enrolment.objects.filter(run=OuterRef("pk"), completed_at=None))
    completions_missing = Q(completed_at=None, ends_on__lt=F("here")) & (Q(month_run=None) | has_incomplete)
    state = Case(
        When(month_run__month__space__closes_at__lte=clock.now(), then=Value(State.CLOSED)),
        When(completions_missing, then=Value(State.WAITING)),
        When(month_run__isnull=False, then=Value(State.OPEN)),
        When(starts_on__gt=F("here"), then=Value(State.UPCOMING)),
        When(ends_on__gte=F("here"), then=Value(State.RUNNING)),
        default=Value(State.WAITING),
        output_field=CharField(),
    )
    return runs.annotate(here=date_there(days)).annotate(state=state)


def date_there(days: LocalDays) -> Case:
    """The date at the institute of a course group."""
    return Case(
        When(course__institute__time_zone__among=days.behind, then=Value(days.yesterday)),
        When(course__institute__time_zone__among=days.ahead, then=Value(days.tomorrow)),
        default=Value(days.today),
        output_field=DateField(),
    )


@statement(str)
def time_zones() -> QuerySet[Any, Any]:
    """The time zones of all institutes."""
    return Institute.objects.order_by().values_list("time_zone", flat=True).distinct()
