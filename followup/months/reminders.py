"""Schedules the notifications of a month as `Occasion` rows, which the jobs do on their day.

The first prompt has no occasion: it is part of the mail that the month is open.
"""

import datetime as dt
from collections.abc import Mapping

from common import clock
from followup.months import dates
from followup.months.models import Month, MonthPrompt, Occasion

AWAITING_DAYS = 14
"""How many days somebody who is not confirmed yet has access."""
CONFIRMATION_NOTICE_DAYS = 7
"""How many days before the end of that access they are notified."""
CLOSING_WARNING_DAYS = (7, 1)
"""How many days before the end of the month its members are warned."""

END_KINDS = (Occasion.Kind.WEEK_BEFORE, Occasion.Kind.DAY_BEFORE, Occasion.Kind.CLOSED)
"""What is scheduled anew when the end moves."""


def schedule_prompts(month: Month, prompts: list[MonthPrompt]) -> None:
    """Schedule every prompt but the first for the morning of its day."""
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


def schedule_end(month: Month) -> None:
    """Schedule the warnings a week and a day before the end, and the end itself.

    Called again when the end moves, it deletes what is not done yet. A warning whose morning has passed when
    the end is set is left out, because the notification of the new end contains it.
    """
    zone, last_day = month.space.time_zone, month.space.last_day
    Occasion.objects.filter(month=month, kind__in=END_KINDS, done_at=None).delete()
    first_warning, second_warning = (
        dates.morning_of(last_day - dt.timedelta(days), zone) for days in CLOSING_WARNING_DAYS
    )
    due = {
        Occasion.Kind.WEEK_BEFORE: first_warning,
        Occasion.Kind.DAY_BEFORE: second_warning,
        Occasion.Kind.CLOSED: dates.closes_at(last_day, zone),
    }
    _schedule(month, {kind: due_at for kind, due_at in due.items() if due_at > clock.now()})


def schedule_trainer(month: Month, day: dt.date) -> None:
    """Schedule a reminder of the coordinators for the day by which somebody was to be on hand."""
    due_at = dates.morning_of(day, month.space.time_zone)
    _schedule(month, {Occasion.Kind.TRAINER_DUE: due_at})


def schedule_confirmation(month: Month) -> dt.datetime:
    """Schedule notice and end for those admitted as awaiting today. Returns when their access ends."""
    zone = month.space.time_zone
    last_day = clock.today(zone) + dt.timedelta(days=AWAITING_DAYS)
    until = dates.closes_at(last_day, zone)
    due = {
        Occasion.Kind.CONFIRM_NOTICE: dates.morning_of(
            last_day - dt.timedelta(days=CONFIRMATION_NOTICE_DAYS), zone
        ),
        Occasion.Kind.CONFIRM_OVER: until,
    }
    _schedule(month, due)
    return until


def _schedule(month: Month, due: Mapping[Occasion.Kind, dt.datetime]) -> None:
    """Schedule these, unless they are scheduled or done already."""
    Occasion.objects.bulk_create(
        (Occasion(month=month, kind=kind, due_at=due_at) for kind, due_at in due.items()),
        ignore_conflicts=True,
    )
