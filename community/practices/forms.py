"""The form of a practice: four parts, each with a short question as its help text."""

from dataclasses import fields
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.fields import LineField, TextField
from community.practices.actions import PracticeText
from community.practices.models import Practice
from community.spaces.forms import WritingForm, language_field


class PracticeForm(WritingForm):
    """A practice in four parts."""

    title = LineField(
        label=_("Title"), max_length=160, help_text=_("What a colleague would look for, in one line.")
    )
    setting = LineField(
        label=_("Setting"),
        max_length=160,
        required=False,
        help_text=_("Grade and subject, group or office: “Year 7, biology”."),
    )
    context = TextField(
        label=_("Where and with whom"),
        rows=4,
        help_text=_("What was the situation? What did you want to change?"),
    )
    tried = TextField(
        label=_("What I tried"),
        rows=6,
        help_text=_("What did you do, step by step? What did you say or hand out?"),
    )
    happened = TextField(
        label=_("What happened"),
        rows=6,
        help_text=_("What did you see and hear? What surprised you? What failed?"),
    )
    change = TextField(
        label=_("What I would change"),
        rows=4,
        required=False,
        help_text=_("What will you do differently next time? What would you tell a colleague?"),
    )
    language = language_field()

    def text(self) -> PracticeText:
        """The text, as the actions take it."""
        return PracticeText(**{field.name: self.cleaned_data[field.name] for field in fields(PracticeText)})


def written(practice: Practice) -> dict[str, Any]:
    """The initial values of the form for a practice that is edited."""
    return {
        field.name: practice.sent(field.name)
        if field.name in practice.SOURCES
        else getattr(practice, field.name)
        for field in fields(PracticeText)
    }
