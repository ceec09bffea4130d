"""The dates of the demo's course groups, relative to today in the institute's time zone.

Courses begin and end, months open and live hours are held on school days, whichever day of the week it is
today. So a month may be up to two days older than its fixture says.
"""

import datetime as dt
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from followup.demo.fixtures import Course, Hour, Programme, RoomMessage, Run, Written
from followup.months import dates

OPENING = dt.time(8, 30)
"""The time of day at which the months of the demo opened."""
DAY = dt.timedelta(days=1)
SATURDAY = 5
"""The weekday with which the weekend begins."""
AROUND_AN_HOUR = dt.timedelta(minutes=90)
"""What is said in the chat this long before and after a live hour is part of it."""


@dataclass(frozen=True)
class Days:
    """The dates of one course group, and the moments of its posts."""

    zone: str
    today: dt.date
    opened_on: dt.date
    starts_on: dt.date
    ends_on: dt.date
    day_today: int | None = None
    """How old the month is according to its fixture."""
    hours: list[Hour] = field(default_factory=list)

    def moment(self, day: dt.date, at: dt.time) -> dt.datetime:
        """The moment of a local time on a day."""
        return dt.datetime.combine(day, at, ZoneInfo(self.zone)).astimezone(dt.UTC)

    def day(self, number: int) -> dt.date:
        """A day of the fixture. Of a month older than it says, the second half counts back from today."""
        if number < 0:
            return self.today + number * DAY
        day = self.opened_on + number * DAY
        if self.day_today is not None and number > self.day_today / 2:
            return day + (self.today - self.opened_on) - self.day_today * DAY
        return day

    def of(self, written: Written) -> dt.datetime:
        """When something was written; a time of today may be in the future."""
        return self.moment(self.day(written.day), dt.time.fromisoformat(written.at))

    def of_hour(self, hour: Hour) -> tuple[dt.datetime, dt.datetime]:
        """Beginning and end of a live hour: a past one was on a Friday rather than on a weekend, the next one
        is on a Monday."""
        day = self.day(hour.on)
        day = school_day_until(day) if day < self.today else school_day_from(day)
        starts, ends = (self.moment(day, dt.time.fromisoformat(at)) for at in (hour.starts, hour.ends))
        return starts, ends

    def of_message(self, message: RoomMessage) -> dt.datetime:
        """When something was said in the chat: a live hour takes it along to its school day."""
        said = self.of(message)
        for hour in self.hours:
            starts, ends = (
                self.moment(self.day(hour.on), dt.time.fromisoformat(at)) for at in (hour.starts, hour.ends)
            )
            if starts - AROUND_AN_HOUR <= said <= ends + AROUND_AN_HOUR:
                return said + (self.of_hour(hour)[0] - starts)
        return said

    @property
    def opening(self) -> dt.datetime:
        """When the month opened."""
        return self.moment(self.opened_on, OPENING)


def days_of(run: Run, course: Course, programme: Programme, now: dt.datetime) -> Days:
    """The dates of a course group, set so that its month is as old today as the fixture says, or a little
    older."""
    zone = programme.institute.time_zone
    today = now.astimezone(ZoneInfo(zone)).date()
    if run.ends_in_days is None:
        opened_on = school_day_until(_opened_on(run, course, today))
        ends_on = school_day_until(opened_on - DAY)
    else:
        ends_on = school_day_from(today + run.ends_in_days * DAY)
        opened_on = ends_on + DAY
    starts_on = school_day_until(ends_on - (run.course_days - 1) * DAY)
    return Days(zone, today, opened_on, starts_on, ends_on, run.day_today, run.hours)


def is_weekend(day: dt.date) -> bool:
    """Whether it is a Saturday or a Sunday."""
    return day.weekday() >= SATURDAY


def school_day_until(day: dt.date) -> dt.date:
    """This day, or the Friday before."""
    return day - max(day.weekday() - SATURDAY + 1, 0) * DAY


def school_day_from(day: dt.date) -> dt.date:
    """This day, or the Monday after."""
    return day + (7 - day.weekday()) % 7 * DAY if is_weekend(day) else day


def _opened_on(run: Run, course: Course, today: dt.date) -> dt.date:
    if run.day_today is not None:
        return today - run.day_today * DAY
    if run.closes_in_days is not None:
        return _opening_for(today + run.closes_in_days * DAY, course.months)
    assert run.closed_days_ago is not None, f"{run.key} has no dates"
    return _opening_for(today - run.closed_days_ago * DAY, course.months)


def _opening_for(last_day: dt.date, months: int) -> dt.date:
    """The latest opening day of a month that ends on this day or before: not every day is a last day."""
    day = last_day - 28 * months * DAY
    while dates.last_day(day, months) > last_day:
        day -= DAY
    return day


def in_order(moments: list[dt.datetime], now: dt.datetime) -> list[dt.datetime]:
    """The moments, sorted, with future ones moved to just before now, a minute apart."""
    ordered = sorted(moments)
    latest = now - dt.timedelta(minutes=1)
    for index in reversed(range(len(ordered))):
        if ordered[index] <= latest:
            break
        ordered[index], latest = latest, latest - dt.timedelta(minutes=1)
    return ordered
