"""The picture on the welcome page: a month on its twelfth day, as it looks to those in it."""

import datetime as dt

from common import clock
from followup.courses.models import Step
from followup.months import dates, prompts
from followup.overview.timeline import Prompt, Timeline

WRITTEN = (1, 0, 2, 1, 3, 0, 0, 1, 2, 2, 1, 1)
"""How much its people have written on each day so far."""


def sample_timeline() -> Timeline:
    """A month that nobody is in."""
    today = clock.today("UTC")
    first = today - dt.timedelta(days=len(WRITTEN) - 1)
    last = dates.last_day(first, 1)
    texts = prompts.standard()
    days = dates.prompt_days(first, last, len(texts))
    return Timeline(
        first=first,
        last=last,
        today=today,
        prompts=[
            Prompt(day, text.title, str(Step(text.step).label)) for day, text in zip(days, texts, strict=True)
        ],
        posts={first + dt.timedelta(days=day): count for day, count in enumerate(WRITTEN)},
    )
