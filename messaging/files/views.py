"""Downloads. The permission is checked at every request."""

import asyncio
import logging
from collections.abc import AsyncIterator
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from messaging.files.models import File

PIECE_BYTES = 64 * 1024
"""How much of a file is in memory at a time for each of its readers."""

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
    found = get_object_or_404(File, pk=pk)
    if not found.is_visible_to(request.user):
        raise Http404
    response = _response(found, has_body=request.method != "HEAD")
    disposition = content_disposition_header(as_attachment=True, filename=found.name)
    response.headers["Content-Disposition"] = disposition or "attachment"
    response.headers["Content-Type"] = found.content_type
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _response(found: File, *, has_body: bool) -> HttpResponseBase:
    """The file, or for HEAD its length only, or for the server in front where it lies. Raises Http404 if its
    bytes are gone."""
    if settings.FILES_BY_PROXY:
        return HttpResponse(
            headers={"X-Accel-Redirect": settings.FILES_BY_PROXY + quote(found.blob.name or "")}
        )
    try:
        if has_body:
            return FileInPieces(found.blob.open("rb"))
        return HttpResponse(headers={"Content-Length": str(found.blob.size)})
    except FileNotFoundError as error:
        logger.error(
            "The bytes of file %s are missing: AFTERCOURSE_VAR must be one for all servers", found.pk
        )
        raise Http404 from error
