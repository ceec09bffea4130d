"""Form fields for what people type, cleaned by `common.text`.

"Required" means that something can be seen: a text of spaces or invisible characters counts as empty.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext

from common.text import clean_line, clean_text, has_letter, is_visible

MAX_NUMBER = 2**63 - 1
"""The largest number a database column holds."""


class LineField(forms.CharField):
    """One line: a title, a place, a sentence."""

    def to_python(self, value: Any) -> str:
        """The cleaned line; the empty value when nothing of it can be seen."""
        line = clean_line(str(super().to_python(value) or ""))
        return line if is_visible(line) else self.empty_value  # type: ignore[return-value]


class NameField(LineField):
    """The name of a person or of an institute. It has a letter."""

    def validate(self, value: str) -> None:
        """Raise ValidationError for a name of digits and signs alone."""
        super().validate(value)
        if value and not has_letter(value):
            raise ValidationError(gettext("A name needs at least one letter."))


class TextField(forms.CharField):
    """A text of several lines, at most `limit` characters (by default `TEXT_LIMIT_CHARS`).

    The limit is checked here and not given to the browser, which would silently cut a long paste.
    """

    def __init__(self, *, rows: int = 6, limit: int = 0, **options: Any) -> None:
        options.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(**options)
        self.limit = limit

    def to_python(self, value: Any) -> str:
        """The cleaned text; the empty value when nothing of it can be seen."""
        text = clean_text(str(super().to_python(value) or ""))
        if self.strip:
            text = text.strip()
        return text if is_visible(text) else self.empty_value  # type: ignore[return-value]

    def validate(self, value: str) -> None:
        """Raise ValidationError with the number of characters too many."""
        super().validate(value)
        limit = self.limit or settings.TEXT_LIMIT_CHARS
        excess = len(value) - limit
        if excess > 0:
            raise ValidationError(
                ngettext(
                    "This is %(over)d character over the limit of %(limit)d. Please shorten it.",
                    "This is %(over)d characters over the limit of %(limit)d. Please shorten it.",
                    excess,
                )
                % {"over": excess, "limit": limit}
            )
