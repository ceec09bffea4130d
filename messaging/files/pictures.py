"""Pictures encoded anew, and pictures of documents' first pages, made in a process of their own."""

import json
import logging
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from messaging.files import decoding
from messaging.files.decoding import MAX_PIXELS, SIZES
from messaging.files.file_types import UploadError

WALL_SECONDS = 60
"""For one file, on a machine that has much else to do; see `decoding.CPU_SECONDS`."""
AT_ONCE = 2
"""Processes at a time, each with up to `decoding.MEMORY_BYTES`."""
PATIENCE_SECONDS = 90
"""How long a file waits for its turn."""
FORMS_AT_ONCE = 2
"""Forms with files at a time, sent without a script: they occupy threads of the pages, of which there are
three (config.thread_pool)."""
PICTURE_TYPE = "image/jpeg"
"""What a picture is kept as."""
DERIVED = tuple(f"{size}.webp" for size in SIZES)
"""Kept beside the bytes of a picture and of a document whose first page can be drawn."""
FALLBACK = "medium.jpg"
"""Kept beside a picture as well."""
KEPT = "kept.jpg"
"""The picture itself, in the folder of what was made."""

logger = logging.getLogger("aftercourse.files")
_turn = threading.BoundedSemaphore(AT_ONCE)
_forms = threading.BoundedSemaphore(FORMS_AT_ONCE)


class BusyError(UploadError):
    """Nothing is wrong with the file; it may be tried again."""


class Made:
    """What was made of a file: a folder of encoded pictures, and the size of the largest."""

    def __init__(self, folder: Path, width: int, height: int) -> None:
        self.folder, self.width, self.height = folder, width, height


@contextmanager
def turn_of_a_form() -> Iterator[None]:
    """The turn of a form whose files are decoded while its page waits. Raises BusyError at once when too many
    do."""
    if not _forms.acquire(blocking=False):
        raise BusyError(_many_pictures())
    try:
        yield
    finally:
        _forms.release()


@contextmanager
def encoded(source: Path, kind: str) -> Iterator[Made]:
    """What is made of a "picture", of its square middle ("portrait") or of a "document", until the block
    ends.

    Takes up to WALL_SECONDS, so no transaction may be open. Raises UploadError when nothing can be made of
    it, and BusyError when too many wait.
    """
    if not _turn.acquire(timeout=PATIENCE_SECONDS):
        raise BusyError(_many_pictures())
    try:
        with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
            said = _run(source, kind, folder)
            if "width" not in said:
                raise UploadError(_why_not(said.get("refused", "")))
            yield Made(Path(folder), said["width"], said["height"])
    finally:
        _turn.release()


def _many_pictures() -> str:
    return gettext("Many pictures are coming in at the moment. Please try again in a minute.")


def _run(source: Path, kind: str, folder: str) -> dict[str, Any]:
    try:
        with source.open("rb") as opened:
            ended = subprocess.run(
                [sys.executable, "-I", decoding.__file__, kind],
                stdin=opened,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                env={},
                timeout=WALL_SECONDS,
                check=False,
            )
    except subprocess.TimeoutExpired:
        logger.warning("A %s took more than %s s to decode and was refused", kind, WALL_SECONDS)
        return {}
    try:
        said = json.loads(ended.stdout)
    except ValueError:
        # It was out of memory, of time, or broke a library.
        logger.warning("The process that decoded a %s ended with %s", kind, ended.returncode)
        return {}
    assert isinstance(said, dict)
    return said


def _why_not(reason: str) -> str:
    if reason == "pixels":
        return gettext(
            "This picture has more than %(megapixels)s megapixels. Please make it smaller and add it again."
        ) % {"megapixels": MAX_PIXELS // 1_000_000}
    return gettext(
        "This picture can’t be opened. Perhaps it was damaged on the way. Please save it again, for example "
        "as .jpg."
    )
