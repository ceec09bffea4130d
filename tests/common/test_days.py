"""A day of a year that makes sense."""

import datetime as dt

import pytest
from django import forms

from common import clock
from common.days import DayField


class Form(forms.Form):
    """A form with a day."""

    day = DayField()


NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize("day", ["2000-01-01", "2026-11-20", "2031-12-31"])
def test_a_day_of_our_time_is_taken(day):
    with clock.at(NOON):
        form = Form({"day": day})
        assert form.is_valid()
    assert form.cleaned_data["day"] == dt.date.fromisoformat(day)


@pytest.mark.parametrize("day", ["0026-12-01", "1999-12-31", "2032-01-01", "9999-12-31"])
def test_a_day_of_another_age_is_refused_in_a_sentence(day):
    with clock.at(NOON):
        assert Form({"day": day}).errors == {
            "day": ["Please look at the year again: it must lie between 2000 and 2031."]
        }


def test_the_browser_knows_the_bounds_and_a_form_may_narrow_them():
    with clock.at(NOON):
        assert 'min="2000-01-01" max="2031-12-31"' in str(Form()["day"])
        form = Form()
        form.fields["day"].widget.attrs["min"] = "2026-11-02"
        assert 'min="2026-11-02" max="2031-12-31"' in str(form["day"])
        assert 'min="2000-01-01"' in str(Form()["day"])
