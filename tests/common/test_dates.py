"""Dates and moments as text, in the reader's language and time zone."""

import datetime as dt

import pytest
from babel.dates import format_timedelta
from django.template import Context, Template
from django.utils.timezone import override as in_zone  # noqa: TID251 the reader's zone, not the time
from django.utils.translation import gettext
from django.utils.translation import override as in_language

from common import clock, dates
from common.moments import moment

NOON = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)


def ago(**units):
    return NOON - dt.timedelta(**units)


@pytest.fixture(autouse=True)
def at_noon():
    with clock.at(NOON), in_zone("Europe/Budapest"), in_language("en"):
        yield


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (ago(seconds=20), "just now"),
        (ago(minutes=5), "5 minutes ago"),
        (ago(minutes=59), "59 minutes ago"),
        (ago(hours=2), "today, 11:00"),
        (ago(hours=20), "yesterday, 17:00"),
        (ago(days=3), "Wednesday, 13:00"),
        (ago(days=-1), "tomorrow, 13:00"),
        (ago(days=-5), "Thursday, 13:00"),
        (ago(days=10), "11 November"),
        (ago(days=400), "17 October 2025"),
    ],
)
def test_near_moments_are_relative_and_far_ones_are_dates(when, words):
    assert dates.moment_in_words(when) == words


def test_the_readers_time_zone_decides_which_day_it_is():
    late = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)
    assert dates.moment_in_words(late) == "today, 00:30"
    with in_zone("UTC"):
        assert dates.moment_in_words(late) == "yesterday, 23:30"


@pytest.mark.parametrize(
    ("language", "words"),
    [("hu", "november 11."), ("pl", "11 listopada"), ("lt", "lapkričio 11\u00a0d."), ("ru", "11 ноября")],
)
def test_a_date_is_formatted_for_the_language(language, words):
    with in_language(language):
        assert dates.day_in_words(dt.date(2026, 11, 11)) == words


def test_a_day_that_is_near_is_called_by_its_name():
    assert dates.weekday_in_words(dt.date(2026, 11, 26)) == "Thursday"
    assert dates.weekday_in_words(dt.date(2026, 11, 28)) == "28 November"


def test_the_tag_carries_the_exact_moment_for_machines_and_for_hovering():
    page = Template("{% load moments %}{% moment when %}").render(Context({"when": ago(days=3)}))
    assert 'datetime="2026-11-18T13:00+01:00"' in page
    assert 'title="Wednesday, 18 November 2026, 13:00"' in page
    assert ">Wednesday, 13:00<" in page


def test_no_moment_is_no_text():
    page = "{% load moments %}[{% moment none %}{% day none %}{% weekday none %}]"
    assert Template(page).render(Context({"none": None})) == "[]"


@pytest.mark.parametrize("seconds", [1, 59.5, 60, 89.2, 89.5, 90, 90.5, 149.9, 150, 209.5, 3569.5, 3599.5])
@pytest.mark.parametrize("language", ["en", "hu", "lt", "pl", "ru"])
def test_kept_minutes_are_rounded_as_babel_rounds_them(seconds, language):
    ago_ = dt.timedelta(seconds=seconds)
    babel = format_timedelta(
        -ago_, granularity="minute", threshold=60, add_direction=True, locale=language.replace("en", "en_GB")
    )
    with in_language(language):
        words = dates.moment_in_words(NOON - ago_)
        assert words == (gettext("just now") if seconds < 60 else babel)


def test_what_is_kept_of_one_language_and_zone_is_not_shown_in_another():
    when = dt.datetime(2026, 10, 3, 5, 7, tzinfo=dt.UTC)
    tag = Template("{% moment when %}")
    shown = set()
    for _twice in range(2):
        for language, zone in (("en", "Europe/Budapest"), ("ru", "Europe/Budapest"), ("en", "Asia/Tokyo")):
            with in_language(language), in_zone(zone):
                shown.add(tag.render(Context({"when": when})))
    assert len(shown) == 3
    assert {"07:07" in page for page in shown} == {True, False}


def test_the_element_of_a_moment_is_another_on_the_next_day_and_in_another_zone():
    when = dt.datetime(2026, 3, 4, 23, 30, tzinfo=dt.UTC)

    def shown(hours: int) -> str:
        with clock.at(when + dt.timedelta(hours=hours)):
            return str(moment(when))

    with in_zone("UTC"):
        assert "yesterday" in shown(2)
        assert "Wednesday" in shown(26)
    with in_zone("Europe/Budapest"):
        assert "today" in shown(2)
        assert "yesterday" in shown(26)
