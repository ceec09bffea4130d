"""Dates and moments as HTML: `common.dates` in a `<time>` element, with the exact time on hover."""

import datetime as dt

from django.utils.html import format_html
from django.utils.safestring import SafeString

from common import dates, pieces


def moment(when: dt.datetime | None) -> SafeString | str:
    """A moment: "5 minutes ago", "today, 14:05", "12 October"."""
    return "" if when is None else _moment_element(when, dates.moment_in_words(when))


def at_hour(when: dt.datetime) -> SafeString:
    """An appointment: "tomorrow, 16:00"."""
    return _moment_element(when, dates.hour_in_words(when))


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
