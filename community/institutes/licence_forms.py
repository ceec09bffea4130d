"""The choice of a licence, in the form of an institute and in that of a practice."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.fields import LineField
from community.institutes.licence_models import MAX_TERMS_CHARS, Holder, Licence


class LicenceForm(forms.Form):
    """The fields of a licence (`licence_models.Licensed`)."""

    licence = forms.ChoiceField(
        label=_("Licence"), required=False, choices=[("", _("Not chosen")), *Licence.choices]
    )
    rights_holder = forms.ChoiceField(label=_("Who holds the rights"), required=False, choices=Holder.choices)
    own_terms = LineField(
        label=_("Own terms"),
        max_length=MAX_TERMS_CHARS,
        required=False,
        help_text=_("With “Own terms”: what others may do with it, and how they name the source."),
    )
    not_for_profit = forms.BooleanField(label=_("Own terms: not for profit"), required=False)
    permission_first = forms.BooleanField(
        label=_("Own terms: ask for permission in writing first"), required=False
    )

    def clean_rights_holder(self) -> str:
        """The author, unless it is said."""
        return self.cleaned_data["rights_holder"] or Holder.AUTHOR


def check_terms(form: forms.BaseForm) -> None:
    """Add an error where own terms say nothing, or stand beside a licence that has its own."""
    given: dict[str, Any] = form.cleaned_data
    own = [name for name in ("own_terms", "not_for_profit", "permission_first") if given.get(name)]
    if given.get("licence") == Licence.OWN:
        if not own and "own_terms" not in form.errors:
            form.add_error("own_terms", gettext("Say what others may do with it, or tick a condition below."))
    elif "licence" not in form.errors:
        for name in own:
            form.add_error(
                name, gettext("This only goes with “Own terms”. Choose that as the licence, or clear this.")
            )
