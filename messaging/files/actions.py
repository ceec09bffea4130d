"""Store uploads. The subject of the thing checks whether the user may add a file to it."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext

from messaging.files.file_types import UploadError, content_type_of, safe_name
from messaging.files.models import File


def check(upload: UploadedFile) -> tuple[str, str]:
    """The name and content type to store an upload with. Raises UploadError if it is not accepted."""
    size = upload.size or 0
    if size > settings.UPLOAD_LIMIT_BYTES:
        raise UploadError(
            gettext("This file is %(size)s. The maximum is %(limit)s.")
            % {"size": filesizeformat(size), "limit": filesizeformat(settings.UPLOAD_LIMIT_BYTES)}
        )
    if size == 0:
        raise UploadError(gettext("This file is empty."))
    name = safe_name(upload.name or "")
    return name, content_type_of(name, upload)


@transaction.atomic
def store_upload(*, kind: str, thing_id: int, upload: UploadedFile, by: Any) -> File:
    """Store an upload as a file of a thing and return it. The bytes are stored under a random key.

    Raises UploadError if it is not accepted.
    """
    name, content_type = check(upload)
    return File.objects.create(
        kind=kind,
        thing_id=thing_id,
        name=name,
        content_type=content_type,
        size=upload.size or 0,
        blob=upload,
        uploaded_by=by,
    )


@transaction.atomic
def delete_files_of(kind: str, thing_ids: Iterable[int]) -> None:
    """Delete the files of these things, and their bytes after the commit. If this process is killed in
    between, housekeeping deletes the bytes."""
    for file in File.objects.filter(kind=kind, thing_id__in=list(thing_ids)):
        file.delete()
        transaction.on_commit(partial(file.blob.delete, save=False))


def files_of(kind: str, thing_ids: Iterable[int]) -> dict[int, File]:
    """The newest file of each of these things, by the thing's id; one query."""
    rows = File.objects.filter(kind=kind, thing_id__in=list(thing_ids)).order_by("pk")
    return {file.thing_id: file for file in rows}
