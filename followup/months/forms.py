"""What people fill in about a month."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from followup.courses.models import Material, Run
from followup.months.actions import STEPS_OF_NOW
from followup.months.models import Extension, Month, StepTold
from messaging.files.forms import UploadField


class ExtensionForm(forms.ModelForm):
    """A later last day, why, and whether the trainer stays."""

    stays = forms.BooleanField(
        label=_("The trainer stays on hand"),
        help_text=_("Without this, people answer each other. It holds once the trainer has said yes."),
        required=False,
    )

    class Meta:
        model = Extension
        fields = ["last_day", "reason"]
        widgets = {"last_day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        labels = {"last_day": _("New last day")}
        help_texts = {"reason": _("Everybody in the space can read it.")}

    def __init__(self, *args: Any, month: Month, **more: Any) -> None:
        super().__init__(*args, **more)
        self.month = month
        self.fields["last_day"].widget.attrs["min"] = (
            month.space.last_day + dt.timedelta(days=1)
        ).isoformat()

    def clean_last_day(self) -> dt.date:
        """Later than the one there is: a month is never made shorter."""
        last_day: dt.date = self.cleaned_data["last_day"]
        if last_day <= self.month.space.last_day:
            raise forms.ValidationError(_("The new last day must be later than the one there is."))
        return last_day


class StepForm(forms.ModelForm):
    """A step told in one sentence."""

    step = forms.ChoiceField(
        label=_("What you did"), choices=[(step.value, step.label) for step in STEPS_OF_NOW]
    )

    class Meta:
        model = StepTold
        fields = ["step", "sentence", "trainer_only"]


class MaterialForm(forms.ModelForm):
    """A link or a file, for one of the month's groups."""

    link = forms.URLField(label=_("Link"), required=False, max_length=500, assume_scheme="https")
    upload = UploadField(label=_("File"), required=False)

    class Meta:
        model = Material
        fields = ["run", "title"]
        labels = {"run": _("Course group")}

    def __init__(self, *args: Any, runs: list[Run], **more: Any) -> None:
        super().__init__(*args, **more)
        choice = self.fields["run"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = Run.objects.filter(pk__in=[run.pk for run in runs])
        if len(runs) == 1:
            choice.initial, choice.widget = runs[0].pk, forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """One of the two: a link or a file."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and bool(cleaned.get("link")) == bool(cleaned.get("upload")):
            raise forms.ValidationError(_("Add either a link or a file."))
        return cleaned
