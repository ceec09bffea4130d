"""The accepted types of files: what teachers share, and nothing that a browser would execute.

The type is decided by the extension and checked against the first bytes; the content type that the uploading
browser sends is ignored.
"""

import re
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath
from typing import IO

from django.utils.translation import gettext

from common.text import clean_line

OFFICE = "application/vnd.openxmlformats-officedocument"
OPEN_DOCUMENT = "application/vnd.oasis.opendocument"
ZIP = b"PK\x03\x04"
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

FILE_TYPES: dict[str, tuple[str, tuple[bytes, ...]]] = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "doc": ("application/msword", (OLD_OFFICE,)),
    "xls": ("application/vnd.ms-excel", (OLD_OFFICE,)),
    "ppt": ("application/vnd.ms-powerpoint", (OLD_OFFICE,)),
    "docx": (f"{OFFICE}.wordprocessingml.document", (ZIP,)),
    "xlsx": (f"{OFFICE}.spreadsheetml.sheet", (ZIP,)),
    "pptx": (f"{OFFICE}.presentationml.presentation", (ZIP,)),
    "odt": (f"{OPEN_DOCUMENT}.text", (ZIP,)),
    "ods": (f"{OPEN_DOCUMENT}.spreadsheet", (ZIP,)),
    "odp": (f"{OPEN_DOCUMENT}.presentation", (ZIP,)),
    "epub": ("application/epub+zip", (ZIP,)),
    "zip": ("application/zip", (ZIP,)),
    "rtf": ("application/rtf", (b"{\\rtf",)),
    "txt": ("text/plain", ()),
    "csv": ("text/csv", ()),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "gif": ("image/gif", (b"GIF87a", b"GIF89a")),
    "webp": ("image/webp", (b"RIFF",)),
    "mp3": ("audio/mpeg", (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    "ogg": ("audio/ogg", (b"OggS",)),
    "mp4": ("video/mp4", ()),
    "m4a": ("audio/mp4", ()),
}
"""By extension: the content type it is served with, and the signatures its bytes may begin with."""

MAX_NAME_CHARS = 160


class UploadError(ValueError):
    """A file that is not accepted. The message is a sentence for the user who uploaded it."""


def safe_name(given: str) -> str:
    """The name without folders, control characters or characters that file systems reserve; never empty or
    hidden."""
    name = PureWindowsPath(PurePosixPath(clean_line(given)).name).name
    name = "".join(character for character in name if unicodedata.category(character)[0] != "C")
    name = re.sub(r'[<>:"/\\|?*]+', "-", name).strip(" .-")
    stem, dot, ending = name.rpartition(".")
    if not dot:
        return name[:MAX_NAME_CHARS] or "file"
    return f"{stem[: MAX_NAME_CHARS - len(ending) - 1].rstrip(' .') or 'file'}.{ending}"


def content_type_of(name: str, opened: IO[bytes]) -> str:
    """The content type of a file with this name.

    Raises UploadError if the type is not accepted, or if its bytes are of another type.
    """
    ending = name.rpartition(".")[2].lower()
    if ending not in FILE_TYPES:
        raise UploadError(
            gettext("Files of this kind cannot be added. These can: %(kinds)s.")
            % {"kinds": ", ".join(FILE_TYPES)}
        )
    content_type, signatures = FILE_TYPES[ending]
    opened.seek(0)
    head = opened.read(4096)
    opened.seek(0)
    if not _has_signature(ending, head, signatures):
        raise UploadError(gettext("This file is not what its name says (.%(ending)s).") % {"ending": ending})
    return content_type


def _has_signature(ending: str, head: bytes, signatures: tuple[bytes, ...]) -> bool:
    if ending in ("mp4", "m4a"):
        return head[4:8] == b"ftyp"
    if ending == "webp":
        return head.startswith(b"RIFF") and head[8:12] == b"WEBP"
    if not signatures:
        return b"\0" not in head
    return head.startswith(signatures)
