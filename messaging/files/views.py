"""Downloads and pictures. The permission is checked at every request."""

import asyncio
import logging
from collections.abc import AsyncIterator
from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header, parse_etags
from django.views.decorators.http import require_safe

from messaging.files.models import File
from messaging.files.pictures import DERIVED, FALLBACK, PICTURE_TYPE

PIECE_BYTES = 64 * 1024
"""How much of a file is in memory at a time for each of its readers."""
SIZE_TYPES = {**dict.fromkeys(DERIVED, "image/webp"), FALLBACK: PICTURE_TYPE}
"""The content types of the sizes of a picture, by their names. All are encoded by us."""

logger = logging.getLogger("aftercourse.files")


class FileInPieces(FileResponse):
    """A file that is read piece by piece as its reader takes it; Django would read all of it first."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        # In a thread, because a disk on the network may hang.
        assert self.file_to_stream is not None
        while piece := await asyncio.to_thread(self.file_to_stream.read, PIECE_BYTES):
            yield piece


@require_safe
def file(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """A file as an attachment, so that a browser saves it and never renders it on our origin."""
    found = _visible_or_404(request, pk)
    response = _response(found, found.blob.name or "", has_body=request.method != "HEAD")
    disposition = content_disposition_header(as_attachment=True, filename=found.name)
    response.headers["Content-Disposition"] = disposition or "attachment"
    response.headers["Content-Type"] = found.content_type
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_safe
def picture(request: HttpRequest, pk: int, size: str) -> HttpResponseBase:
    """A picture, or the first page of a document, in one of its sizes, as it was encoded here.

    A browser keeps it and asks each time whether it may still be shown.
    """
    if size not in SIZE_TYPES:
        raise Http404
    found = _visible_or_404(request, pk)
    if found.width is None or (size == FALLBACK and not found.is_picture):
        raise Http404
    etag = f'"{found.key.hex}-{size}"'
    response: HttpResponseBase
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponseNotModified()
    else:
        response = _response(found, f"{found.blob.name}-{size}", has_body=request.method != "HEAD")
        response.headers["Content-Type"] = SIZE_TYPES[size]
        response.headers["Content-Disposition"] = "inline"
        response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _visible_or_404(request: HttpRequest, pk: int) -> File:
    found = get_object_or_404(File, pk=pk)
    if not found.is_visible_to(request.user):
        raise Http404
    return found


def _response(found: File, stored: str, *, has_body: bool) -> HttpResponseBase:
    """Bytes of a file, or for HEAD their length only, or for the server in front where they lie. Raises
    Http404 if they are gone."""
    if settings.FILES_BY_PROXY:
        return HttpResponse(headers={"X-Accel-Redirect": settings.FILES_BY_PROXY + quote(stored)})
    try:
        if has_body:
            return FileInPieces(default_storage.open(stored, "rb"))
        return HttpResponse(headers={"Content-Length": str(default_storage.size(stored))})
    except FileNotFoundError as error:
        logger.error(
            "The bytes of file %s are missing: AFTERCOURSE_VAR must be one for all servers", found.pk
        )
        raise Http404 from error
