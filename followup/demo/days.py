"""The dates of the demo's course groups, relative to today in the institute's time zone."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from followup.demo.fixtures import Course, Programme, Run, Written
from followup.months import dates

OPENING = dt.time(8, 30)
"""The time of day at which the months of the demo opened."""


@dataclass(frozen=True)
class Days:
    """The dates of one course group, and the moments of its posts."""

    zone: str
    today: dt.date
    opened_on: dt.date
    starts_on: dt.date
    ends_on: dt.date

    def moment(self, day: int, at: dt.time) -> dt.datetime:
        """The moment of a time on a day of the month."""
        local = dt.datetime.combine(self.opened_on + dt.timedelta(days=day), at, ZoneInfo(self.zone))
        return local.astimezone(dt.UTC)

    def of(self, written: Written) -> dt.datetime:
        """When something was written; a time of today may be in the future."""
        day = written.day if written.day >= 0 else (self.today - self.opened_on).days + written.day
        return self.moment(day, dt.time.fromisoformat(written.at))

    @property
    def opening(self) -> dt.datetime:
        """When the month opened."""
        return self.moment(0, OPENING)


def days_of(run: Run, course: Course, programme: Programme, now: dt.datetime) -> Days:
    """The dates of a course group, set so that its month is as old today as the fixture says."""
    zone = programme.institute.time_zone
    today = now.astimezone(ZoneInfo(zone)).date()
    opened_on = _opened_on(run, course, today)
    ends_on = opened_on - dt.timedelta(days=1)
    return Days(zone, today, opened_on, ends_on - dt.timedelta(days=run.course_days - 1), ends_on)


def _opened_on(run: Run, course: Course, today: dt.date) -> dt.date:
    if run.day_today is not None:
        return today - dt.timedelta(days=run.day_today)
    if run.ends_in_days is not None:
        return today + dt.timedelta(days=run.ends_in_days + 1)
    if run.closes_in_days is not None:
        return _opening_for(today + dt.timedelta(days=run.closes_in_days), course.months)
    assert run.closed_days_ago is not None, f"{run.key} has no dates"
    return _opening_for(today - dt.timedelta(days=run.closed_days_ago), course.months)


def _opening_for(last_day: dt.date, months: int) -> dt.date:
    """The latest opening day of a month that ends on this day or before: not every day is a last day."""
    day = last_day - dt.timedelta(days=28 * months)
    while dates.last_day(day, months) > last_day:
        day -= dt.timedelta(days=1)
    return day


def in_order(moments: list[dt.datetime], now: dt.datetime) -> list[dt.datetime]:
    """The moments, sorted, with future ones moved to just before now."""
    ordered = sorted(moments)
    return [
        min(moment, now - dt.timedelta(minutes=len(ordered) - index)) for index, moment in enumerate(ordered)
    ]
