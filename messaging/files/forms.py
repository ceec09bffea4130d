"""An upload in a form, checked before anything is stored."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from messaging.files.actions import check
from messaging.files.file_types import FILE_TYPES, UploadError


class UploadField(forms.FileField):
    """A file of an accepted type and size; otherwise the form says why not."""

    def __init__(self, **options: Any) -> None:
        accepted = ",".join(f".{ending}" for ending in FILE_TYPES)
        super().__init__(widget=forms.FileInput(attrs={"accept": accepted}), **options)

    def clean(self, data: Any, initial: Any = None) -> UploadedFile | None:
        """The upload, rewound to its beginning."""
        upload: UploadedFile | None = super().clean(data, initial)
        if upload:
            try:
                check(upload)
            except UploadError as reason:
                raise forms.ValidationError(str(reason)) from reason
        return upload
