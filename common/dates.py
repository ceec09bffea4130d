"""Dates and moments in words: near ones as "yesterday, 17:00" or "Thursday", far ones as a date.

The language and the time zone are the active ones, which the middleware sets to the reader's. What is kept,
such as a mail, is read on a later day, so it is rendered inside `in_full()`, where no word is relative.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, format_time, format_timedelta
from django.utils.timezone import get_current_timezone_name  # noqa: TID251 the active zone, not the time
from django.utils.translation import get_language, gettext

from common import clock

_full: ContextVar[bool] = ContextVar("full", default=False)


@contextmanager
def in_full() -> Iterator[None]:
    """Write all dates with their year, and all moments with their weekday, date and hour, in this block."""
    token = _full.set(True)
    try:
        yield
    finally:
        _full.reset(token)


def moment_in_words(when: dt.datetime) -> str:
    """A moment: "5 minutes ago", "today, 14:05", "Monday, 14:05", "12 October"."""
    if _full.get():
        return full_moment(when)
    ago = clock.now() - when
    if dt.timedelta(0) <= ago < dt.timedelta(minutes=1):
        return gettext("just now")
    if dt.timedelta(0) <= ago < dt.timedelta(hours=1):
        return format_timedelta(
            -ago, granularity="minute", threshold=60, add_direction=True, locale=_locale()
        )
    local = to_local(when)
    if near := _near_day(local.date()):
        time = format_time(local, "short", locale=_locale())
        return gettext("%(day)s, %(time)s") % {"day": near, "time": time}
    return day_in_words(local.date())


def day_in_words(date: dt.date) -> str:
    """A date: "12 October", with the year when it is not this one."""
    return (
        format_skeleton("MMMMd", date, locale=_locale())
        if _is_this_year(date)
        else format_date(date, "long", _locale())
    )


def weekday_in_words(when: dt.date | dt.datetime) -> str:
    """A near date as "today", "tomorrow" or "Thursday"; any other as `day_in_words` formats it."""
    date = to_date(when)
    if _full.get():
        return full_date(date)
    return _near_day(date) or day_in_words(date)


def span_in_words(first: dt.date, last: dt.date) -> str:
    """Two dates as one span: "12–14 October"; with the year when it is not this one."""
    if first == last:
        return day_in_words(first)
    without_year = _is_this_year(first) and _is_this_year(last)
    return format_interval(first, last, "MMMMd" if without_year else "yMMMMd", locale=_locale())


def hour_in_words(when: dt.datetime | str, zone: str = "") -> str:
    """An appointment: "tomorrow, 16:00", "12 October, 16:00".

    In the active time zone or the named one. `when` may be an ISO 8601 string, as notifications store it.
    """
    moment = dt.datetime.fromisoformat(when) if isinstance(when, str) else when
    local = moment.astimezone(ZoneInfo(zone)) if zone else to_local(moment)
    time = format_time(local, "short", locale=_locale())
    return gettext("%(day)s, %(time)s") % {"day": weekday_in_words(local.date()), "time": time}


def time_in_words(when: dt.datetime) -> str:
    """The hour and minute of a moment."""
    return format_time(to_local(when), "short", locale=_locale())


def full_date(date: dt.date) -> str:
    """A date with its weekday and year."""
    return format_date(date, "full", _locale())


def full_moment(when: dt.datetime) -> str:
    """A moment with its weekday, year, hour and minute."""
    local = to_local(when)
    return f"{full_date(local)}, {format_time(local, 'short', locale=_locale())}"


def to_local(when: dt.datetime) -> dt.datetime:
    """The moment in the active time zone."""
    return when.astimezone(ZoneInfo(get_current_timezone_name()))


def to_date(when: dt.date | dt.datetime) -> dt.date:
    """The date of a moment in the active time zone; a date as it is."""
    return to_local(when).date() if isinstance(when, dt.datetime) else when


def _is_this_year(date: dt.date) -> bool:
    """Whether the year can be left out."""
    return not _full.get() and date.year == clock.today(get_current_timezone_name()).year


def _near_day(date: dt.date) -> str:
    away = (date - clock.today(get_current_timezone_name())).days
    words = {-1: gettext("yesterday"), 0: gettext("today"), 1: gettext("tomorrow")}
    if away in words:
        return words[away]
    return format_date(date, "EEEE", _locale()) if -6 <= away <= 6 else ""


def _locale() -> Locale:
    # Our English is the European one: the day before the month, and a 24-hour clock.
    language = get_language() or "en"
    return Locale.parse("en_GB" if language == "en" else language, sep="_")
