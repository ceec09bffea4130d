"""What an invitation to a follow-up or to train a course group says of it to who belongs there."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from common import clock
from common.collation import sorted_by_name
from community.people import destinations
from community.people.destinations import Destination, Purpose
from community.spaces.models import Membership
from followup.courses.models import Run
from followup.courses.roles import SpaceRole
from followup.months.models import Month
from followup.months.queries import is_trainer_promised

if TYPE_CHECKING:
    from community.people.models import User


def register() -> None:
    """Register how invitations to a follow-up and to a course group are described."""
    destinations.register("space", _of_space)
    destinations.register("run", _of_run)


def to_follow_up(run: Run, trainers: "Iterable[User]", last_day: dt.date, first_day: dt.date) -> Destination:
    """The description of a follow-up that is not open yet, for a preview."""
    return Destination(
        purpose=Purpose.FOLLOW_UP,
        institute=run.course.institute.name,
        trainers=_names(trainers),
        first_day=first_day,
        last_day=last_day,
    )


def follow_up_of(month: Month, user: "User | None" = None) -> Destination:
    """The description of a follow-up, for this user or for all who took the course."""
    training = Membership.objects.current().filter(space=month.space_id, role=SpaceRole.TRAINER)
    trainers = [each.user for each in training.filter(user__suspended_at=None).select_related("user")]
    trains = user is not None and user in trainers
    promised = trains or is_trainer_promised(month.extensions.all())
    return Destination(
        purpose=Purpose.TRAINING if trains else Purpose.FOLLOW_UP,
        institute=month.space.institute.name if month.space.institute else "",
        trainers=_names(each for each in trainers if each != user) if promised else (),
        first_day=month.opened_on,
        last_day=month.space.last_day,
        is_over=not month.space.is_open,
    )


def _of_space(user: "User", arguments: Mapping[str, Any]) -> Destination | None:
    month = _months().filter(space=arguments["pk"]).first()
    is_member = Membership.objects.current().filter(space=arguments["pk"], user=user).exists()
    return follow_up_of(month, user) if month and is_member else None


def _of_run(user: "User", arguments: Mapping[str, Any]) -> Destination | None:
    run = Run.objects.select_related("course__institute").filter(pk=arguments["pk"]).first()
    trainers = [each.user for each in run.trainers.select_related("user")] if run else []
    if run is None or user not in trainers:
        return None
    month = _months().filter(month_runs__run=run, space__closes_at__gt=clock.now()).first()
    if month is not None and (about := follow_up_of(month, user)).purpose == Purpose.TRAINING:
        return about
    return Destination(
        purpose=Purpose.TRAINING,
        institute=run.course.institute.name,
        trainers=_names(each for each in trainers if each != user),
    )


def _months() -> QuerySet[Month]:
    return Month.objects.select_related("space__institute").prefetch_related("extensions")


def _names(people: "Iterable[User]") -> tuple[str, ...]:
    return tuple(each.name for each in sorted_by_name(list(people), lambda user: user.name))
