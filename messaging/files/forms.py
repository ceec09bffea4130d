"""An upload in a form, checked before anything is stored; the files of a post in its form."""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from common.access import Refused
from common.rates import require_upload_pace
from common.text import clean_line
from messaging.files.actions import MAX_FILES_PER_THING, Attached, check, receive, too_many_files
from messaging.files.file_types import FILE_TYPES, UploadError
from messaging.files.models import MAX_ALT_CHARS
from messaging.files.shown import ShownFile, shown_to_writer

ACCEPTED = ",".join(f".{ending}" for ending in FILE_TYPES)
"""For the attribute `accept` of an input."""


class UploadField(forms.FileField):
    """A file of an accepted type and size; otherwise the form says why not."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.FileInput(attrs={"accept": ACCEPTED}), **options)

    def clean(self, data: Any, initial: Any = None) -> UploadedFile | None:
        """The upload, rewound to its beginning."""
        upload: UploadedFile | None = super().clean(data, initial)
        if upload:
            try:
                check(upload)
            except UploadError as reason:
                raise forms.ValidationError(str(reason)) from reason
        return upload


class AttachWidget(forms.Widget):
    """The inputs of `components/_attach.html`: `files` for each key, `alt-KEY`, and `upload`, which a form
    sends without a script."""

    needs_multipart_form = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Attached:
        """What the form has; uploads are received before (`AttachingForm.receive`)."""
        keys = _keys(data.getlist(name) if hasattr(data, "getlist") else data.get(name, ()))
        alts = [(key, clean_line(data.get(f"alt-{key.hex}", ""))[:MAX_ALT_CHARS]) for key in keys]
        return Attached(keys, tuple(alts))


class AttachField(forms.Field):
    """The files of a post; its `AttachingForm` has those that are shown."""

    widget = AttachWidget
    accepted = ACCEPTED

    def __init__(self, **options: Any) -> None:
        super().__init__(template_name="components/_attach.html", **options)

    def clean(self, value: Attached) -> Attached:
        """Raises ValidationError for too many files."""
        if len(value.keys) > MAX_FILES_PER_THING:
            raise forms.ValidationError(too_many_files())
        return value


def _keys(values: Any) -> tuple[uuid.UUID, ...]:
    """Keys as a form or a draft has them, which joins those of one field by line feeds."""
    found = []
    for value in values.split("\n") if isinstance(values, str) else values:
        with suppress(ValueError):
            found.append(uuid.UUID(value))
    return tuple(dict.fromkeys(found))


class AttachingForm(forms.Form):
    """A form to which pictures and files can be added. `attached` are those that it shows."""

    attached: Sequence[ShownFile] = ()
    client_id: Any

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        # `files` is what Django calls the uploads of a form, so it cannot be declared as a field.
        self.fields["files"] = AttachField(label=gettext_lazy("Pictures and files"), required=False)
        self.order_fields(self.field_order)
        self._not_received: list[str] = []

    def receive(self, by: Any) -> None:
        """Store what came with the form itself, so that it is not lost when the form is shown again."""
        sent = cast(QueryDict, self.data).copy()
        base = sent.get("client_id", "")
        for number, upload in enumerate(self.files.getlist("upload")[:MAX_FILES_PER_THING]):
            try:
                # As one more of the form: sent twice, it is stored once.
                named = uuid.uuid5(uuid.UUID(base), f"{number} {upload.name} {upload.size}") if base else None
                require_upload_pace(by.pk, upload.size or 0)
                sent.appendlist("files", receive(upload=upload, by=by, client_id=named).key.hex)
            except (UploadError, Refused) as reason:
                self._not_received.append(f"{upload.name}: {reason}")
        self.data = sent

    def clean(self) -> dict[str, Any]:
        """Say why an upload was not taken."""
        cleaned = super().clean() or self.cleaned_data
        for reason in self._not_received:
            self.add_error("files", reason)
        return cleaned

    def load_attached(self, by: Any) -> None:
        """Load what is shown of the files that the form has."""
        value = self["files"].value()
        keys = value.keys if isinstance(value, Attached) else _keys(value or ())
        said = dict(value.alts) if isinstance(value, Attached) else {}
        self.attached = [
            file._replace(
                alt=said.get(uuid.UUID(file.key)) or self.initial.get(f"alt-{file.key}") or file.alt
            )
            for file in shown_to_writer(by.pk, list(keys))
        ]
