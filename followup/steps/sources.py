"""Where steps come from: a subject registers a source that finds who took which step in which month.

Adding a step, or another way to take one, is one registration. A step cannot be set in any other way.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import CharField, Q, QuerySet, Value
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common import statements
from community.posts import counting
from community.posts.counting import Name
from followup.courses.models import Step


class Taking(NamedTuple):
    """Rows each of which takes a step, and the lookups of their space and of the person."""

    step: Step
    rows: QuerySet[Any]
    space: str
    user: str

    @property
    def named(self) -> Value:
        """The step as a column."""
        return Value(self.step.value, CharField())


@dataclass(frozen=True)
class StepSource:
    """The steps that a source finds, each with its label once taken, and the function that tells in which
    rows it finds them."""

    steps: Mapping[Step, "str | Promise"]
    find: Callable[[], Iterable[Taking]]


_sources: dict[str, StepSource] = {}


def register_source(name: str, source: StepSource) -> None:
    """Add a source to every list and figure of steps. Registering a name again replaces it."""
    _sources[name] = source
    statements.clear()


def source_names() -> tuple[str, ...]:
    """The names of the sources: a shape for statements of steps."""
    return tuple(_sources)


def available_steps() -> dict[Step, str]:
    """The steps that can be taken, in their order, each with its label once it is taken."""
    labels = {step: str(label) for source in _sources.values() for step, label in source.steps.items()}
    return {step: labels[step] for step in Step if step in labels}


def takings(names: Iterable[str], among: Callable[[str, str], Q]) -> list[Taking]:
    """What these sources find. `among` says of which spaces and people, by the lookups of space and user."""
    found = [taking for name in names for taking in _sources[name].find()]
    return [each._replace(rows=each.rows.filter(among(each.space, each.user)).order_by()) for each in found]


STEP_OF_POST = {Name.TRIED: Step.TRIED, Name.SHARED: Step.SHARED}
"""The step that is taken by writing a post that counts under this name."""


def _from_posts() -> Iterable[Taking]:
    for counted in counting.counted_as(*STEP_OF_POST):
        yield Taking(STEP_OF_POST[counted.name], counted.rows(), counted.space, "author")


def register() -> None:
    """Register what people post in a month's space as a source of its steps."""
    register_source("posts", StepSource({Step.TRIED: _("tried"), Step.SHARED: _("shared")}, _from_posts))
