"""Uploads in pieces, as tus 1.0 has them (core, creation, termination), with our sign-in and limits.

    POST   /files/uploads/        {name, size, client_id}  -> where to send the pieces, and from which byte on
    HEAD   /files/uploads/<key>/                           -> how much has come
    PATCH  /files/uploads/<key>/  a piece, at its offset   -> how much has come; after the last one, the file
    DELETE /files/uploads/<key>/                           -> thrown away

A browser that does not know what became of a request asks for the offset and goes on from there. An empty
piece at the end asks for the file again.
"""

import asyncio
import logging
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import close_old_connections
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from common.access import Refused
from common.json_input import read_object
from common.rates import require_upload_pace
from messaging.files import upload_actions
from messaging.files.actions import delete_waiting
from messaging.files.file_types import UploadError
from messaging.files.models import File, Upload
from messaging.files.pictures import AT_ONCE, BusyError
from messaging.files.shown import sent

PIECE_TYPE = "application/offset+octet-stream"
SIZE = re.compile(r"[0-9]{1,15}")
TUS = {"Tus-Resumable": "1.0.0", "Cache-Control": "no-store"}

logger = logging.getLogger("aftercourse.files")
_makers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="file")


class FileMade(StreamingHttpResponse):
    """The JSON of a file, or why it is none. It is made while the response is written, in a thread of its
    own, so that no thread of the pages waits for a picture to be decoded."""

    def __init__(self, upload: Upload) -> None:
        super().__init__(self._pieces(), content_type="application/json", headers=TUS)
        self._upload, self._language = upload, translation.get_language()

    def _pieces(self) -> Iterator[bytes]:
        yield self._make()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield await asyncio.get_running_loop().run_in_executor(_makers, self._make_apart)

    def _make_apart(self) -> bytes:
        close_old_connections()
        try:
            return self._make()
        finally:
            close_old_connections()

    def _make(self) -> bytes:
        said: Any
        with translation.override(self._language):
            try:
                said = sent(upload_actions.finish(upload=self._upload))
            except (BusyError, upload_actions.LockedError) as error:
                said = {"error": str(error) or gettext("This file is still coming in."), "again": True}
            except UploadError as error:
                said = {"error": str(error)}
            except Exception:
                # The response has begun, so there is no page of errors; the bytes are there to try again.
                logger.exception("A file that had come could not be made")
                said = {
                    "error": gettext(
                        "We can’t reach what is stored here right now. Please try again in a minute."
                    )
                }
        return JsonResponse(said).content


@require_POST
def uploads(request: HttpRequest) -> HttpResponse:
    """Begin an upload; the answer is the file, if it was finished before."""
    is_json = request.content_type == "application/json"
    announced: dict[str, Any] = (read_object(request.body) or {}) if is_json else request.POST.dict()
    name, size = announced.get("name"), str(announced.get("size"))
    try:
        client_id = uuid.UUID(str(announced.get("client_id")))
    except ValueError:
        return _error(400, gettext("This file can’t be read."))
    if not isinstance(name, str) or not SIZE.fullmatch(size):
        return _error(400, gettext("This file can’t be read."))
    try:
        require_upload_pace(_person(request), int(size))
        begun = upload_actions.begin(by=request.user, client_id=client_id, name=name, size=int(size))
    except Refused as refusal:
        return _error(429, str(refusal))
    except UploadError as reason:
        return _error(400, str(reason))
    if isinstance(begun, File):
        return JsonResponse(sent(begun), headers=TUS)
    url, offset = f"{request.path}{begun.key.hex}/", upload_actions.offset_of(begun)
    headers = {"Location": url, "Upload-Offset": str(offset), **TUS}
    return JsonResponse({"url": url}, status=201, headers=headers)


@require_http_methods(["GET", "HEAD", "PATCH", "DELETE"])
def upload(request: HttpRequest, key: str) -> HttpResponseBase:
    """What is done with an upload of one's own."""
    found = _own_or_404(request, key)
    if request.method == "DELETE":
        if isinstance(found, File):
            delete_waiting(file=found, by=request.user)
        else:
            upload_actions.discard(found)
        return HttpResponse(status=204, headers=TUS)
    if isinstance(found, File):
        if request.method == "PATCH":
            return JsonResponse(sent(found), headers=TUS)
        return _offset(200, found.size, found.size)
    if request.method == "PATCH":
        return _take_piece(request, found)
    return _offset(200, upload_actions.offset_of(found), found.size)


def _take_piece(request: HttpRequest, upload: Upload) -> HttpResponseBase:
    offset = request.headers.get("Upload-Offset", "")
    if request.content_type not in (PIECE_TYPE, "") or not offset.isdecimal():
        return _error(415, gettext("This file can’t be read."))
    try:
        have = upload_actions.add_piece(upload=upload, offset=int(offset[:13]), body=request)
    except upload_actions.WrongOffsetError as wrong:
        return _offset(409, wrong.offset, upload.size)
    except upload_actions.LockedError:
        return _offset(423, upload_actions.offset_of(upload), upload.size)
    except upload_actions.TooMuchError:
        return _error(413, gettext("This file has changed since you chose it. Please add it again."))
    except UploadError as reason:
        return _error(507, str(reason))
    if have < upload.size:
        return _offset(204, have, upload.size)
    return FileMade(upload)


def _own_or_404(request: HttpRequest, key: str) -> Upload | File:
    try:
        own = {"key": uuid.UUID(key), "uploaded_by": _person(request)}
    except ValueError as error:
        raise Http404 from error
    # In this order: it is never both, and becomes a file in one transaction.
    found = Upload.objects.filter(**own).first() or File.objects.filter(**own).first()
    if found is None:
        raise Http404
    return found


def _person(request: HttpRequest) -> int:
    assert request.user.pk is not None
    return int(request.user.pk)


def _offset(status: int, offset: int, size: int) -> HttpResponse:
    headers = {"Upload-Offset": str(offset), "Upload-Length": str(size), **TUS}
    return HttpResponse(status=status, headers=headers)


def _error(status: int, sentence: str) -> HttpResponse:
    return JsonResponse({"error": sentence}, status=status, headers=TUS)
