"""Form fields for what people type, cleaned by `common.text`.

"Required" means that something can be seen: a text of spaces or invisible characters counts as empty.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext

from common import sources
from common.documents import HTML_LIMIT_CHARS, size_of
from common.text import clean_line, clean_text, has_letter, is_visible

SOURCE_SUFFIX = "-source"
"""After the name of a field: the hidden field with the text of the editor that its words are from."""
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


class WritingField(TextField):
    """A text that may be written in the editor: typed text, or its sanitised HTML (see `common.sources`).

    Either has at most `TEXT_LIMIT_CHARS` characters of words.
    """

    def __init__(self, *, rows: int = 6, starts: str = "now", **options: Any) -> None:
        """`starts`: when the editor is loaded, with the page ("now") or when the box gets the focus ("")."""
        options.setdefault("widget", EditorArea(attrs={"rows": rows}, starts=starts))
        super().__init__(rows=rows, **options)

    def to_python(self, value: Any) -> str:
        """The text as it is sent to an action; the empty value when nothing of it can be seen."""
        if not sources.is_html(value or ""):
            return super().to_python(value)
        if size_of(value) > HTML_LIMIT_CHARS:
            return str(value)
        return sources.cleaned(value) or self.empty_value  # type: ignore[return-value]

    def validate(self, value: str) -> None:
        """Raise ValidationError for too many characters, or more formats and tables than can be kept."""
        if not sources.is_html(value):
            super().validate(value)
            return
        if size_of(value) > HTML_LIMIT_CHARS:
            raise ValidationError(
                gettext("This has more tables and formatting than one text can hold. Please shorten it.")
            )
        super().validate(sources.plain_text_of(value))


class EditorArea(forms.Textarea):
    """A box for typing that the editor can take the place of.

    Without the editor it shows a text of the editor as plain words, with the text itself beside it: words
    that come back unchanged are that text.
    """

    template_name = "components/_editor.html"
    has_parts = True
    """Whether the parts of the editor are on the page with this box; they are needed once."""

    def __init__(self, *, starts: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.starts = starts

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed, source = data.get(name), data.get(name + SOURCE_SUFFIX, "")
        if typed is None or sources.is_html(typed) or not sources.is_html(source):
            return typed
        words = sources.plain_text_of(source)
        return source if clean_text(typed).strip() == words.strip() else typed

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        is_html = isinstance(value, str) and sources.is_html(value)
        shown = sources.plain_text_of(value) if is_html else value
        context: dict[str, Any] = super().get_context(name, shown, attrs)
        context["source"] = {"name": name + SOURCE_SUFFIX, "value": value} if is_html else None
        context["starts"], context["has_parts"] = self.starts, self.has_parts
        return context
