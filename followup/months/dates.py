"""The first and the last day of a month, and the days of its prompts. Pure functions of dates.

A month's last day is its opening day some calendar months later, or the last day of a shorter month: 31
January opens to 28 or 29 February. The whole last day is part of the month.
"""

import calendar
import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from common import clock

MIN_LENGTH_MONTHS = 1
"""Calendar months that every participant has at least, from the day they came in."""

MORNING = dt.time(7)
"""The local time at which mails of a day are sent: not at night."""


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day of a later calendar month, or that month's last day where it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def last_day(opened_on: dt.date, months: int) -> dt.date:
    """The last day of a month that opens on this day; it lasts at least one calendar month."""
    return add_months(opened_on, max(months, MIN_LENGTH_MONTHS))


def last_day_for_all(end: dt.date, joined_on: Iterable[dt.date]) -> dt.date:
    """The last day once people joined on these days too: never earlier, and a calendar month for each."""
    return max([end, *(last_day(day, MIN_LENGTH_MONTHS) for day in joined_on)])


def closes_at(last: dt.date, zone: str) -> dt.datetime:
    """When talk closes: the first moment after the last day in the zone, in UTC."""
    return clock.start_of_day(last + dt.timedelta(days=1), zone)


def last_day_before(moment: dt.datetime, zone: str) -> dt.date:
    """The last day of what closes at this moment; the inverse of `closes_at`."""
    return day_in(moment - dt.timedelta(microseconds=1), zone)


def day_in(moment: dt.datetime, zone: str) -> dt.date:
    """The date of a moment in the zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def morning_of(day: dt.date, zone: str) -> dt.datetime:
    """Seven o'clock of a day in the zone, in UTC."""
    return dt.datetime.combine(day, MORNING, ZoneInfo(zone)).astimezone(dt.UTC)


def prompt_days(opened_on: dt.date, last: dt.date, count: int) -> list[dt.date]:
    """The days of `count` prompts, spread evenly from the opening day on.

    They are whole weeks apart while there are enough weeks, so each comes on the weekday of the opening: four
    in one calendar month on its days 1, 8, 15 and 22. More prompts than weeks are spread by days.
    """
    days = (last - opened_on).days
    if count <= days // 7:
        return [opened_on + dt.timedelta(weeks=index * (days // 7) // count) for index in range(count)]
    return [opened_on + dt.timedelta(days=index * days // count) for index in range(count)]
