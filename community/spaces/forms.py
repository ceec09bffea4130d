"""Base of the forms for posts: long text with a limit, and an idempotency key."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


class LongText(forms.CharField):
    """A text of several paragraphs, at most `TEXT_LIMIT_CHARS` characters, with line feeds only.

    The limit is checked here and not given to the browser, which would silently cut a long paste.
    """

    def __init__(self, *, rows: int = 6, **more: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **more)

    def to_python(self, value: Any) -> str:
        """The text with line feeds only, so that its length is what the user sees."""
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")

    def validate(self, value: str) -> None:
        """Raise ValidationError with the number of characters too many."""
        super().validate(value)
        excess = len(value) - settings.TEXT_LIMIT_CHARS
        if excess > 0:
            raise ValidationError(
                ngettext(
                    "This is %(over)d character longer than the %(limit)d that fit. Please shorten it.",
                    "This is %(over)d characters longer than the %(limit)d that fit. Please shorten it.",
                    excess,
                )
                % {"over": excess, "limit": settings.TEXT_LIMIT_CHARS}
            )


class WritingForm(forms.Form):
    """A form that is idempotent: sent twice (a double click, a retry after a lost response) it acts once."""

    client_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    def sent_id(self) -> uuid.UUID:
        """The idempotency key: the same form with the same values gives the same key.

        Other values in the same form (after the browser's back button) are another post.
        """
        values = "\x1f".join(str(self.cleaned_data[name]) for name in self.fields if name != "client_id")
        return uuid.uuid5(self.cleaned_data["client_id"] or uuid.uuid4(), values)


def language_field() -> forms.ChoiceField:
    """The language of a post; the default is that of the space."""
    return forms.ChoiceField(label=_("Written in"), choices=settings.LANGUAGES)
