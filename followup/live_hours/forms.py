"""The form of a live hour. Times are in the institute's time zone, like the days of the month."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from common import clock
from common.days import DayField
from common.fields import LineField
from community.people.zones import city_of
from followup.live_hours.models import LiveHour
from followup.months.models import Month

DEFAULT_START = dt.time(16)


class LiveHourForm(forms.Form):
    """What it is about, on which day, from when until when."""

    title = LineField(
        label=_("What it is about"),
        max_length=120,
        help_text=_("In one line, so that people can tell whether it’s for them."),
    )
    day = DayField(label=_("Day"))
    starts = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(label=_("Until"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))

    def __init__(self, *args: Any, month: Month, hour: LiveHour | None = None, **more: Any) -> None:
        self.zone = ZoneInfo(month.space.time_zone)
        more["initial"] = self._initial_of(hour) if hour else self._default_initial(month)
        super().__init__(*args, **more)
        today = clock.today(self.zone.key)
        bounds = {"min": today.isoformat(), "max": month.space.last_day.isoformat()}
        self.fields["day"].widget.attrs.update(bounds)
        self.fields["ends"].help_text = _("Times are in %(city)s time.") % {"city": city_of(self.zone.key)}

    def times(self) -> dict[str, Any]:
        """The title and the two moments."""
        data = self.cleaned_data
        starts_at, ends_at = (
            dt.datetime.combine(data["day"], data[name], self.zone).astimezone(dt.UTC)
            for name in ("starts", "ends")
        )
        return {"title": data["title"], "starts_at": starts_at, "ends_at": ends_at}

    def _default_initial(self, month: Month) -> dict[str, Any]:
        tomorrow = clock.today(self.zone.key) + dt.timedelta(days=1)
        day = min(tomorrow, month.space.last_day)
        return {"day": day, "starts": DEFAULT_START, "ends": dt.time(DEFAULT_START.hour + 1)}

    def _initial_of(self, hour: LiveHour) -> dict[str, Any]:
        starts, ends = hour.starts_at.astimezone(self.zone), hour.ends_at.astimezone(self.zone)
        return {"title": hour.title, "day": starts.date(), "starts": starts.time(), "ends": ends.time()}
