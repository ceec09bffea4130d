"""From when to when a month lasts, and on which days it asks for something. Dates in, dates out.

A month's last day is its opening day, so many calendar months later, and where that month is shorter its
last day: 31 January opens to 28 or 29 February. The whole of the last day still counts.
"""

import calendar
import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from common import clock

SHORTEST = 1
"""Calendar months that everybody in a month has at least, from the day they came in."""

MORNING = dt.time(7)
"""When people are told what is due on a day, by the institute's clock: nobody is woken by us."""


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day of a later calendar month, or that month's last day where it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def last_day(opened_on: dt.date, months: int) -> dt.date:
    """The last day of a month that opens on this day; fewer than one calendar month cannot be asked for."""
    return add_months(opened_on, max(months, SHORTEST))


def last_day_for_all(end: dt.date, joined_on: Iterable[dt.date]) -> dt.date:
    """The last day once these have come in too: never earlier, and a calendar month for each of them."""
    return max([end, *(last_day(day, SHORTEST) for day in joined_on)])


def closes_at(last: dt.date, zone: str) -> dt.datetime:
    """The moment from which talk is closed: the first one after the last day in the zone, in UTC."""
    return clock.start_of_day(last + dt.timedelta(days=1), zone)


def last_day_before(moment: dt.datetime, zone: str) -> dt.date:
    """The last day of what closes at this moment; `closes_at` the other way round."""
    return day_in(moment - dt.timedelta(microseconds=1), zone)


def day_in(moment: dt.datetime, zone: str) -> dt.date:
    """The date of a moment in the zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def morning_of(day: dt.date, zone: str) -> dt.datetime:
    """Seven o'clock of a day in the zone, in UTC."""
    return dt.datetime.combine(day, MORNING, ZoneInfo(zone)).astimezone(dt.UTC)


def prompt_days(opened_on: dt.date, last: dt.date, count: int) -> list[dt.date]:
    """On which days so many prompts stand, spread evenly from the opening day on.

    They stand whole weeks apart while there are weeks enough, so each comes on the weekday of the opening:
    four in one calendar month on its days 1, 8, 15 and 22. More prompts than weeks are spread by days.
    """
    days = (last - opened_on).days
    if count <= days // 7:
        return [opened_on + dt.timedelta(weeks=place * (days // 7) // count) for place in range(count)]
    return [opened_on + dt.timedelta(days=place * days // count) for place in range(count)]
