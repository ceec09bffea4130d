"""The steps of each participant: those that the sources find, and those that they reported."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value

from common.collation import sorted_by_name
from common.expressions import is_set
from common.privacy import SMALLEST_GROUP_SHOWN
from common.statements import statement
from community.spaces.models import Membership, MembershipQuerySet
from followup.courses.models import Step
from followup.courses.roles import SpaceRole
from followup.months.contributors import register_contributors
from followup.months.models import Month
from followup.steps.models import StepTold
from followup.steps.sources import available_steps, source_names, takings

if TYPE_CHECKING:
    from community.people.models import User


MOST_TOLD = 50
"""How many of the steps that others told are shown."""


class Taken(NamedTuple):
    """A step that somebody took; with a sentence if they reported it, see `StepTold`."""

    user: int
    step: str
    sentence: str
    trainer_only: bool


@dataclass
class Steps:
    """One person's steps in a month: those taken, and those reported in a sentence."""

    taken: set[str] = field(default_factory=set)
    reported: dict[str, Taken] = field(default_factory=dict)

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
    reported: Taken | None
    label_when_taken: str

    @property
    def label(self) -> str:
        """Its name: "tried" once it is taken, before that "try one thing"."""
        return self.label_when_taken if self.taken else str(self.step.label)


def steps_of(month: Month, user: "User") -> Steps:
    """The steps of one person in a month."""
    return _by_user(_taken_by(user, month.space_id, sources=source_names()))[user.pk]


def steps_in(month: Month) -> Mapping[int, Steps]:
    """The steps of all participants who were not dismissed, by user id; none for any other id."""
    return _by_user(_taken_in(month.space_id, sources=source_names()))


def _by_user(rows: Iterable[Taken]) -> Mapping[int, Steps]:
    found: dict[int, Steps] = defaultdict(Steps)
    for row in rows:
        found[row.user].taken.add(row.step)
        if row.sentence:
            found[row.user].reported[row.step] = row
    return found


@statement(Taken)
def _taken_by(user: "User", space: int, *, sources: Any) -> QuerySet[Any, Any]:
    return _taken(sources, lambda in_space, by: Q(**{in_space: space, by: user}))


@statement(Taken)
def _taken_in(space: int, *, sources: Any) -> QuerySet[Any, Any]:
    here = _participants(space).values("user")
    return _taken(sources, lambda in_space, by: Q(**{in_space: space, f"{by}__in": here}))


def _taken(sources: Any, among: Callable[[str, str], Q]) -> QuerySet[Any, Any]:
    told = StepTold.objects.filter(among("month__space", "user"))
    nothing, no = Value("", CharField()), Value(False)
    done = [
        taking.rows.values_list(taking.user, taking.named, nothing, no).distinct()
        for taking in takings(sources, among)
    ]
    return told.values_list("user", "step", "sentence", "trainer_only").union(*done, all=True)


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


def _participants(space: int) -> MembershipQuerySet:
    """The memberships of the participants of a space who were not dismissed."""
    return Membership.objects.filter(space=space, role=SpaceRole.PARTICIPANT, dismissed_at=None)


@statement(Participant)
def participants_in(space: int) -> QuerySet[Any, Any]:
    """The participants of a month's space who were not dismissed."""
    return (
        _participants(space)
        .order_by("pk")
        .values_list(
            "user_id",
            "user__name",
            "user__language",
            is_set("awaiting_until"),
            "reads_along",
            is_set("came_in_at"),
            Exists(Membership.objects.current().filter(pk=OuterRef("pk"))),
        )
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
