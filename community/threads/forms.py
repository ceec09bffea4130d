"""The forms of conversations."""

from typing import Any, cast

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from common.fields import EditorArea, LineField, WritingField
from common.pieces import piece
from community.posts.quotations import with_quotation
from community.spaces.forms import WritingForm, language_field
from community.spaces.models import Space
from community.spaces.queries import has_answerer
from community.threads.models import Thread
from messaging.files.forms import AttachingForm


class ThreadForm(AttachingForm, WritingForm):
    """A new conversation."""

    field_order = ["title", "text", "files", "language"]

    title = LineField(label=_("Title"), max_length=160, help_text=_("What it is about, in one line."))
    text = WritingField(label=_("Text"), required=False, rows=8)
    language = language_field()


class QuestionForm(ThreadForm):
    """A new question, to everyone here or only to those who answer."""

    audience = forms.ChoiceField(
        label=_("Who should see it?"),
        widget=forms.RadioSelect,
        initial=Thread.Audience.EVERYONE,
    )
    field_order = ["title", "text", "files", "audience", "language"]

    def __init__(self, *args: object, space: Space, **more: object) -> None:
        super().__init__(*args, **more)
        self.space = space
        field = cast("forms.ChoiceField", self.fields["audience"])
        field.choices = [
            (Thread.Audience.EVERYONE, _("Everyone here: others may have the same question")),
            (Thread.Audience.ANSWERERS, space.sentences.only_answerers),
        ]
        # A private question that was typed before they left is refused with the reason, never made public.
        if not self.is_bound and not has_answerer(space):
            field.choices = field.choices[:1]
            field.help_text = space.sentences.nobody_answers
        self.fields["title"].label = _("Your question")
        self.fields["title"].help_text = _("In one sentence, so that others can see what you need.")
        self.fields["text"].label = _("More about it")
        self.fields["text"].help_text = _("What you tried, with whom, and where you got stuck.")

    def clean_audience(self) -> str:
        """Nobody asks privately where nobody would read it."""
        audience: str = self.cleaned_data["audience"]
        if audience == Thread.Audience.ANSWERERS and not has_answerer(self.space):
            raise forms.ValidationError(self.space.sentences.nobody_answers)
        return audience


class ReplyForm(AttachingForm, WritingForm):
    """A reply."""

    field_order = ["text", "files", "tried"]

    text = WritingField(label=_("Your reply"), rows=5, starts="")
    tried = forms.BooleanField(
        label=_("I tried this"), required=False, help_text=_("In your own lesson, group or office.")
    )

    def __init__(
        self, *args: Any, has_messages: bool = False, may_try: bool = True, quoted: str = "", **more: Any
    ) -> None:
        super().__init__(*args, **more)
        if quoted and not self.is_bound:
            self.initial["text"] = with_quotation(self.initial.get("text", ""), quoted)
        text = self.fields["text"]
        text.required = not has_messages
        if self.initial.get("text"):
            cast("EditorArea", text.widget).starts = "now"
        self.may_try = may_try
        if not may_try:
            del self.fields["tried"]

    def drawn(self) -> SafeString:
        """The fields as HTML; those of an empty form are kept, since every conversation has one."""
        if self.is_bound or self.initial:
            return self.render()
        return format_html("{}{}", _empty_reply(may_try=self.may_try), self["client_id"])


@piece
def _empty_reply(*, may_try: bool) -> SafeString:
    form = ReplyForm(may_try=may_try)
    return format_html_join("\n", "{}", ((field.as_field_group(),) for field in form.visible_fields()))
