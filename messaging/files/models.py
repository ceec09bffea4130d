"""Uploaded files. A file waits for its post, then references its thing by kind and id; the subject that
owns the kind decides who may see it."""

import uuid
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models
from django.db.models import OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common import clock, visibility
from messaging.files.pictures import DERIVED, FALLBACK, PICTURE_TYPE

if TYPE_CHECKING:
    from community.people.models import User

FOLDER = "files"
"""The folder of the bytes in the storage."""
PARTIAL_FOLDER = "partial"
"""The folder of the bytes of uploads that are on their way."""
WAITING = ""
"""The kind of a file that waits for its post."""
MAX_ALT_CHARS = 300


def place_of(key: uuid.UUID) -> str:
    """The path of the bytes in the storage, from the key and never from the uploaded name."""
    return f"{FOLDER}/{key.hex[:2]}/{key.hex}"


def stored_as(file: "File", name: str) -> str:
    """The path of the bytes of a file."""
    return place_of(file.key)


def file_url(pk: int, name: str) -> str:
    """The URL of the download of a file."""
    return reverse("file", kwargs={"pk": pk, "name": name})


class FileQuerySet(models.QuerySet["File"]):
    def waiting_of(self, user: "User") -> Self:
        """Those that this person uploaded and has not attached to anything."""
        return self.filter(kind=WAITING, uploaded_by=user)

    def attached_to(self, kind: str) -> Self:
        """Those of the thing of an outer query, in their order."""
        return self.filter(kind=kind, thing_id=OuterRef("pk")).order_by("position", "pk")


class File(models.Model):
    """An uploaded file: waiting for its post, or attached to one thing of a subject.

    A picture is kept as it was encoded anew. Its sizes lie beside the bytes, and so do those of a document's
    first page; `width` and `height` are theirs.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(
        max_length=30, default=WAITING, help_text="of the thing it is attached to; empty while it waits"
    )
    thing_id = models.BigIntegerField(null=True)
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(_("name"), max_length=160)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="bytes")
    alt = models.CharField(_("what can be seen"), max_length=MAX_ALT_CHARS, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    blob = models.FileField(upload_to=stored_as)
    client_id = models.UUIDField(null=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField(default=clock.now)
    hidden_at = models.DateTimeField(null=True, help_text="reported, until somebody has decided")

    objects = FileQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["kind", "thing_id"], name="file_of_thing")]
        constraints = [
            models.UniqueConstraint(fields=["uploaded_by", "client_id"], name="file_sent_once"),
            models.CheckConstraint(
                condition=Q(kind=WAITING, thing_id=None) | (~Q(kind=WAITING) & Q(thing_id__isnull=False)),
                name="file_waits_or_is_attached",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The URL of its download."""
        return file_url(self.pk, self.name)

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown in its sizes; of a document only its first page can."""
        return self.width is not None and self.content_type == PICTURE_TYPE

    def is_visible_to(self, user: Any) -> bool:
        """Whether this person may see the thing it is attached to; while it waits, whoever uploaded it."""
        if self.thing_id is None:
            return user.is_authenticated and self.uploaded_by_id == user.pk
        is_shown = self.hidden_at is None
        if is_shown and self.thing_id in visibility.visible(user, self.kind, [self.thing_id]):
            return True
        return self.pk in visibility.visible(user, HIDDEN, [self.pk])

    def delete_bytes(self) -> None:
        """Delete what is stored of it. Called after the row is gone."""
        name = self.blob.name or ""
        default_storage.delete(name)
        if self.width is not None:
            for size in (*DERIVED, FALLBACK):
                default_storage.delete(f"{name}-{size}")


HIDDEN = "hidden-file"
"""The kind under which the subject that decides on reports registers who may see a file that was hidden, by
itself or with what it is attached to."""


class Upload(models.Model):
    """A file that is on its way, piece by piece. How much has come is the length of its bytes on disk."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client_id = models.UUIDField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=160)
    size = models.PositiveBigIntegerField(help_text="bytes, when all have come")
    started_at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["uploaded_by", "client_id"], name="upload_begun_once")]

    def __str__(self) -> str:
        return self.name
