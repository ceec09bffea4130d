"""The forms of a room: a message, and a mark on one."""

import uuid
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from common.fields import LineField, TextField
from community.spaces.forms import WritingForm
from messaging.files.forms import AttachingForm


class MessageForm(AttachingForm, WritingForm):
    """A message in the room. The chat itself limits how long one may be; with files it needs no text."""

    text = TextField(label=_("Write a message"), rows=2, required=False)
    re = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**53)

    def __init__(self, *args: Any, by_script: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        self.by_script = by_script

    def sent_id(self) -> uuid.UUID:
        """The id of this message. The page's script creates one for each message; it is used unchanged."""
        if self.by_script:
            return self.cleaned_data["client_id"] or uuid.uuid4()
        return super().sent_id()


class ReactionForm(forms.Form):
    """A mark for a message, or its removal."""

    mark = LineField(max_length=20)
    on = forms.ChoiceField(choices=[("1", "on"), ("0", "off")])
    client_id = forms.UUIDField(required=False)

    def __init__(self, request: HttpRequest) -> None:
        """The script sends all of it; a button sends its mark, and the rest is in its URL."""
        super().__init__({**request.GET.dict(), **request.POST.dict()})
