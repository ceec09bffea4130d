"""A month is never shorter than a calendar month, in any time zone."""

import calendar
import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.months import dates

ZONES = [
    "Europe/Budapest",
    "Europe/Warsaw",
    "Europe/Vilnius",
    "Europe/Moscow",
    "UTC",
    "America/Sao_Paulo",  # daylight saving began at midnight: 00:00 did not exist
    "America/Havana",  # ends at 01:00, so midnight comes twice
    "Africa/Cairo",  # begins at midnight
    "Asia/Beirut",  # begins at midnight
    "Pacific/Apia",  # 30 December 2011 did not exist
    "Pacific/Kiritimati",
    "America/St_Johns",  # half an hour, and once changed at one minute past midnight
]
days = st.dates(min_value=dt.date(2000, 1, 1), max_value=dt.date(2036, 12, 31))
months = st.integers(min_value=1, max_value=24)
zones = st.sampled_from(ZONES)


@pytest.mark.parametrize(
    ("opened", "months", "last"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-01-30", 1, "2026-02-28"),
        ("2026-02-28", 1, "2026-03-28"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-10-21", 1, "2026-11-21"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-05-31", 24, "2028-05-31"),
    ],
)
def test_the_last_day_is_the_same_day_of_a_later_month_or_its_last(
    opened: str, months: int, last: str
) -> None:
    assert dates.last_day(dt.date.fromisoformat(opened), months) == dt.date.fromisoformat(last)


@given(days, months)
def test_the_last_day_lies_in_the_right_month_and_is_clipped_only_where_it_must_be(
    opened_on: dt.date, count: int
) -> None:
    last = dates.last_day(opened_on, count)
    assert (last.year * 12 + last.month) - (opened_on.year * 12 + opened_on.month) == count
    end_of_month = calendar.monthrange(last.year, last.month)[1]
    assert last.day == min(opened_on.day, end_of_month)


@given(days, st.integers(max_value=0))
def test_less_than_a_calendar_month_is_not_possible(opened_on: dt.date, count: int) -> None:
    assert dates.last_day(opened_on, count) == dates.add_months(opened_on, 1)


@given(days, months, zones)
def test_the_whole_last_day_counts_and_not_a_moment_of_the_next(
    opened_on: dt.date, count: int, zone: str
) -> None:
    last = dates.last_day(opened_on, count)
    end = dates.closes_at(last, zone)
    assert end.astimezone(ZoneInfo(zone)).date() > last
    assert (end - dt.timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() <= last
    assert end.utcoffset() == dt.timedelta(0)


@given(days, zones)
def test_last_day_before_is_the_inverse_of_closes_at(last: dt.date, zone: str) -> None:
    result = dates.last_day_before(dates.closes_at(last, zone), zone)
    # The one day that was never there, in Samoa, belongs to the day before it.
    is_skipped_day = (zone, last) == ("Pacific/Apia", dt.date(2011, 12, 30))
    assert result == (last - dt.timedelta(days=1) if is_skipped_day else last)


@given(days, months, st.lists(st.integers(min_value=0, max_value=900), max_size=6))
def test_everybody_has_a_calendar_month_from_the_day_they_came_and_the_end_never_comes_nearer(
    opened_on: dt.date, count: int, waits: list[int]
) -> None:
    end = dates.last_day(opened_on, count)
    joined = [opened_on + dt.timedelta(days=wait) for wait in waits]
    moved = dates.last_day_for_all(end, joined)
    assert moved >= end
    assert all(moved >= dates.last_day(day, 1) for day in joined)
    one_by_one = end
    for day in joined:
        later = dates.last_day_for_all(one_by_one, [day])
        assert later >= one_by_one
        one_by_one = later
    assert one_by_one == moved, "in whatever order they come"
    assert moved == end or moved in {dates.last_day(day, 1) for day in joined}, "no longer than it must be"


def test_four_prompts_of_one_month_are_on_days_1_8_15_and_22() -> None:
    opened_on = dt.date(2026, 10, 21)
    days = dates.prompt_days(opened_on, dates.last_day(opened_on, 1), 4)
    assert [(day - opened_on).days + 1 for day in days] == [1, 8, 15, 22]


def test_in_half_a_year_four_prompts_are_six_weeks_apart() -> None:
    opened_on = dt.date(2026, 9, 1)
    days = dates.prompt_days(opened_on, dates.last_day(opened_on, 6), 4)
    assert [(day - opened_on).days // 7 for day in days] == [0, 6, 12, 18]


@given(days)
def test_in_every_month_of_the_calendar_the_four_prompts_are_a_week_apart(opened_on: dt.date) -> None:
    days = dates.prompt_days(opened_on, dates.last_day(opened_on, 1), 4)
    assert [(day - opened_on).days for day in days] == [0, 7, 14, 21]


@given(days, months, st.integers(min_value=1, max_value=60))
def test_prompts_spread_evenly_from_the_first_day_on_and_inside_the_month(
    opened_on: dt.date, length: int, count: int
) -> None:
    last = dates.last_day(opened_on, length)
    found = dates.prompt_days(opened_on, last, count)
    assert len(found) == count
    assert found[0] == opened_on
    assert all(opened_on <= day < last for day in found)
    gaps = [(later - earlier).days for earlier, later in itertools.pairwise(found)]
    weekly = count <= (last - opened_on).days // 7
    assert all(gap >= (7 if weekly else 0) for gap in gaps)
    if gaps:
        assert max(gaps) - min(gaps) <= (7 if weekly else 1), "no two of them much farther apart than others"


@given(days, zones)
def test_the_morning_is_on_its_day(day: dt.date, zone: str) -> None:
    if (zone, day) != ("Pacific/Apia", dt.date(2011, 12, 30)):
        assert dates.day_in(dates.morning_of(day, zone), zone) == day
