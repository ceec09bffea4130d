"""Where steps come from: a subject registers a source that finds who took which step in which month.

Adding a step, or another way to take one, is one registration. A step cannot be set in any other way.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from community.posts import counting
from community.posts.counting import Name
from followup.courses.models import Step
from followup.months.models import Month


class TakenStep(NamedTuple):
    """A step that a user took in a month, by their ids."""

    month: int
    user: int
    step: Step


@dataclass(frozen=True)
class StepSource:
    """The steps that a source finds, each with its label once taken, and the function that finds them.

    `find(months, user ids)` must not run a query per month or user.
    """

    steps: Mapping[Step, "str | Promise"]
    find: Callable[[Collection[Month], Collection[int]], Iterable[TakenStep]]


_sources: dict[str, StepSource] = {}


def register_source(name: str, source: StepSource) -> None:
    """Add a source to every list and figure of steps. Registering a name again replaces it."""
    _sources[name] = source


def available_steps() -> dict[Step, str]:
    """The steps that can be taken, in their order, each with its label once it is taken."""
    labels = {step: str(label) for source in _sources.values() for step, label in source.steps.items()}
    return {step: labels[step] for step in Step if step in labels}


def find_taken(months: Collection[Month], users: Collection[int]) -> Iterable[TakenStep]:
    """The steps that these users took in these months, some perhaps more than once."""
    for source in _sources.values():
        yield from source.find(months, users)


STEP_OF_POST = {Name.TRIED: Step.TRIED, Name.SHARED: Step.SHARED}
"""The step that is taken by writing a post that counts under this name."""


def _from_posts(months: Collection[Month], users: Collection[int]) -> Iterable[TakenStep]:
    month_of = {month.space_id: month.pk for month in months}
    for name, space, author in counting.authors(STEP_OF_POST, spaces=month_of, users=users):
        yield TakenStep(month_of[space], author, STEP_OF_POST[name])


def register() -> None:
    """Register what people post in a month's space as a source of its steps."""
    register_source("posts", StepSource({Step.TRIED: _("tried"), Step.SHARED: _("shared")}, _from_posts))
