"""The form to report a step in one sentence."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.fields import LineField
from followup.steps.models import StepTold
from followup.steps.sources import available_steps


def _choices() -> list[tuple[str, str]]:
    return [(step.value, str(step.label)) for step in available_steps()]


class StepForm(forms.ModelForm):
    """A step, reported in one sentence."""

    step = forms.ChoiceField(label=_("What you did"), choices=_choices)

    class Meta:
        model = StepTold
        fields = ["step", "sentence", "trainer_only"]
        field_classes = {"sentence": LineField}
