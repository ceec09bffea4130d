"""What the members of a month are told once, each on its day, laid down as rows for the jobs to do.

The first prompt has no occasion: it stands in the letter that tells people their month has opened.
"""

import datetime as dt

from common import clock
from followup.months import dates
from followup.months.models import Month, MonthPrompt, Occasion

AWAITING_DAYS = 14
"""Days for which somebody who is not confirmed yet is let in."""
NOTICE_DAYS = 7
"""Days before the end of that on which they are told."""

_OF_THE_END = (Occasion.Kind.WEEK_BEFORE, Occasion.Kind.DAY_BEFORE, Occasion.Kind.CLOSED)


def lay_out_prompts(month: Month, prompts: list[MonthPrompt]) -> None:
    """Every prompt but the first is told in the morning of its day."""
    zone = month.space.time_zone
    Occasion.objects.bulk_create(
        Occasion(
            month=month,
            kind=Occasion.Kind.PROMPT,
            position=prompt.position,
            due_at=dates.morning_of(prompt.on, zone),
        )
        for prompt in prompts
        if prompt.position
    )


def lay_out_end(month: Month) -> None:
    """Warn a week and a day before the end, and tell of the end itself.

    Called again after the end has moved: what was still to be told of the old end is not told any more. A
    warning whose morning has passed when the end is set is left out; the news of the new end says it already.
    """
    zone, last_day = month.space.time_zone, month.space.last_day
    Occasion.objects.filter(month=month, kind__in=_OF_THE_END, done_at=None).delete()
    due = {
        Occasion.Kind.WEEK_BEFORE: dates.morning_of(last_day - dt.timedelta(days=7), zone),
        Occasion.Kind.DAY_BEFORE: dates.morning_of(last_day - dt.timedelta(days=1), zone),
        Occasion.Kind.CLOSED: dates.closes_at(last_day, zone),
    }
    for kind, due_at in due.items():
        if due_at > clock.now():
            Occasion.objects.get_or_create(month=month, kind=kind, position=0, due_at=due_at)


def lay_out_confirmation(month: Month) -> dt.datetime:
    """Tell those let in as awaiting today before their fourteen days end, and when. Returns that moment."""
    zone = month.space.time_zone
    last_day = clock.today(zone) + dt.timedelta(days=AWAITING_DAYS)
    until = dates.closes_at(last_day, zone)
    due = {
        Occasion.Kind.CONFIRM_NOTICE: dates.morning_of(last_day - dt.timedelta(days=NOTICE_DAYS), zone),
        Occasion.Kind.CONFIRM_OVER: until,
    }
    for kind, due_at in due.items():
        Occasion.objects.get_or_create(month=month, kind=kind, position=0, due_at=due_at)
    return until
