"""What came of a month, in figures, for the closing summary and for those who see counts only."""

from dataclasses import dataclass

from community.practices.models import Practice
from community.spaces.models import Membership
from community.threads.models import Thread
from followup.months.models import Month
from followup.months.steps import FEWEST, counts, steps_of


@dataclass(frozen=True)
class Figures:
    """Sums over a whole month. Those about people are None where they would be about fewer than five."""

    participants: int | None
    came_in: int | None
    tried: int | None
    shared: int | None
    conversations: int
    questions: int
    answered: int
    practices: int


def figures_of(month: Month) -> Figures:
    """The figures of a month, in a number of queries that does not grow.

    Questions to the trainer only are counted nowhere: a sum can give one away.
    """
    here = Membership.objects.filter(
        space=month.space_id, dismissed_at=None, role=Membership.Role.PARTICIPANT
    ).select_related("user")
    members = [membership for membership in here if not membership.is_awaiting]
    taken = counts(steps_of(month, [membership.user for membership in members]).values())
    threads = Thread.objects.standing_there().filter(space=month.space_id, audience=Thread.Audience.EVERYONE)
    kinds = list(threads.values_list("kind", "answer"))
    questions = [answer for kind, answer in kinds if kind == Thread.Kind.QUESTION]
    return Figures(
        participants=_shown(len(members)),
        came_in=_shown(sum(1 for membership in members if membership.came_in_at)),
        tried=taken.get("tried"),
        shared=taken.get("shared"),
        conversations=len(kinds),
        questions=len(questions),
        answered=sum(1 for answer in questions if answer),
        practices=Practice.objects.published().filter(space=month.space_id).count(),
    )


def _shown(number: int) -> int | None:
    return number if number >= FEWEST else None
