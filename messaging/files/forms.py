"""An upload in a form, checked before anything is kept."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from messaging.files.actions import check
from messaging.files.kinds import KINDS, UploadError


class UploadField(forms.FileField):
    """A file of a kind and size we take; otherwise the form says why not."""

    def __init__(self, **more: Any) -> None:
        accepted = ",".join(f".{ending}" for ending in KINDS)
        super().__init__(widget=forms.FileInput(attrs={"accept": accepted}), **more)

    def clean(self, data: Any, initial: Any = None) -> UploadedFile | None:
        """The upload, still open at its beginning."""
        upload: UploadedFile | None = super().clean(data, initial)
        if upload:
            try:
                check(upload)
            except UploadError as reason:
                raise forms.ValidationError(str(reason)) from reason
        return upload
