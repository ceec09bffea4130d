"""Dates and moments in words: near ones as "yesterday, 17:00" or "Thursday", far ones as a date.

The language and the time zone are the active ones, which the middleware sets to the reader's. What is kept,
such as a mail, is read on a later day, so it is rendered inside `in_full()`, where no word is relative.

Babel takes 30 to 60 microseconds for a date and a page shows dozens, so what it made of a date and of a time
of day is kept.
"""

import datetime as dt
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from django.utils.text import capfirst
from django.utils.timezone import get_current_timezone_name  # noqa: TID251 the active zone, not the time
from django.utils.translation import get_language, gettext

from common import clock

FORMATS_KEPT = 4096
"""Dates in one format and language; a year in five languages is below that."""
MINUTES_PER_DAY = 24 * 60
OWN_FORMS = {"ru": {"long": "d MMMM y 'года'", "full": "EEEE, d MMMM y 'года'"}}
"""Babel's Russian dates end with the stop of "г." where they have a year, so that no sentence could end with
one. The word is written out."""
YEAR_FIRST = ("hu", "lt")
"""Languages whose dates begin with the year."""

_full: ContextVar[bool] = ContextVar("full", default=False)


@contextmanager
def in_full() -> Iterator[None]:
    """Write all dates with their year, and all moments with their weekday, date and hour, in this block."""
    token = _full.set(True)
    try:
        yield
    finally:
        _full.reset(token)


def writes_in_full() -> bool:
    """Whether this is a block of `in_full`."""
    return _full.get()


def moment_in_words(when: dt.datetime) -> str:
    """A moment: "5 minutes ago", "today, 14:05", "Monday, 14:05", "12 October"."""
    if _full.get():
        return full_moment(when)
    return minutes_in_words(when) or day_and_time_in_words(when)


def minutes_in_words(when: dt.datetime) -> str:
    """A moment of the last hour: "5 minutes ago"; "" for any other."""
    ago = clock.now() - when
    if dt.timedelta(0) <= ago < dt.timedelta(minutes=1):
        return gettext("just now")
    if dt.timedelta(0) <= ago < dt.timedelta(hours=1):
        # Rounded as Babel rounds, before the look-up, so that an hour has sixty texts to keep.
        return _minutes_ago(max(1, round(math.ceil(ago.total_seconds()) / 60)), _language())
    return ""


def day_and_time_in_words(when: dt.datetime) -> str:
    """A moment as "today, 14:05", "Monday, 14:05", "12 October": the same words for the whole day."""
    local = to_local(when)
    if near := _near_day(local.date(), _today(), _language()):
        return gettext("%(day)s, %(time)s") % {"day": near, "time": _time(local)}
    return day_in_words(local.date())


def day_in_words(date: dt.date) -> str:
    """A date: "12 October", with the year when it is not this one."""
    return _formatted(date, "MMMMd" if _is_this_year(date) else "long", _language())


def weekday_in_words(when: dt.date | dt.datetime) -> str:
    """A near date as "today", "tomorrow" or "Thursday"; any other as `day_in_words` formats it."""
    date = to_date(when)
    if _full.get():
        return full_date(date)
    today, language = _today(), _language()
    same_year = date.year == today.year
    return _near_day(date, today, language) or _formatted(date, "MMMMd" if same_year else "long", language)


def short_day_in_words(date: dt.date) -> str:
    """A date where there is little room, without its year: "12 Oct"."""
    return _formatted(date, "MMMd", _language())


def weekday_and_day(date: dt.date) -> str:
    """A date with its weekday: "Monday, 12 October", with the year when it is not this one."""
    weekday = _formatted(date, "EEEE", _language())
    words = gettext("%(weekday)s, %(day)s") % {"weekday": weekday, "day": day_in_words(date)}
    return str(capfirst(words))


def span_in_words(first: dt.date, last: dt.date) -> str:
    """Two dates as one span: "12–14 October"; with the year when it is not this one."""
    if first == last:
        return day_in_words(first)
    without_year = _is_this_year(first) and _is_this_year(last)
    return _span(first, last, _language(), with_year=not without_year)


def hour_in_words(when: dt.datetime | str, zone: str = "") -> str:
    """An appointment: "tomorrow, 16:00", "12 October, 16:00".

    In the active time zone or the named one. `when` may be an ISO 8601 string, as notifications store it.
    """
    moment = dt.datetime.fromisoformat(when) if isinstance(when, str) else when
    local = moment.astimezone(ZoneInfo(zone)) if zone else to_local(moment)
    return gettext("%(day)s, %(time)s") % {"day": weekday_in_words(local.date()), "time": _time(local)}


def time_in_words(when: dt.datetime) -> str:
    """The hour and minute of a moment."""
    return _time(to_local(when))


def full_date(date: dt.date) -> str:
    """A date with its weekday and year."""
    return _formatted(date, "full", _language())


def full_moment(when: dt.datetime) -> str:
    """A moment with its weekday, year, hour and minute."""
    local = to_local(when)
    return f"{full_date(local.date())}, {_time(local)}"


def to_local(when: dt.datetime) -> dt.datetime:
    """The moment in the active time zone."""
    return when.astimezone(ZoneInfo(get_current_timezone_name()))


def to_date(when: dt.date | dt.datetime) -> dt.date:
    """The date of a moment in the active time zone; a date as it is."""
    return to_local(when).date() if isinstance(when, dt.datetime) else when


def _is_this_year(date: dt.date) -> bool:
    """Whether the year can be left out."""
    return not _full.get() and date.year == _today().year


def _today() -> dt.date:
    return clock.today(get_current_timezone_name())


@lru_cache(FORMATS_KEPT)
def _near_day(date: dt.date, today: dt.date, language: str) -> str:
    """A day as "yesterday" or "Thursday" in the active language, which is `language`; "" for a far one."""
    away = (date - today).days
    if away == 0:
        return gettext("today")
    if abs(away) == 1:
        return gettext("yesterday") if away < 0 else gettext("tomorrow")
    return _formatted(date, "EEEE", language) if -6 <= away <= 6 else ""


def _time(local: dt.datetime) -> str:
    return _time_of_day(local.hour, local.minute, _language())


@lru_cache(FORMATS_KEPT)
def _formatted(date: dt.date, form: str, language: str) -> str:
    """A date in one of Babel's formats, or in a skeleton of a month and a day."""
    if form == "MMMd" and language == "lt":  # whose skeleton is numbers alone
        words = format_date(date, "MMM d", _locale(language))
    elif form in ("MMMMd", "MMMd"):
        words = format_skeleton(form, date, locale=_locale(language))
    else:
        words = format_date(date, OWN_FORMS.get(language, {}).get(form, form), _locale(language))
    return words.replace(" d.", "\u00a0d.")  # the Lithuanian word for "day"


@lru_cache(FORMATS_KEPT)
def _span(first: dt.date, last: dt.date, language: str, *, with_year: bool) -> str:
    """What both dates share is said once. Babel's own spans shorten the months."""
    form = "long" if with_year else "MMMMd"
    if (first.year, first.month) == (last.year, last.month):
        days = f"{first.day}–{last.day}"
        return re.sub(rf"(?<!\d){last.day}(?!\d)", days, _formatted(last, form, language), count=1)
    forms = [form, form]
    if first.year == last.year:
        forms[language in YEAR_FIRST] = "MMMMd"
    return " – ".join(
        _formatted(date, each, language) for date, each in zip((first, last), forms, strict=True)
    )


@lru_cache(MINUTES_PER_DAY * 5)
def _time_of_day(hour: int, minute: int, language: str) -> str:
    return format_time(dt.time(hour, minute), "short", locale=_locale(language))


@lru_cache(60 * 5)
def _minutes_ago(minutes: int, language: str) -> str:
    ago = dt.timedelta(minutes=-minutes)
    return format_timedelta(
        ago, granularity="minute", threshold=60, add_direction=True, locale=_locale(language)
    )


def _language() -> str:
    return get_language() or "en"


def _locale(language: str) -> Locale:
    # Our English is the European one: the day before the month, and a 24-hour clock.
    return Locale.parse("en_GB" if language == "en" else language, sep="_")
