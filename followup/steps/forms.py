"""The form to report a step in one sentence."""

import datetime as dt

from django import forms
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from common.fields import LineField
from common.pieces import piece
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


def empty_fields() -> SafeString:
    """The fields of the empty form, kept."""
    return _fields(tuple(_choices()))


@piece
def _fields(choices: tuple[tuple[str, str], ...]) -> SafeString:
    # By default its moment is now, which a kept piece may not ask for.
    form = StepForm(instance=StepTold(told_at=dt.datetime.min.replace(tzinfo=dt.UTC)))
    form.fields["step"].choices = choices  # type: ignore[attr-defined]
    return format_html_join("\n", "{}", ((form[name].as_field_group(),) for name in form.fields))
