"""Template tags and filters for dates and moments, of `common.moments` and `common.dates`."""

import datetime as dt

from django import template

from common import dates, moments

register = template.Library()

for tag in (moments.moment, moments.at_hour, moments.day, moments.weekday):
    register.simple_tag(tag)
register.simple_tag(dates.span_in_words, name="span")
register.filter("in_full", dates.full_date)
register.filter("hour_in_words", dates.hour_in_words)
register.filter("time_in_words", dates.time_in_words)
register.filter("span_until", dates.span_in_words)


@register.filter
def in_words(when: dt.date | dt.datetime | None) -> str:
    """A date without markup, for mails and sentences: `{{ last_day|in_words }}`."""
    return "" if when is None else dates.day_in_words(dates.to_date(when))
