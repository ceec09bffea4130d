"""Forms for recording completions."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext_lazy as _

from common.collation import sorted_by_name
from common.days import DayField
from common.fields import TextField
from followup.courses.models import Enrolment, Run
from followup.lists.parser import MAX_BYTES

MAX_PASTED_CHARS = 300_000
SPREADSHEETS = ".csv,.txt,.tsv,.xlsx,.ods,.xls,text/csv,text/plain"


class UploadForm(forms.Form):
    """A list from a spreadsheet."""

    file = forms.FileField(
        label=_("Completion list"),
        help_text=_(
            "A spreadsheet (.xlsx) or a CSV file with addresses and names. You’ll see a preview "
            "before anything happens."
        ),
        widget=forms.FileInput(attrs={"accept": SPREADSHEETS}),
        error_messages={"required": _("Choose a file first."), "empty": _("This file is empty.")},
    )

    def clean_file(self) -> Any:
        """The upload; one that is too large is not read."""
        upload = self.cleaned_data["file"]
        if upload.size > MAX_BYTES:
            raise forms.ValidationError(_("This file is larger than 4 MB. Please split it."))
        return upload


class PasteForm(forms.Form):
    """The same, copied from a spreadsheet or from a mail."""

    pasted = TextField(
        label=_("Or paste it here"),
        help_text=_(
            "Rows copied from a spreadsheet, with the column names, or people with their addresses, "
            "one per line."
        ),
        limit=MAX_PASTED_CHARS,
        strip=False,
        error_messages={"required": _("Paste the list first.")},
    )


class TrainerForm(forms.Form):
    """By when somebody will be on hand in a month that opens without a trainer."""

    trainer_by = DayField(
        label=_("Someone will be available by"),
        error_messages={"required": _("Say by when someone will be available.")},
    )

    def __init__(self, *args: Any, first: dt.date, last: dt.date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.first, self.last = first, last
        self.fields["trainer_by"].widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}

    def clean_trainer_by(self) -> dt.date:
        """A day within the month."""
        day: dt.date = self.cleaned_data["trainer_by"]
        if not self.first <= day <= self.last:
            raise forms.ValidationError(_("Choose a day between today and the last day of the follow-up."))
        return day


class PeopleInOrder(ModelChoiceIterator):
    """Choices of enrolments, by name in the reader's language."""

    def __iter__(self) -> Iterator[Any]:
        for enrolment in sorted_by_name(self.queryset, lambda one: one.user.name):
            yield self.choice(enrolment)


class PersonChoice(forms.ModelMultipleChoiceField):
    """People by their names."""

    iterator = PeopleInOrder

    def label_from_instance(self, enrolment: Any) -> str:
        return enrolment.user.name

    def clean(self, value: Any) -> Any:
        """Refuses a number that no column can hold too; a query by many numbers fails with it on SQLite."""
        try:
            return super().clean(value)
        except OverflowError:
            unknown = max(value, key=len)
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": unknown}
            ) from None


class SelectionForm(forms.Form):
    """Which of the enrolled completed the course, and when."""

    completed_on = DayField(label=_("Completed on"))
    enrolments = PersonChoice(
        label=_("Who completed the course"),
        queryset=Enrolment.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one person.")},
    )

    def __init__(self, *args: Any, run: Run, today: dt.date, **more: Any) -> None:
        super().__init__(*args, **more)
        waiting = run.enrolments.filter(completed_at=None).select_related("user").order_by("pk")
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
            raise forms.ValidationError(_("This date is in the future."))
        if day < self.first:
            raise forms.ValidationError(_("On this day the course group hadn’t started yet."))
        return day
