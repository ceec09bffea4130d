"""The weekly prompts of a month: the course's own, or the standard four.

They are written as rows when the month opens, in the language of its course, and never change after that:
neither a later edit of the course nor a moved end changes what has already been sent.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from django.utils import translation
from django.utils.translation import gettext

from common import clock
from followup.courses.models import Course, Step
from followup.months import dates
from followup.months.models import Month, MonthPrompt

MAX_DELAY = dt.timedelta(days=7)
"""How late a prompt may still be sent."""


@dataclass(frozen=True)
class PromptText:
    """The text of one prompt."""

    step: str
    title: str
    text: str


def standard() -> list[PromptText]:
    """The four prompts of a course without its own, in the active language."""
    return [
        PromptText(
            Step.TRIED,
            gettext("Try one thing"),
            gettext(
                "Choose one thing from the course and try it in your own work: in a lesson, with a group, "
                "in the office. Small is enough."
            ),
        ),
        PromptText(
            Step.SHARED,
            gettext("Share how it went"),
            gettext(
                "Write up what you tried and what came of it, well or badly. A title and a few lines are "
                "enough for someone to build on."
            ),
        ),
        PromptText(
            Step.PASSED_ON,
            gettext("Pass it on in school"),
            gettext(
                "Tell one colleague, or a few, what you brought home from the course. Ten minutes in the "
                "staffroom count."
            ),
        ),
        PromptText(
            Step.LOOKED_BACK,
            gettext("Look back"),
            gettext(
                "What will stay in your work, and what would you do differently next time? Ask whatever "
                "is still open while the trainer is available."
            ),
        ),
    ]


def prompt_texts_of(course: Course) -> list[PromptText]:
    """The prompts of this course's months, in order, in the course's language."""
    own = [PromptText(prompt.step, prompt.title, prompt.text) for prompt in course.weekly_prompts.all()]
    if own:
        return own
    with translation.override(course.language):
        return standard()


def create_prompts(month: Month, last_day: dt.date) -> list[MonthPrompt]:
    """Create the month's prompts, each on its day."""
    texts = prompt_texts_of(month.course)
    days = dates.prompt_days(month.opened_on, last_day, len(texts))
    return MonthPrompt.objects.bulk_create(
        MonthPrompt(month=month, position=position, on=day, step=text.step, title=text.title, text=text.text)
        for position, (day, text) in enumerate(zip(days, texts, strict=True))
    )


class Dated(Protocol):
    """A prompt, or what is shown of one."""

    @property
    def on(self) -> dt.date:
        """Its first day."""
        ...


D = TypeVar("D", bound=Dated)


def current(prompts: Sequence[D], zone: str) -> D | None:
    """The prompt of today in the zone: the newest whose day has come; None before the first."""
    today = clock.today(zone)
    return next((prompt for prompt in reversed(prompts) if prompt.on <= today), None)
