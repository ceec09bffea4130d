"""Days as spreadsheets, learning platforms and people write them."""

import datetime as dt

import pytest
from babel.dates import format_date, format_datetime
from hypothesis import given
from hypothesis import strategies as st

from followup.lists.days import LANGUAGES, Order, day_in, is_ambiguous, order_in

DAY = dt.date(2026, 11, 21)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21",
        "2026.11.21.",
        "2026. 11. 21.",
        "21.11.2026",
        "21/11/2026",
        "21-11-2026",
        "20261121",
        "2026-11-21 14:30",
        "2026-11-21 14:30:15",
        "2026-11-21 14:30:15.123456",
        "2026-11-21 00:00:00",
        "2026-11-21T14:30",
        "2026-11-21T14:30:00Z",
        "2026-11-21T14:30:00+01:00",
        "2026-11-21 14:30 CET",
        "21.11.2026 0:00",
        "21.11.2026 14.30",
        "21/11/2026, 14:30",
        "21/11/2026 2:30 PM",
        "2026. november 21.",
        "2026. nov. 21.",
        "2026. november 21-én",
        "2026. november 21., szombat, 14:30",
        "2026. XI. 21.",
        "2026 m. lapkričio 21 d.",
        "2026 m. lapkričio 21 d., šeštadienis, 14:30",
        "2026-11-21 14:30 val.",
        "21.11.2026 r.",
        "21 listopada 2026",
        "21 listopada 2026 r.",
        "sobota, 21 listopada 2026, 14:30",
        "21 XI 2026",
        "21 November 2026",
        "21st November 2026",
        "21st of November, 2026",
        "November 21, 2026",
        "Nov 21, 2026",
        "21-Nov-2026",
        "Saturday, 21 November 2026, 2:30 PM",
        "21 ноября 2026",
        "21 ноября 2026 г.",
        "суббота, 21 ноября 2026, 14:30",
        "21.11.2026 г.",
        "\u00a021.11.2026 ",
    ],
)
def test_a_day_is_read_with_whatever_stands_around_it(text):
    assert day_in(text, zone="Europe/Budapest") == DAY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-02-30",
        "11/25/2026",
        "26-11-05",
        "0000-01-01",
        "5 Nov",
        "2026-11",
        "November 2026",
        "2026-11-21 25:00",
        "2026-11-21 14:75",
        "2026-11-21 passed",
        "2026-11-21 2026-11-22",
        "21 November October 2026",
        "46347",
        "+36 20 555 1234",
        "1" * 100,
    ],
)
def test_what_is_no_day_is_not_read(text):
    assert day_in(text) is None


def test_an_hour_with_a_zone_is_put_on_the_clock_of_the_institute():
    assert day_in("2026-11-20T23:30:00Z", zone="Europe/Budapest") == DAY
    assert day_in("2026-11-20T23:30:00", zone="Europe/Budapest") == dt.date(2026, 11, 20)
    assert day_in("2026-11-21 00:30 +03:00", zone="Europe/Budapest") == dt.date(2026, 11, 20)
    assert day_in("2026-11-20 11:30 PM UTC", zone="Europe/Budapest") == DAY


def test_the_number_of_a_day_is_read_in_a_workbook_only():
    assert day_in("46347", from_workbook=True) == DAY
    assert day_in("46347.604", from_workbook=True) == DAY
    assert day_in("99999", from_workbook=True) is None


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        ([], Order.DAY_FIRST),
        (["03/04/2026", "soon", "13/14/2026"], Order.DAY_FIRST),
        (["03/04/2026", "21/11/2026"], Order.DAY_FIRST),
        (["03/04/2026", "11/21/2026"], Order.MONTH_FIRST),
        (["03-04-2026", "11-21-2026 2:30 PM"], Order.MONTH_FIRST),
        (["11/21/2026", "21/11/2026"], Order.MIXED),
        (["11.21.2026", "2026/11/21"], Order.DAY_FIRST),
    ],
)
def test_the_order_of_day_and_month_is_proved_by_a_number_above_twelve(cells, order):
    assert order_in(cells) is order


def test_the_order_is_that_of_days_with_slashes_and_dashes():
    for text in (
        "11/21/2026",
        "11-21-2026",
        "11/21/2026 2:30 PM",
        "11 / 21 / 2026",
        "21.11.2026",
        "2026-11-21",
    ):
        assert day_in(text, order=Order.MONTH_FIRST) == DAY
    assert day_in("03/04/2026", order=Order.MONTH_FIRST) == dt.date(2026, 3, 4)
    assert day_in("03.04.2026", order=Order.MONTH_FIRST) == dt.date(2026, 4, 3)


def test_in_a_mixed_column_only_what_is_certain_is_read():
    assert day_in("11/21/2026", order=Order.MIXED) == DAY == day_in("21/11/2026", order=Order.MIXED)
    assert day_in("11/11/2026", order=Order.MIXED) == dt.date(2026, 11, 11)
    assert day_in("03/04/2026", order=Order.MIXED) is None
    assert is_ambiguous("03/04/2026")


days = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))


@given(days, st.sampled_from(LANGUAGES), st.sampled_from(["medium", "long", "full"]))
def test_every_day_is_read_as_each_language_writes_it(day, language, style):
    assert day_in(format_date(day, style, "en_GB" if language == "en" else language)) == day


@given(st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2099, 12, 31)), st.sampled_from(LANGUAGES))
def test_every_moment_is_read_as_each_language_writes_it(moment, language):
    text = format_datetime(moment, "long", locale="en_GB" if language == "en" else language)
    assert day_in(text, zone="UTC") == moment.date()


@given(st.text(max_size=100))
def test_any_text_is_a_day_or_none(text):
    for from_workbook in (True, False):
        assert isinstance(day_in(text, zone="Europe/Budapest", from_workbook=from_workbook), dt.date | None)
