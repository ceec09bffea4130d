"""Uploaded files. A file references its thing by kind and id; the subject that owns the kind decides who may
download it."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common import clock, visibility

FOLDER = "files"
"""The folder of the bytes in the storage."""


def stored_as(file: "File", name: str) -> str:
    """The path of the bytes in the storage, from the key and never from the uploaded name."""
    return f"{FOLDER}/{file.key.hex[:2]}/{file.key.hex}"


def file_url(pk: int, name: str) -> str:
    """The URL of the download of a file."""
    return reverse("file", kwargs={"pk": pk, "name": name})


class File(models.Model):
    """An uploaded file, attached to one thing of a subject."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=30, help_text="of the thing it is attached to")
    thing_id = models.BigIntegerField()
    name = models.CharField(_("name"), max_length=160)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="bytes")
    blob = models.FileField(upload_to=stored_as)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["kind", "thing_id"], name="file_of_thing")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The URL of its download."""
        return file_url(self.pk, self.name)

    def is_visible_to(self, user: Any) -> bool:
        """Whether this person may see the thing it is attached to."""
        return self.thing_id in visibility.visible(user, self.kind, [self.thing_id])
