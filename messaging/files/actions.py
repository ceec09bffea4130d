"""Keeping files. Who may add one to a thing, the thing's subject has asked before."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext

from messaging.files.kinds import UploadError, content_type_of, safe_name
from messaging.files.models import File


def check(upload: UploadedFile) -> tuple[str, str]:
    """The name and content type under which an upload can be kept; UploadError says why it cannot."""
    size = upload.size or 0
    if size > settings.UPLOAD_LIMIT:
        raise UploadError(
            gettext("This file has %(size)s; %(limit)s is the most there is room for.")
            % {"size": filesizeformat(size), "limit": filesizeformat(settings.UPLOAD_LIMIT)}
        )
    if size == 0:
        raise UploadError(gettext("This file is empty."))
    name = safe_name(upload.name or "")
    return name, content_type_of(name, upload)


@transaction.atomic
def keep(*, kind: str, thing_id: int, upload: UploadedFile, by: Any) -> File:
    """Keep an upload as a file of a thing. Its bytes lie under a key that only the row knows."""
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


def files_of(kind: str, thing_ids: Iterable[int]) -> dict[int, File]:
    """The newest file of each of these things, by the thing's id; one query."""
    rows = File.objects.filter(kind=kind, thing_id__in=list(thing_ids)).order_by("pk")
    return {file.thing_id: file for file in rows}
