"""The form of a comment on a practice."""

from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from common.fields import WritingField
from common.pieces import piece
from community.posts.quotations import with_quotation
from community.spaces.forms import WritingForm
from messaging.files.forms import AttachingForm

HIDDEN = ("answers", "client_id")


class CommentForm(AttachingForm, WritingForm):
    """A comment, or a question to the author of the practice."""

    field_order = ["text", "files", "asks"]

    text = WritingField(label=_("Your comment or question"), rows=4, starts="")
    asks = forms.BooleanField(
        label=_("A question to the author"),
        required=False,
        help_text=_("The author will be told, and it stays open until someone answers."),
    )
    answers = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, *args: Any, may_ask: bool = True, quoted: str = "", **more: Any) -> None:
        super().__init__(*args, **more)
        if quoted and not self.is_bound:
            self.initial["text"] = with_quotation(self.initial.get("text", ""), quoted)
        is_answer = bool(self["answers"].value())
        if is_answer:
            self.fields["text"].label = _("Your answer")
        is_begun = self.is_bound or any(self.initial.get(name) for name in ("text", "asks", "files"))
        self.is_usual = not (is_answer or is_begun)
        self.may_ask = may_ask and not is_answer
        if not self.may_ask:
            del self.fields["asks"]

    def drawn(self) -> SafeString:
        """The fields as HTML; those of an empty form are kept, since every practice has one."""
        if not self.is_usual:
            return self.render()
        hidden = format_html_join("", "{}", ((self[name],) for name in HIDDEN))
        return format_html("{}{}", _empty_comment(may_ask=self.may_ask), hidden)


class CommentEditForm(AttachingForm, WritingForm):
    """What is changed of a comment: its text and files."""

    field_order = ["text", "files"]

    text = WritingField(label=_("Text"), rows=5)


@piece
def _empty_comment(*, may_ask: bool) -> SafeString:
    form = CommentForm(may_ask=may_ask)
    return format_html_join("\n", "{}", ((field.as_field_group(),) for field in form.visible_fields()))
