"""The form that keeps messages of a room."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.fields import LineField
from community.spaces.forms import WritingForm
from community.threads.models import Thread, ThreadQuerySet

BECOMES = [
    ("conversation", _("A new conversation")),
    ("question", _("A new question, for everyone here")),
    ("answer", _("The answer to an open question")),
]


class KeepForm(WritingForm):
    """The messages to keep, and what they become."""

    QUESTION, ANSWER = "question", "answer"

    numbers = forms.TypedMultipleChoiceField(
        label=_("Messages"),
        coerce=int,
        error_messages={"required": _("Tick the messages you want to keep.")},
    )
    becomes = forms.ChoiceField(
        label=_("Save them as"),
        choices=BECOMES,
        widget=forms.RadioSelect,
        initial="conversation",
    )
    title = LineField(
        label=_("Title"),
        max_length=160,
        error_messages={"required": _("Give it a title so that others can find it.")},
        help_text=_("For a new conversation or question: what it is about, in one line."),
    )
    question = forms.ModelChoiceField(
        label=_("The question"),
        queryset=Thread.objects.none(),
        error_messages={"required": _("Choose the question that this answers.")},
        empty_label=_("Choose one"),
        help_text=_("For an answer: which question it answers."),
    )
    field_order = ["numbers", "becomes", "title", "question", "client_id"]

    def __init__(self, *args: Any, numbers: Iterable[int], questions: ThreadQuerySet, **more: Any) -> None:
        super().__init__(*args, **more)
        messages = self.fields["numbers"]
        assert isinstance(messages, forms.TypedMultipleChoiceField)
        messages.choices = [(number, str(number)) for number in numbers]
        choice = self.fields["question"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = questions
        if not questions.exists():
            del self.fields["question"]
            becomes = self.fields["becomes"]
            assert isinstance(becomes, forms.ChoiceField)
            becomes.choices = [(value, label) for value, label in BECOMES if value != self.ANSWER]

    def clean(self) -> dict[str, Any]:
        """Require a title for a new thread or a question for an answer, and ignore the other."""
        cleaned: dict[str, Any] = super().clean() or {}
        answers = cleaned.get("becomes") == self.ANSWER
        unused = "title" if answers else "question"
        self.errors.pop(unused, None)
        return {**dict.fromkeys(("title", "question"), ""), **cleaned}
