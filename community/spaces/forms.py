"""Base of the forms for posts: an idempotency key, and the language."""

import uuid
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from common.fields import EditorArea, WritingField
from common.sources import pictures_in


class WritingForm(forms.Form):
    """A form that is idempotent: sent twice (a double click, a retry after a lost response) it acts once."""

    client_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        files = self.initial.get("files")
        if isinstance(files, list):
            # Those in a text are seen there.
            in_texts = {UUID(key) for key in self._pictures(self.initial)}
            self.initial["files"] = [key for key in files if UUID(str(key)) not in in_texts]
        areas = [field.widget for field in self.fields.values() if isinstance(field.widget, EditorArea)]
        for number, area in enumerate(areas):
            area.has_parts = number == 0

    def clean(self) -> dict[str, Any]:
        """The pictures in the texts are files of the post, behind the others."""
        cleaned = super().clean() or self.cleaned_data
        if "files" in cleaned:
            shown = [UUID(key) for key in self._pictures(cleaned)]
            kept = cleaned["files"]
            cleaned["files"] = kept._replace(keys=tuple(dict.fromkeys([*kept.keys, *shown])))
        return cleaned

    def _pictures(self, texts: Mapping[str, Any]) -> list[str]:
        names = [name for name, field in self.fields.items() if isinstance(field, WritingField)]
        return [key for name in names for key in pictures_in(texts.get(name) or "")]

    def sent_id(self) -> uuid.UUID:
        """The idempotency key: the same form with the same values gives the same key.

        Other values in the same form (after the browser's back button) are another post.
        """
        values = "\x1f".join(str(self.cleaned_data[name]) for name in self.fields if name != "client_id")
        return uuid.uuid5(self.cleaned_data["client_id"] or uuid.uuid4(), values)


def language_field() -> forms.ChoiceField:
    """The language of a post; the default is that of the space."""
    return forms.ChoiceField(label=_("Language of the text"), choices=settings.LANGUAGES)
