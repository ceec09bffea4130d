"""Dates and moments as HTML: `common.dates` in a `<time>` element, with the exact time on hover."""

import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone_name  # noqa: TID251 the active zone, not the time
from django.utils.translation import get_language

from common import clock, dates, pieces

MOMENTS_KEPT = 8192
"""Elements of half a kilobyte: what a few hundred pages show."""


def moment(when: dt.datetime | None) -> SafeString | str:
    """A moment: "5 minutes ago", "today, 14:05", "12 October"."""
    if when is None:
        return ""
    if dates.writes_in_full():
        return _moment_element(when, dates.full_moment(when))
    if words := dates.minutes_in_words(when):
        return _moment_element(when, words)
    return _kept_today(when, dates.day_and_time_in_words)


def at_hour(when: dt.datetime) -> SafeString:
    """An appointment: "tomorrow, 16:00"."""
    if dates.writes_in_full():
        return _moment_element(when, dates.hour_in_words(when))
    return _kept_today(when, dates.hour_in_words)


def _kept_today(when: dt.datetime, words: Callable[[dt.datetime], str]) -> SafeString:
    """The element of a moment whose words stay the same for the day."""
    zone = get_current_timezone_name()
    return _moment_on(clock.today(zone), when, words, zone, get_language())


@lru_cache(MOMENTS_KEPT)
def _moment_on(
    today: dt.date, when: dt.datetime, words: Callable[[dt.datetime], str], zone: str, language: str | None
) -> SafeString:
    with clock.at(dt.datetime.combine(today, dt.time(12), ZoneInfo(zone))):
        return _moment_element(when, words(when))


def day(when: dt.date | dt.datetime | None) -> SafeString | str:
    """A date: "12 October", with the year when it is not this one."""
    return "" if when is None else _date_element(when, dates.day_in_words(dates.to_date(when)))


def weekday(when: dt.date | dt.datetime | None) -> SafeString | str:
    """A near date: "today", "tomorrow", "Thursday"; any other as `day` formats it."""
    return "" if when is None else _date_element(when, dates.weekday_in_words(when))


def _moment_element(when: dt.datetime, words: str) -> SafeString:
    machine = dates.to_local(when).isoformat(timespec="minutes")
    return _time_element(machine, dates.full_moment(when), words)


def _date_element(when: dt.date | dt.datetime, words: str) -> SafeString:
    date = dates.to_date(when)
    return _time_element(date.isoformat(), dates.full_date(date), words)


@pieces.piece
def _time_element(machine: str, exact: str, words: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', machine, exact, words)
