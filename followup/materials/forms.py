"""The form of a material."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from common.fields import LineField
from followup.courses.models import Run
from followup.materials.models import Material
from messaging.files.forms import UploadField


class WebAddressField(forms.URLField):
    """An address of a page: nothing but http and https, and no user name, which looks like a host."""

    default_validators = [URLValidator(schemes=["http", "https"])]

    def clean(self, value: Any) -> str:
        """Raises ValidationError as a URLField does."""
        address: str = super().clean(value)
        if "@" in urlsplit(address).netloc:
            raise forms.ValidationError(URLValidator.message, code="invalid")
        return address


class MaterialForm(forms.ModelForm):
    """A link or a file, for one of the month's groups."""

    link = WebAddressField(label=_("Link"), required=False, max_length=500, assume_scheme="https")
    upload = UploadField(label=_("File"), required=False)

    class Meta:
        model = Material
        fields = ["run", "title"]
        labels = {"run": _("Course group")}
        field_classes = {"title": LineField}

    def __init__(self, *args: Any, runs: list[Run], **more: Any) -> None:
        super().__init__(*args, **more)
        choice = self.fields["run"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = Run.objects.filter(pk__in=[run.pk for run in runs])
        if len(runs) == 1:
            choice.initial, choice.widget = runs[0].pk, forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Require either a link or a file."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and bool(cleaned.get("link")) == bool(cleaned.get("upload")):
            raise forms.ValidationError(_("Add either a link or a file."))
        return cleaned
