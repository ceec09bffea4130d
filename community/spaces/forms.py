"""Base of the forms with which people write: long text with a limit, and an idempotency key."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


class LongText(forms.CharField):
    """A text of several paragraphs, at most `TEXT_LIMIT` characters, with line feeds only.

    The limit is checked here and not given to the browser, which would silently cut a long paste.
    """

    def __init__(self, *, rows: int = 6, **more: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **more)

    def to_python(self, value: Any) -> str:
        """The text with line feeds only, so that its length is what the person sees."""
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")

    def validate(self, value: str) -> None:
        """Say by how much a text is too long."""
        super().validate(value)
        over = len(value) - settings.TEXT_LIMIT
        if over > 0:
            raise ValidationError(
                ngettext(
                    "This is %(over)d character longer than the %(limit)d that fit. Please shorten it.",
                    "This is %(over)d characters longer than the %(limit)d that fit. Please shorten it.",
                    over,
                )
                % {"over": over, "limit": settings.TEXT_LIMIT}
            )


class WritingForm(forms.Form):
    """A form that may be sent twice (a double click, a retry after a lost answer) and is taken once."""

    client_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    def sent_id(self) -> uuid.UUID:
        """The id under which these words are taken: the same form with the same words gives the same id.

        Other words in the same form (somebody went back in the browser and wrote on) are another post.
        """
        words = "\x1f".join(str(self.cleaned_data[name]) for name in self.fields if name != "client_id")
        return uuid.uuid5(self.cleaned_data["client_id"] or uuid.uuid4(), words)


def language_field() -> forms.ChoiceField:
    """In which language somebody writes; a space suggests its own."""
    return forms.ChoiceField(label=_("Written in"), choices=settings.LANGUAGES)
