"""Forms of an institute."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.addresses import AddressField
from common.fields import LineField, NameField, TextField
from community.institutes.licence_forms import LicenceForm, check_terms
from community.institutes.licence_models import Terms
from community.institutes.models import Institute, Staff
from community.people.zones import grouped_choices


class InstituteForm(forms.ModelForm, LicenceForm):
    """The description of an institute, and the licence that its write-ups are given."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=grouped_choices,
        help_text=_(
            "A follow-up ends at midnight in this time zone. If you change it, only follow-ups that "
            "open later are affected."
        ),
    )

    class Meta:
        model = Institute
        fields = ["name", "language", "time_zone", "about", "child_contact", *Terms._fields]
        widgets = {"about": forms.Textarea(attrs={"rows": 5})}
        labels = {
            "name": _("Name"),
            "language": _("Language"),
            "about": _("About the institute"),
            "child_contact": _("Whom to call when a child may be in danger"),
        }
        field_classes = {"name": NameField, "about": TextField, "child_contact": LineField}
        help_texts = {
            "language": _("The default for its texts and emails. A course or a person can choose another."),
            "child_contact": _(
                "A name with a phone number or an email address. Shown to whoever reports that a child "
                "may be in danger, beside the emergency number."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = grouped_choices(self.instance.time_zone)  # type: ignore[attr-defined]
        self.fields["licence"].label = gettext("Licence for new write-ups")
        self.fields["licence"].help_text = gettext(
            "Authors start with this and can choose another. Write-ups already published stay as they are."
        )

    def clean(self) -> dict[str, Any]:
        """Own terms that say something, and stand alone."""
        cleaned = super().clean() or self.cleaned_data
        check_terms(self)
        return cleaned


class NewInstituteForm(forms.Form):
    """A new institute, and who coordinates it first."""

    name = NameField(label=_("Name of the institute"), max_length=200)
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("The default for its texts and emails. A course or a person can choose another."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=grouped_choices,
        help_text=_("A follow-up ends at midnight in this time zone."),
    )
    coordinator = NameField(label=_("Name of its first coordinator"), max_length=120)
    address = AddressField(
        label=_("Their email address"),
        help_text=_("We’ll email them an invitation. You can also name yourself."),
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Institute.objects.filter(name=name).exists():
            raise forms.ValidationError(gettext("There’s already an institute with this name."))
        return name


class StaffForm(forms.Form):
    """A new member of staff, by name and address."""

    name = NameField(label=_("Name"), max_length=120)
    address = AddressField(label=_("Email address"))
    role = forms.ChoiceField(label=_("Role"), choices=Staff.Role.choices)


class RoleForm(forms.ModelForm):
    """Another role for a member of staff."""

    class Meta:
        model = Staff
        fields = ["role"]
