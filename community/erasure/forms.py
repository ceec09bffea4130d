"""The form with which a person asks to be erased."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ErasureForm(forms.Form):
    """What happens to their posts."""

    posts = forms.ChoiceField(
        label=_("Conversations and write-ups that others here could read"),
        choices=[("stay", _("Keep them, without my name")), ("go", _("Delete them too"))],
        widget=forms.RadioSelect,
        help_text=_("Others may have built on them. What others replied stays in any case."),
    )
