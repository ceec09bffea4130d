"""The figures of a month, for the closing summary and for those who see counts only."""

from collections.abc import Mapping
from typing import NamedTuple

from community.posts import counting
from community.posts.counting import Name
from followup.courses.models import Step
from followup.months.models import Month
from followup.steps.queries import Steps, counts


class Figures(NamedTuple):
    """Sums over a whole month. Those about people are None where they would be about fewer than five."""

    tried: int | None
    shared: int | None
    conversations: int
    questions: int
    answered: int
    practices: int


def figures_of(month: Month, everybody: Mapping[int, Steps]) -> Figures:
    """The figures of a month and its participants' steps; one query."""
    taken, count = counts(everybody.values()), counting.totals(month.space_id)
    return Figures(
        tried=taken.get(Step.TRIED),
        shared=taken.get(Step.SHARED),
        conversations=count[Name.CONVERSATION],
        questions=count[Name.QUESTION],
        answered=count[Name.ANSWERED],
        practices=count[Name.PRACTICE],
    )
