"""What a month asks for week by week: the course's own prompts, or the standard four.

They are laid down as rows when the month opens, in the language of its course, and stay as they were then:
neither a later change of the course nor a moved end shifts what people have already been told.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext

from common import clock
from followup.courses.models import Course, Step
from followup.months import dates
from followup.months.models import Month, MonthPrompt


@dataclass(frozen=True)
class Ask:
    """One thing to ask for."""

    step: str
    title: str
    text: str


def standard() -> list[Ask]:
    """The four that stand where a course has none of its own, in the language that is active."""
    return [
        Ask(
            Step.TRIED,
            gettext("Try one thing"),
            gettext(
                "Choose one thing from the course and try it in your own work: in a lesson, with a group, "
                "in the office. Small is enough."
            ),
        ),
        Ask(
            Step.SHARED,
            gettext("Share how it went"),
            gettext(
                "Write down what you tried and what came of it, well or badly. A few lines in each of the "
                "four parts are enough for somebody to build on."
            ),
        ),
        Ask(
            Step.PASSED_ON,
            gettext("Pass it on in school"),
            gettext(
                "Tell one colleague, or a few, what you brought home from the course. Ten minutes in the "
                "staffroom count."
            ),
        ),
        Ask(
            Step.LOOKED_BACK,
            gettext("Look back"),
            gettext(
                "What will stay in your work, and what would you do differently next time? Ask what is still "
                "open while the trainer is on hand."
            ),
        ),
    ]


def asks_of(course: Course) -> list[Ask]:
    """What the months of this course ask for, in order, in the course's language."""
    own = [Ask(prompt.step, prompt.title, prompt.text) for prompt in course.weekly_prompts.all()]
    if own:
        return own
    with translation.override(course.language):
        return standard()


def lay_out(month: Month, last_day: dt.date) -> list[MonthPrompt]:
    """Write the month's prompts down, each on its day."""
    asks = asks_of(month.course)
    days = dates.prompt_days(month.opened_on, last_day, len(asks))
    return MonthPrompt.objects.bulk_create(
        MonthPrompt(month=month, position=position, on=day, step=ask.step, title=ask.title, text=ask.text)
        for position, (day, ask) in enumerate(zip(days, asks, strict=True))
    )


def current(prompts: Sequence[MonthPrompt], zone: str) -> MonthPrompt | None:
    """The one that is asked for today in the zone: the newest that has come."""
    today = clock.today(zone)
    return next((prompt for prompt in reversed(prompts) if prompt.on <= today), None)
