"""The steps of each participant: those that the sources find, and those that they reported."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from common.collation import sorted_by_name
from common.expressions import is_set
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


MOST_TOLD = 50
"""How many of the steps that others told are shown."""


class Told(NamedTuple):
    """A step that somebody reported, see `StepTold`."""

    month: int
    user: int
    step: str
    sentence: str
    trainer_only: bool


@dataclass
class Steps:
    """One person's steps in a month: those taken, and those reported in a sentence."""

    taken: set[str] = field(default_factory=set)
    reported: dict[str, Told] = field(default_factory=dict)

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
    reported: Told | None
    label_when_taken: str

    @property
    def label(self) -> str:
        """Its name: "tried" once it is taken, before that "try one thing"."""
        return self.label_when_taken if self.taken else str(self.step.label)


def steps_of(month: Month, users: Collection[int]) -> dict[int, Steps]:
    """The steps of these people in one month, by user id. One query, and those of the sources."""
    found = {pk: Steps() for pk in users}
    for taken in find_taken([month], users):
        if taken.user in found:  # a source may find more
            found[taken.user].taken.add(taken.step)
    for told in _told(month.pk, list(found)):
        found[told.user].taken.add(told.step)
        found[told.user].reported[told.step] = told
    return found


@statement(Told)
def _told(month: int, users: list[int]) -> QuerySet[Any, Any]:
    told = StepTold.objects.filter(month=month, user__among=users)
    return told.values_list("month_id", "user_id", "step", "sentence", "trainer_only")


class Participant(NamedTuple):
    """A participant of a month, for the list of who is where."""

    user: int
    name: str
    language: str
    awaiting: bool
    reads_along: bool
    came_in: bool
    is_current: bool
    """Whether they are still here: who awaits a confirmation may have waited too long."""


def participants_of(month: Month) -> list[Participant]:
    """The participants of this month who were not dismissed."""
    return _participants_in(month.space_id)


@statement(Participant)
def _participants_in(space: int) -> QuerySet[Any, Any]:
    members = Membership.objects.filter(space=space, role=SpaceRole.PARTICIPANT, dismissed_at=None)
    return members.order_by("pk").values_list(
        "user_id",
        "user__name",
        "user__language",
        is_set("awaiting_until"),
        "reads_along",
        is_set("came_in_at"),
        Exists(Membership.objects.current().filter(pk=OuterRef("pk"))),
    )


class ParticipantRow(NamedTuple):
    """A row of the list of who is where: plain values, of which a kept piece can be drawn."""

    person: Participant
    steps: tuple[tuple[str, bool, str, bool], ...]
    """Of each step: its name, whether it was taken, what was reported, and whether for the trainer alone."""


def rows_of(participants: Iterable[Participant], steps: Mapping[int, Steps]) -> tuple[ParticipantRow, ...]:
    """The rows of those who are still here, by name."""
    here = [person for person in participants if person.is_current]
    return tuple(
        ParticipantRow(person, tuple(_cell(row) for row in steps[person.user].rows()))
        for person in sorted_by_name(here, lambda person: person.name)
    )


def _cell(row: StepRow) -> tuple[str, bool, str, bool]:
    told = row.reported
    return row.step.value, row.taken, told.sentence if told else "", told is not None and told.trainer_only


class ToldToAll(NamedTuple):
    """A step that somebody told everybody."""

    step: str
    sentence: str
    name: str
    language: str


@statement(ToldToAll)
def told_to_all(user: "User", month: int, steps: list[str]) -> QuerySet[Any, Any]:
    """The newest of these steps that others than the user told everybody."""
    told = StepTold.objects.filter(month=month, trainer_only=False, step__among=steps).exclude(user=user)
    columns = ("step", "sentence", "user__name", "user__language")
    return told.order_by("-told_at").values_list(*columns)[:MOST_TOLD]


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
