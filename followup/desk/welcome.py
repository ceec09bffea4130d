"""The sample timeline on the welcome page: a month on its twelfth day."""

import datetime as dt

from common import clock
from followup.courses.models import Step
from followup.months import dates, prompts
from followup.overview.timeline import Prompt, Timeline

POSTS_BY_DAY = (1, 0, 2, 1, 3, 0, 0, 1, 2, 2, 1, 1)
"""Posts on each day so far."""


def sample_timeline() -> Timeline:
    """A timeline of a made-up month."""
    today = clock.today("UTC")
    first = today - dt.timedelta(days=len(POSTS_BY_DAY) - 1)
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
        posts={first + dt.timedelta(days=day): count for day, count in enumerate(POSTS_BY_DAY)},
    )
