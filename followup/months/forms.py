"""The form of an extension."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.days import DayField
from common.fields import LineField
from followup.months.models import Extension, Month


class ExtensionForm(forms.ModelForm):
    """A later last day, the reason, and whether the trainer stays."""

    stays = forms.BooleanField(
        label=_("The trainer stays available"),
        help_text=_("Otherwise participants help each other. This takes effect once the trainer agrees."),
        required=False,
    )

    class Meta:
        model = Extension
        fields = ["last_day", "reason"]
        labels = {"last_day": _("New last day")}
        field_classes = {"last_day": DayField, "reason": LineField}
        help_texts = {"reason": _("Everyone in the space can read it.")}

    def __init__(self, *args: Any, month: Month, **more: Any) -> None:
        super().__init__(*args, **more)
        self.month = month
        self.fields["last_day"].widget.attrs["min"] = (
            month.space.last_day + dt.timedelta(days=1)
        ).isoformat()

    def clean_last_day(self) -> dt.date:
        """The day must be later: a month is never shortened."""
        last_day: dt.date = self.cleaned_data["last_day"]
        if last_day <= self.month.space.last_day:
            raise forms.ValidationError(_("The new last day must be later than the current one."))
        return last_day
