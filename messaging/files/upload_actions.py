"""Files that come in pieces. What has come is what lies on the disk, so nothing is lost or doubled when a
line breaks or a server is killed: the next piece begins where the bytes end."""

import errno
import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any, Protocol

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from messaging.files.actions import keep_bytes, require_room
from messaging.files.file_types import UploadError, check_size, content_type_of, safe_name, type_by_name
from messaging.files.models import PARTIAL_FOLDER, File, Upload
from messaging.files.pictures import BusyError

READ_BYTES = 64 * 1024


class Body(Protocol):
    """What a piece is read from."""

    def read(self, size: int, /) -> bytes: ...


class WrongOffsetError(Exception):
    """A piece that does not begin where the bytes end; `offset` is where."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class TooMuchError(Exception):
    """More bytes than were announced."""


class LockedError(Exception):
    """Another request writes to this upload."""


def bytes_path(key: uuid.UUID) -> Path:
    """Where the bytes of an upload lie until they are complete."""
    return Path(default_storage.path(PARTIAL_FOLDER)) / key.hex


def offset_of(upload: Upload) -> int:
    """How many of its bytes have come."""
    try:
        return bytes_path(upload.key).stat().st_size
    except FileNotFoundError:
        return 0


def begin(*, by: Any, client_id: uuid.UUID, name: str, size: int) -> Upload | File:
    """Begin to upload a file. Idempotent: the same `client_id` returns the upload that was begun, or the file
    that became of it.

    Raises UploadError for a name or a size that is not accepted.
    """
    own = {"uploaded_by": by, "client_id": client_id}
    first = File.objects.filter(**own).first() or Upload.objects.filter(**own).first()
    if first is not None:
        return first
    name = safe_name(name)
    check_size(type_by_name(name), size)
    require_room(by=by, size=size)
    try:
        with transaction.atomic():
            return Upload.objects.create(**own, name=name, size=size)
    except IntegrityError:
        return Upload.objects.get(**own)


def add_piece(*, upload: Upload, offset: int, body: Body) -> int:
    """Append a piece to the bytes, and return how many there are now.

    Raises WrongOffsetError, TooMuchError and LockedError.
    """
    with _locked(upload) as file:
        have = os.fstat(file.fileno()).st_size
        if offset != have:
            raise WrongOffsetError(have)
        file.seek(have)
        left = upload.size - have
        try:
            while chunk := body.read(READ_BYTES):
                left -= len(chunk)
                if left < 0:
                    raise TooMuchError
                while chunk:
                    chunk = chunk[file.write(chunk) :]
            # It is said to be here only when it is.
            os.fsync(file.fileno())
        except TooMuchError:
            os.ftruncate(file.fileno(), have)
            raise
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise UploadError(
                gettext("There’s no room for more files at the moment. Please try again later.")
            ) from error
        return upload.size - left


def finish(*, upload: Upload) -> File:
    """Make a file of an upload whose bytes are all there; it waits for its post. Idempotent.

    Raises UploadError when it is not accepted, and then throws it away; BusyError and LockedError when it
    has to be tried again. Decodes pictures, so no transaction may be open.
    """
    with _locked(upload) as opened:
        done = File.objects.filter(key=upload.key).first()
        if done is not None:
            return done
        path = bytes_path(upload.key)
        try:
            content_type = content_type_of(upload.name, opened)
            check_size(content_type, os.fstat(opened.fileno()).st_size)
            file = File(
                key=upload.key,
                client_id=upload.client_id,
                uploaded_by_id=upload.uploaded_by_id,
                name=upload.name,
                content_type=content_type,
                size=upload.size,
            )
            keep_bytes(file, path)
        except BusyError:
            raise
        except UploadError:
            discard(upload)
            raise
        with transaction.atomic():
            file.save()
            upload.delete()
        path.unlink(missing_ok=True)
        return file


def discard(upload: Upload) -> None:
    """Throw away an upload with its bytes."""
    Upload.objects.filter(pk=upload.pk).delete()
    bytes_path(upload.key).unlink(missing_ok=True)


@contextmanager
def _locked(upload: Upload) -> Iterator[FileIO]:
    """The bytes of an upload, which this request alone may change, in whatever process it runs."""
    path = bytes_path(upload.key)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileIO(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LockedError from error
        yield file
