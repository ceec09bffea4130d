"""Forms for recording completions."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from followup.completions.parser import MAX_BYTES
from followup.courses.forms import DayInput
from followup.courses.models import Enrolment, Run


class UploadForm(forms.Form):
    """A list from a spreadsheet."""

    file = forms.FileField(
        label=_("Completion list"),
        help_text=_("A CSV file with the columns email and name. You see first what it does."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
        error_messages={"required": _("Choose a file first."), "empty": _("There is nothing in this file.")},
    )

    def clean_file(self) -> Any:
        """The upload; one that is too large is not read."""
        upload = self.cleaned_data["file"]
        if upload.size > MAX_BYTES:
            raise forms.ValidationError(_("This file is larger than 2 MB. Split it, please."))
        return upload


class PersonChoice(forms.ModelMultipleChoiceField):
    """People by their names."""

    def label_from_instance(self, enrolment: Any) -> str:
        return enrolment.user.name


class SelectionForm(forms.Form):
    """Which of the enrolled completed the course, and when."""

    completed_on = forms.DateField(label=_("Completed on"), widget=DayInput())
    enrolments = PersonChoice(
        label=_("Who completed the course"),
        queryset=Enrolment.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one person.")},
    )

    def __init__(self, *args: Any, run: Run, today: dt.date, **more: Any) -> None:
        super().__init__(*args, **more)
        waiting = run.enrolments.filter(completed_at=None).select_related("user").order_by("user__name", "pk")
        people, day = self.fields["enrolments"], self.fields["completed_on"]
        assert isinstance(people, forms.ModelMultipleChoiceField)
        people.queryset = waiting
        people.initial = [enrolment.pk for enrolment in waiting]
        day.initial = min(run.ends_on, today)
        day.widget.attrs |= {"min": run.starts_on.isoformat(), "max": today.isoformat()}
        self.first, self.today = run.starts_on, today

    def clean_completed_on(self) -> dt.date:
        """A day that is neither before the course group nor in the future."""
        day: dt.date = self.cleaned_data["completed_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day is still to come."))
        if day < self.first:
            raise forms.ValidationError(_("On this day the course group had not begun yet."))
        return day
