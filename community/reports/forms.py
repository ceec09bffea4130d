"""The forms of a report and of the decision on one."""

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from common.fields import TextField
from community.reports.models import MAX_TEXT_CHARS, WHOLE, Report
from community.reports.things import Thing
from community.spaces.forms import WritingForm
from messaging.files.shown import ShownFile, shown


class ReportForm(WritingForm):
    """What is wrong, and with what: all of a post, or one file of it."""

    about = forms.TypedChoiceField(
        label=_("What is it about?"), coerce=int, widget=forms.RadioSelect, initial=WHOLE
    )
    reason = forms.ChoiceField(label=_("What’s wrong?"), choices=Report.Reason, widget=forms.RadioSelect)
    details = TextField(
        label=_("Anything that helps to decide"), rows=3, limit=MAX_TEXT_CHARS, required=False
    )

    def __init__(self, *args: Any, thing: Thing, **more: Any) -> None:
        super().__init__(*args, **more)
        self.attached = [shown(file) for file in thing.files if file.hidden_at is None]
        choices: list[tuple[int, Any]] = [(WHOLE, _("All of it"))]
        choices += [(file.pk, _seen(file)) for file in self.attached]
        about = self.fields["about"]
        about.choices = choices  # type: ignore[attr-defined]
        about.required = bool(self.attached)
        if not self.attached:
            about.widget = forms.HiddenInput()


def _seen(file: ShownFile) -> str:
    """A file as whoever reports it knows it: a page shows no names of pictures."""
    words = file.alt or file.name
    if not file.has_preview:
        return words
    return format_html('<img class="report-form__seen" src="{}" alt=""> {}', file.small, words)


class DecisionForm(forms.Form):
    """What a decider says."""

    decision = forms.ChoiceField(
        label=_("Your decision"),
        choices=[
            (Report.Decision.HIDDEN, _("Hide it from everyone")),
            (Report.Decision.SHOWN, _("Nothing is wrong with it: everyone may see it")),
        ],
        widget=forms.RadioSelect,
    )
    sentence = TextField(
        label=_("A sentence to the author"),
        help_text=_("Whoever reported it reads it too. The author isn’t told who that was."),
        rows=3,
        limit=MAX_TEXT_CHARS,
    )
