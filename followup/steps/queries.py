"""The steps of each participant: those that the sources find, and those that they reported."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from common.privacy import SMALLEST_GROUP_SHOWN
from common.statements import statement
from community.spaces.models import Membership
from followup.courses.models import Step
from followup.courses.roles import SpaceRole
from followup.months.contributors import register_contributors
from followup.months.models import Month
from followup.steps.models import StepTold
from followup.steps.sources import available_steps, find_taken

if TYPE_CHECKING:
    from community.people.models import User


@dataclass
class Steps:
    """One person's steps in a month: those taken, and those reported in a sentence."""

    taken: set[str] = field(default_factory=set)
    reported: dict[str, StepTold] = field(default_factory=dict)

    @property
    def tried(self) -> bool:
        return Step.TRIED in self.taken

    @property
    def shared(self) -> bool:
        return Step.SHARED in self.taken

    def rows(self) -> "list[StepRow]":
        """A row for each step that can be taken."""
        return [
            StepRow(step, step in self.taken, self.reported.get(step), label)
            for step, label in available_steps().items()
        ]


@dataclass(frozen=True)
class StepRow:
    """One step of a person: whether it was taken, and what they reported about it."""

    step: Step
    taken: bool
    reported: StepTold | None
    label_when_taken: str

    @property
    def label(self) -> str:
        """Its name: "tried" once it is taken, before that "try one thing"."""
        return self.label_when_taken if self.taken else str(self.step.label)


def steps_of(month: Month, users: "Iterable[User]") -> dict[int, Steps]:
    """The steps of these people in one month, by user id. One query, and those of the sources."""
    ids = {user.pk for user in users}
    found = _find([month], ids)
    return {pk: found[month.pk, pk] for pk in ids}


def own_steps(user: "User", months: Collection[Month]) -> dict[int, Steps]:
    """The steps that one person took in these months, by month id, without what they reported about them.
    One query, and those of the sources."""
    found = {month.pk: Steps() for month in months}
    for taken in find_taken(months, [user.pk]):
        found[taken.month].taken.add(taken.step)
    for month, step in _reported_steps(user, list(found)):
        found[month].taken.add(step)
    return found


@statement(tuple)
def _reported_steps(user: "User", months: list[int]) -> QuerySet[Any, Any]:
    return StepTold.objects.filter(user=user, month__among=months).values_list("month", "step")


def _find(months: Collection[Month], users: Collection[int]) -> defaultdict[tuple[int, int], Steps]:
    """The steps of each user in each month, by the ids of both."""
    found: defaultdict[tuple[int, int], Steps] = defaultdict(Steps)
    for taken in find_taken(months, users):
        found[taken.month, taken.user].taken.add(taken.step)
    for reported in StepTold.objects.filter(month__in=[month.pk for month in months], user__in=users):
        found[reported.month_id, reported.user_id].taken.add(reported.step)
        found[reported.month_id, reported.user_id].reported[reported.step] = reported
    return found


def participants_of(month: Month) -> "list[User]":
    """The current participants of this month."""
    current = Membership.objects.filter(space=month.space_id, role=SpaceRole.PARTICIPANT, dismissed_at=None)
    return [membership.user for membership in current.select_related("user")]


def counts(steps: Iterable[Steps]) -> dict[str, int]:
    """How many took each step, without the steps of fewer people than may be shown."""
    numbers: dict[str, int] = defaultdict(int)
    for person in steps:
        for step in person.taken:
            numbers[step] += 1
    return {step: number for step, number in numbers.items() if number >= SMALLEST_GROUP_SHOWN}


def register() -> None:
    """Register those who reported a step as contributors."""
    register_contributors(
        "steps", lambda month: set(StepTold.objects.filter(month=month).values_list("user", flat=True))
    )
