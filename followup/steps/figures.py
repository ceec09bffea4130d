"""What came of a month, in figures, for the closing summary and for those who see counts only."""

from collections.abc import Mapping
from dataclasses import dataclass

from community.practices.models import Practice
from community.threads.models import Thread
from followup.courses.models import Step
from followup.months.models import Month
from followup.steps.queries import Steps, counts


@dataclass(frozen=True)
class Figures:
    """Sums over a whole month. Those about people are None where they would be about fewer than five."""

    tried: int | None
    shared: int | None
    conversations: int
    questions: int
    answered: int
    practices: int


def figures_of(month: Month, everybody: Mapping[int, Steps]) -> Figures:
    """The figures of a month and its participants' steps, in a number of queries that does not grow.

    Questions to the trainer only are counted nowhere: a sum can give one away.
    """
    taken = counts(everybody.values())
    threads = Thread.objects.published().filter(space=month.space_id, audience=Thread.Audience.EVERYONE)
    kinds = list(threads.values_list("kind", "answer", "answer__withdrawn_at"))
    questions = [answer and not gone for kind, answer, gone in kinds if kind == Thread.Kind.QUESTION]
    return Figures(
        tried=taken.get(Step.TRIED),
        shared=taken.get(Step.SHARED),
        conversations=len(kinds),
        questions=len(questions),
        answered=sum(1 for answer in questions if answer),
        practices=Practice.objects.published().filter(space=month.space_id).count(),
    )
