"""How far each participant has come, read off what they did or told by themselves; nobody else sets it.

Shared is a published practice, which was tried as well; tried is also a reply marked "I tried this".
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from community.posts import counting
from community.posts.counting import Name
from community.spaces.models import Membership
from followup.courses.models import Step
from followup.months.models import Month
from followup.steps.models import STEPS, StepTold

if TYPE_CHECKING:
    from community.people.models import User

DONE = {Step.TRIED: _("tried"), Step.SHARED: _("shared")}
"""How a step is called once it is taken."""
EVIDENCE = {Name.TRIED: Step.TRIED, Name.SHARED: Step.SHARED}
"""Which step a post that counts under a name shows to be taken."""
FEWEST = 5
"""A figure about fewer people than this is not shown: it would name them."""


@dataclass
class Steps:
    """One person's steps: those taken, and the sentences in which they told some of them."""

    taken: set[str] = field(default_factory=set)
    told: dict[str, StepTold] = field(default_factory=dict)

    @property
    def tried(self) -> bool:
        return Step.TRIED in self.taken

    @property
    def shared(self) -> bool:
        return Step.SHARED in self.taken

    def rows(self) -> "list[StepRow]":
        """Each step there is, for a list."""
        return [StepRow(step, step in self.taken, self.told.get(step)) for step in STEPS]


@dataclass(frozen=True)
class StepRow:
    """One step of a person: whether it was taken, and what they told of it."""

    step: Step
    taken: bool
    told: StepTold | None

    @property
    def word(self) -> str:
        """What it is called: "tried" once it is taken, before that "try one thing"."""
        return str(DONE[self.step] if self.taken else self.step.label)


def steps_of(month: Month, users: "Iterable[User]") -> dict[int, Steps]:
    """The steps of each of these people by their id; two queries, however many they are."""
    ids = {user.pk for user in users}
    found: dict[int, Steps] = {pk: Steps() for pk in ids}
    for name, _space, author in counting.authors(EVIDENCE, spaces=[month.space_id], users=ids):
        found[author].taken.add(EVIDENCE[name])
    for told in StepTold.objects.filter(month=month, user__in=ids):
        found[told.user_id].taken.add(told.step)
        found[told.user_id].told[told.step] = told
    return found


def participants_of(month: Month) -> "list[User]":
    """Everybody who takes the steps of this month now."""
    here = Membership.objects.filter(
        space=month.space_id, role=Membership.Role.PARTICIPANT, dismissed_at=None
    )
    return [membership.user for membership in here.select_related("user")]


def counts(steps: Iterable[Steps]) -> dict[str, int]:
    """How many have taken each step; a figure about fewer than five people is left out."""
    numbers: dict[str, int] = defaultdict(int)
    for one in steps:
        for step in one.taken:
            numbers[step] += 1
    return {step: number for step, number in numbers.items() if number >= FEWEST}


def own_steps(user: "User", months: Collection[Month]) -> dict[int, Steps]:
    """One person's steps in each of these months by its id; two queries, however many months there are."""
    by_space = {month.space_id: Steps() for month in months}
    found = {month.pk: by_space[month.space_id] for month in months}
    for name, space, _author in counting.authors(EVIDENCE, spaces=by_space, users=[user.pk]):
        by_space[space].taken.add(EVIDENCE[name])
    for told in StepTold.objects.filter(month__in=found, user=user):
        found[told.month_id].taken.add(told.step)
        found[told.month_id].told[told.step] = told
    return found
