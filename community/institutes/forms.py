"""Forms of an institute."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.addresses import AddressField
from common.fields import NameField, TextField
from community.institutes.models import Institute, Staff
from community.people.zones import grouped_choices


class InstituteForm(forms.ModelForm):
    """The description of an institute."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=grouped_choices,
        help_text=_(
            "A month ends with the last minute of a day there. A change is for months that open later."
        ),
    )

    class Meta:
        model = Institute
        fields = ["name", "language", "time_zone", "about"]
        widgets = {"about": forms.Textarea(attrs={"rows": 5})}
        labels = {"name": _("Name"), "language": _("Language"), "about": _("About the institute")}
        field_classes = {"name": NameField, "about": TextField}
        help_texts = {"language": _("Of its texts and mails, unless a course or a person says otherwise.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = grouped_choices(self.instance.time_zone)  # type: ignore[attr-defined]


class StaffForm(forms.Form):
    """A new member of staff, by name and address."""

    name = NameField(label=_("Name"), max_length=120)
    address = AddressField(label=_("E-mail address"))
    role = forms.ChoiceField(label=_("Role"), choices=Staff.Role.choices)


class RoleForm(forms.ModelForm):
    """Another role for a member of staff."""

    class Meta:
        model = Staff
        fields = ["role"]
