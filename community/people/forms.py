"""Forms of joining and of the profile."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import get_language, get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from common.addresses import AddressField
from common.fields import LineField, NameField
from community.people.models import Occupation, User
from community.people.sign_in_forms import NOTHING_TO_SAVE, no_password_needed
from community.people.zones import grouped_choices, require_zone
from messaging.files.file_types import content_type_of, is_picture
from messaging.files.forms import UploadField


class AboutMe(forms.ModelForm):
    """Name, occupation and language."""

    class Meta:
        model = User
        fields = ["name", "preferred_name", "occupation", "language"]
        labels = {
            "name": _("Name"),
            "preferred_name": _("What should we call you?"),
            "occupation": _("What you do"),
            "language": _("Language"),
        }
        help_texts = {
            "name": _("The name your colleagues know you by."),
            "preferred_name": _("Used in our emails. If you leave it empty, we use your full name."),
        }
        field_classes: dict[str, Any] = {"name": NameField, "preferred_name": LineField}
        error_messages = {"name": {"required": _("Please tell us your name.")}}
        widgets: dict[str, Any] = {
            "name": forms.TextInput({"autocomplete": "name"}),
            "preferred_name": forms.TextInput({"autocomplete": "nickname"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Languages are listed by their own names, for readers who know no other.
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            (code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES
        ]
        self.fields["occupation"].choices = [("", _("Not given")), *Occupation.choices]  # type: ignore[attr-defined]


class ProfileForm(AboutMe):
    """The profile: the same fields, the time zone, the theme and what others see."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=grouped_choices,
        validators=[require_zone],
        help_text=_("Days and hours are shown on your clock."),
    )

    class Meta(AboutMe.Meta):
        fields = [*AboutMe.Meta.fields, "time_zone", "theme", "shows_presence", "shows_reading"]
        labels = AboutMe.Meta.labels | {
            "theme": _("Colours"),
            "shows_presence": _("Show others when I’m in the chat"),
            "shows_reading": _("Count me in “read by” numbers (never my name)"),
        }
        widgets = AboutMe.Meta.widgets | {"theme": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = grouped_choices(self.instance.time_zone)  # type: ignore[attr-defined]


class PictureForm(forms.Form):
    """A picture of oneself."""

    picture = UploadField(
        label=_("Choose a picture"),
        help_text=_("We use the square in the middle. Only people who share a space with you can see it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["picture"].widget.attrs["accept"] = "image/*"

    def clean_picture(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["picture"]
        if not is_picture(content_type_of(upload.name or "", upload)):
            raise forms.ValidationError(gettext("Please choose a picture, for example a .jpg or .png."))
        return upload


class JoinForm(AboutMe):
    """Accepting an invitation: the profile as listed, to be corrected, and optionally a password.

    The time zone is the institute's until it is changed in the profile.
    """

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = no_password_needed()
        # That of the page, which the visitor may have changed at its foot.
        self.initial["language"] = get_language()

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if password:
            validate_password(password, self.instance)
        return password


class AddressForm(forms.Form):
    """The address an invitation was sent to."""

    errors_heading = NOTHING_TO_SAVE

    email = AddressField(label=_("Email address"), widget=forms.EmailInput({"autocomplete": "email"}))
