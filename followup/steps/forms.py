"""The form of a step told in one sentence."""

from django import forms
from django.utils.translation import gettext_lazy as _

from followup.steps.models import STEPS, StepTold


class StepForm(forms.ModelForm):
    """A step told in one sentence."""

    step = forms.ChoiceField(label=_("What you did"), choices=[(step.value, step.label) for step in STEPS])

    class Meta:
        model = StepTold
        fields = ["step", "sentence", "trainer_only"]
