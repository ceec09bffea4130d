"""A form field for a day. In a browser's field one soon has the year 26 or 20266."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext

from common import clock

FIRST_DAY = dt.date(2000, 1, 1)
YEARS_AHEAD = 5


def last_day() -> dt.date:
    """The last day that can be entered."""
    return dt.date(clock.today("UTC").year + YEARS_AHEAD, 12, 31)


class DayInput(forms.DateInput):
    """The browser's date input."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day of a year that makes sense: from 2000 to a few years ahead."""

    widget = DayInput

    def validate(self, value: Any) -> None:
        """Raise ValidationError for a day of another age."""
        super().validate(value)
        if value is not None and not FIRST_DAY <= value <= last_day():
            raise ValidationError(
                gettext("Please look at the year again: it must lie between %(first)d and %(last)d.")
                % {"first": FIRST_DAY.year, "last": last_day().year},
                code="year",
            )

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundField:
        """The field with its bounds for the browser, unless the form has set narrower ones."""
        attrs = self.widget.attrs
        attrs.setdefault("min", FIRST_DAY.isoformat())
        attrs.setdefault("max", last_day().isoformat())
        return super().get_bound_field(form, field_name)
