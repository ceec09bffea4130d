"""Base of the forms for posts: an idempotency key, and the language."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from common.fields import EditorArea


class WritingForm(forms.Form):
    """A form that is idempotent: sent twice (a double click, a retry after a lost response) it acts once."""

    client_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        areas = [field.widget for field in self.fields.values() if isinstance(field.widget, EditorArea)]
        for number, area in enumerate(areas):
            area.has_parts = number == 0

    def sent_id(self) -> uuid.UUID:
        """The idempotency key: the same form with the same values gives the same key.

        Other values in the same form (after the browser's back button) are another post.
        """
        values = "\x1f".join(str(self.cleaned_data[name]) for name in self.fields if name != "client_id")
        return uuid.uuid5(self.cleaned_data["client_id"] or uuid.uuid4(), values)


def language_field() -> forms.ChoiceField:
    """The language of a post; the default is that of the space."""
    return forms.ChoiceField(label=_("Language of the text"), choices=settings.LANGUAGES)
