"""Dates and moments as people say them: near ones in words, far ones as a date, the exact one on hover.

The language and the time zone are those of the reader, which the middleware has set.
"""

import datetime as dt
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, format_time, format_timedelta
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone_name  # noqa: TID251 the reader's zone, not the time
from django.utils.translation import get_language, gettext

from common import clock

register = template.Library()


@register.simple_tag
def moment(when: dt.datetime | None) -> SafeString | str:
    """A moment: "5 minutes ago", "today, 14:05", "Monday, 14:05", "12 October"."""
    if when is None:
        return ""
    local = when.astimezone(ZoneInfo(get_current_timezone_name()))
    return _time(local.isoformat(timespec="minutes"), _exact(local), moment_in_words(when))


@register.simple_tag
def day(when: dt.date | dt.datetime | None) -> SafeString | str:
    """A date: "12 October", with the year when it is not this one."""
    if when is None:
        return ""
    date = _date(when)
    return _time(date.isoformat(), format_date(date, "full", _locale()), day_in_words(date))


@register.simple_tag
def weekday(when: dt.date | dt.datetime | None) -> SafeString | str:
    """A date that is near: "today", "tomorrow", "Thursday"; farther away it is a date as `day` says it."""
    if when is None:
        return ""
    date = _date(when)
    return _time(date.isoformat(), format_date(date, "full", _locale()), weekday_in_words(date))


@register.filter
def in_words(when: dt.date | dt.datetime | None) -> str:
    """What `day` says, without markup, for mails and sentences: `{{ last_day|in_words }}`."""
    return "" if when is None else day_in_words(_date(when))


@register.filter
def in_full(date: dt.date) -> str:
    """A date with its weekday and year, as it stands at the head of a page."""
    return format_date(date, "full", _locale())


@register.filter
def hour_in_words(when: dt.datetime | str, zone: str = "") -> str:
    """A moment to be kept, with its hour: "tomorrow, 16:00", "12 October, 16:00".

    In the active time zone or the named one; `when` may be written as ISO, as news keeps it.
    """
    moment = dt.datetime.fromisoformat(when) if isinstance(when, str) else when
    local = moment.astimezone(ZoneInfo(zone or get_current_timezone_name()))
    time = format_time(local, "short", locale=_locale())
    return gettext("%(day)s, %(time)s") % {"day": weekday_in_words(local.date()), "time": time}


@register.filter
def time_in_words(when: dt.datetime) -> str:
    """The hour and minute of a moment."""
    return format_time(when.astimezone(ZoneInfo(get_current_timezone_name())), "short", locale=_locale())


@register.simple_tag
def at_hour(when: dt.datetime) -> SafeString:
    """A moment to be kept: "tomorrow, 16:00", with the exact one on hover."""
    local = when.astimezone(ZoneInfo(get_current_timezone_name()))
    return _time(local.isoformat(timespec="minutes"), _exact(local), hour_in_words(when))


def moment_in_words(when: dt.datetime) -> str:
    """What `moment` says, without markup, for sentences."""
    locale, zone = _locale(), get_current_timezone_name()
    ago = clock.now() - when
    if dt.timedelta(0) <= ago < dt.timedelta(minutes=1):
        return gettext("just now")
    if dt.timedelta(0) <= ago < dt.timedelta(hours=1):
        return format_timedelta(-ago, granularity="minute", threshold=60, add_direction=True, locale=locale)
    local = when.astimezone(ZoneInfo(zone))
    if near := _near(local.date()):
        time = format_time(local, "short", locale=locale)
        return gettext("%(day)s, %(time)s") % {"day": near, "time": time}
    return day_in_words(local.date())


def day_in_words(date: dt.date) -> str:
    """What `day` says, without markup, for sentences."""
    this_year = date.year == clock.today(get_current_timezone_name()).year
    return (
        format_skeleton("MMMMd", date, locale=_locale())
        if this_year
        else format_date(date, "long", _locale())
    )


def span_in_words(first: dt.date, last: dt.date) -> str:
    """Two dates as one span: "12–14 October"; with the year when it is not this one."""
    if first == last:
        return day_in_words(first)
    this_year = first.year == last.year == clock.today(get_current_timezone_name()).year
    return format_interval(first, last, "MMMMd" if this_year else "yMMMMd", locale=_locale())


def weekday_in_words(when: dt.date | dt.datetime) -> str:
    """What `weekday` says, without markup, for sentences."""
    date = _date(when)
    return _near(date) or day_in_words(date)


def _near(date: dt.date) -> str:
    away = (date - clock.today(get_current_timezone_name())).days
    words = {-1: gettext("yesterday"), 0: gettext("today"), 1: gettext("tomorrow")}
    if away in words:
        return words[away]
    return format_date(date, "EEEE", _locale()) if -6 <= away <= 6 else ""


def _date(when: dt.date | dt.datetime) -> dt.date:
    if isinstance(when, dt.datetime):
        return when.astimezone(ZoneInfo(get_current_timezone_name())).date()
    return when


def _exact(local: dt.datetime) -> str:
    return f"{format_date(local, 'full', _locale())}, {format_time(local, 'short', locale=_locale())}"


def _time(machine: str, exact: str, words: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', machine, exact, words)


def _locale() -> Locale:
    # Our English is the European one: the day before the month, and twenty-four hours.
    language = get_language() or "en"
    return Locale.parse("en_GB" if language == "en" else language, sep="_")
