"""Who is on hand in a month, and who is told when nobody is."""

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet

from common import clock
from common.collation import sorted_by_name
from community.institutes.models import Staff
from community.people.models import User
from community.spaces.models import Membership
from community.spaces.queries import Answerers, has_answerer
from followup.courses.models import Run
from followup.months.models import Extension, Month

if TYPE_CHECKING:
    from collections.abc import Iterable


def trainers_of(run: Run) -> Answerers:
    """Who will be on hand in the month of a run that opens now: its trainers who have joined."""
    trainers = run.trainers.filter(user__suspended_at=None).select_related("user").order_by("pk")
    people = sorted_by_name([trainer.user for trainer in trainers], lambda user: user.name)
    return Answerers(
        here=[user for user in people if user.joined_at],
        invited=[user for user in people if not user.joined_at],
    )


def without_trainer(months: "QuerySet[Month]") -> "QuerySet[Month]":
    """Those of these months in which nobody is on hand."""
    return months.exclude(_somebody_on_hand())


def with_outdated_record(months: "QuerySet[Month]") -> "QuerySet[Month]":
    """Those in which somebody is on hand again, or nobody any more, and that is not recorded."""
    unattended = ~_somebody_on_hand()
    return months.filter((unattended & Q(nobody_since=None)) | (~unattended & Q(nobody_since__isnull=False)))


def coordinators_of(month: Month) -> "list[User]":
    """The institute's coordinators who can be reached, in the order of their ids."""
    coordinates = Staff.objects.filter(institute=month.space.institute_id, role=Staff.Role.COORDINATOR)
    active = User.objects.filter(suspended_at=None, joined_at__isnull=False)
    return list(active.filter(pk__in=coordinates.values("user")).order_by("pk"))


def months_attended_by(user: User) -> "QuerySet[Month]":
    """The open months in which this user is on hand."""
    answering = Membership.objects.current().answering().filter(user=user)
    return Month.objects.open().filter(space__in=answering.values("space"))


def with_nobody_else(months: "QuerySet[Month]", user: User) -> "QuerySet[Month]":
    """Those of these months in which nobody else is on hand, but for people who will be erased too."""
    others = Membership.objects.current().answering().filter(space=OuterRef("space"))
    return months.exclude(Exists(others.filter(user__erasure_at=None).exclude(user=user)))


def is_trainer_promised(extensions: "Iterable[Extension]") -> bool:
    """Whether members may be told of the trainer at this time, given all extensions of the month, the newest
    last: in added time only after a trainer's yes."""
    now = clock.now()
    added = [extension for extension in extensions if extension.previous_closes_at <= now]
    return not added or added[-1].on_hand == Extension.OnHand.YES


def has_trainer(month: Month) -> bool:
    """Whether a trainer is on hand whom the members can ask."""
    return is_trainer_promised(month.extensions.all()) and has_answerer(month.space)


def run_of(month: Month) -> Run | None:
    """The newest course group of a month, on whose page a trainer is added."""
    runs: Iterable[Run] = Run.objects.filter(month_run__month=month).order_by("-ends_on", "-pk")[:1]
    return next(iter(runs), None)


def _somebody_on_hand() -> Exists:
    answering = Membership.objects.current().answering().filter(space=OuterRef("space"))
    return Exists(answering)
