"""The accepted types of files: what teachers share, and nothing that a browser would execute.

The type is decided by the extension and checked against the first bytes; the content type that the uploading
browser sends is ignored. Whoever is refused is told what to do instead.
"""

import codecs
import re
from collections.abc import Callable
from pathlib import PurePosixPath, PureWindowsPath
from typing import IO

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext

from common.text import clean_line

OFFICE = "application/vnd.openxmlformats-officedocument"
OPEN_DOCUMENT = "application/vnd.oasis.opendocument"
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
"""The first bytes of an archive; of an empty one, and of one in several parts."""
TIFF = (b"II*\0", b"MM\0*")
"""Little and big endian."""
RTF = b"{\\rtf"
HEAD_BYTES = 4096
"""How much of a file is looked at to check its type."""
PDF_WITHIN_BYTES = 1024
"""Readers accept that something precedes the signature of a PDF file by at most this much."""
BYTES_SEARCHED_FOR_ENCRYPTION = 32 * 1024 * 1024
"""How much of a document is searched for the mark that a password protects it, which may be at its end."""

Check = Callable[[bytes], bool]
"""Whether the first bytes of a file are of a type."""


def _begins_with(*signatures: bytes) -> Check:
    return lambda head: head.startswith(signatures)


def _is_pdf(head: bytes) -> bool:
    return b"%PDF-" in head[: PDF_WITHIN_BYTES + len(b"%PDF-")]


def _is_rtf(head: bytes) -> bool:
    return head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(RTF)


def _is_old_word(head: bytes) -> bool:
    # Word saves as RTF under the old extension when it is told to.
    return head.startswith(OLD_OFFICE) or _is_rtf(head)


def _is_webp(head: bytes) -> bool:
    return head.startswith(b"RIFF") and head[8:12] == b"WEBP"


def _is_heif(head: bytes) -> bool:
    # The brands of pictures, of one or of several in a file; those of AVIF among them.
    return head[4:8] == b"ftyp" and head[8:12] in (
        b"heic",
        b"heix",
        b"hevc",
        b"hevx",
        b"mif1",
        b"msf1",
        b"avif",
        b"avis",
    )


def _is_mp3(head: bytes) -> bool:
    # A tag, or the synchronisation bits of a frame of layer III; recorders put zeros before it.
    frame = head.lstrip(b"\0")
    return head.startswith(b"ID3") or (frame[:1] == b"\xff" and frame[1:2] != b"" and frame[1] & 0xE6 == 0xE2)


def _is_mp4(head: bytes) -> bool:
    return head[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide")


def _is_text(head: bytes) -> bool:
    if not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return b"\0" not in head
    # What Windows calls "Unicode". The last character may be cut.
    try:
        text = codecs.getincrementaldecoder("utf-16")().decode(head)
    except UnicodeDecodeError:
        return False
    return not any(char < " " and char not in "\t\n\r\f" for char in text)


FILE_TYPES: dict[str, tuple[str, Check]] = {
    "pdf": ("application/pdf", _is_pdf),
    "doc": ("application/msword", _is_old_word),
    "xls": ("application/vnd.ms-excel", _begins_with(OLD_OFFICE)),
    "ppt": ("application/vnd.ms-powerpoint", _begins_with(OLD_OFFICE)),
    "pps": ("application/vnd.ms-powerpoint", _begins_with(OLD_OFFICE)),
    "docx": (f"{OFFICE}.wordprocessingml.document", _begins_with(*ZIP)),
    "xlsx": (f"{OFFICE}.spreadsheetml.sheet", _begins_with(*ZIP)),
    "pptx": (f"{OFFICE}.presentationml.presentation", _begins_with(*ZIP)),
    "ppsx": (f"{OFFICE}.presentationml.slideshow", _begins_with(*ZIP)),
    "odt": (f"{OPEN_DOCUMENT}.text", _begins_with(*ZIP)),
    "ods": (f"{OPEN_DOCUMENT}.spreadsheet", _begins_with(*ZIP)),
    "odp": (f"{OPEN_DOCUMENT}.presentation", _begins_with(*ZIP)),
    "epub": ("application/epub+zip", _begins_with(*ZIP)),
    "zip": ("application/zip", _begins_with(*ZIP)),
    "rtf": ("application/rtf", _is_rtf),
    "txt": ("text/plain", _is_text),
    "csv": ("text/csv", _is_text),
    "png": ("image/png", _begins_with(b"\x89PNG\r\n\x1a\n")),
    "jpg": ("image/jpeg", _begins_with(b"\xff\xd8\xff")),
    "jpeg": ("image/jpeg", _begins_with(b"\xff\xd8\xff")),
    "gif": ("image/gif", _begins_with(b"GIF87a", b"GIF89a")),
    "webp": ("image/webp", _is_webp),
    "heic": ("image/heic", _is_heif),
    "heif": ("image/heif", _is_heif),
    "avif": ("image/avif", _is_heif),
    "bmp": ("image/bmp", _begins_with(b"BM")),
    "tif": ("image/tiff", _begins_with(*TIFF)),
    "tiff": ("image/tiff", _begins_with(*TIFF)),
    "mp3": ("audio/mpeg", _is_mp3),
    "ogg": ("audio/ogg", _begins_with(b"OggS")),
    "mp4": ("video/mp4", _is_mp4),
    "webm": ("video/webm", _begins_with(b"\x1a\x45\xdf\xa3")),
    "m4a": ("audio/mp4", _is_mp4),
}
"""By extension: its content type, and the check of its first bytes. Pictures are encoded anew."""

PICTURES = frozenset("psd raw dng cr2 nef arw jxl jp2 ico".split())
FILMS = frozenset("mov avi wmv mkv mpg mpeg m4v 3gp flv".split())
SOUNDS = frozenset("wav wma aac flac amr opus aif aiff".split())
DOCUMENTS = frozenset("pages numbers key pub xps oxps wpd wps one odg vsd vsdx dot dotx pot potx".split())
PAGES = frozenset("html htm xhtml mht mhtml svg xml".split())
WITH_MACROS = frozenset("docm dotm xlsm xlsb pptm ppsm".split())
ARCHIVES = frozenset("rar 7z tar gz tgz bz2 xz".split())
PROGRAMS = frozenset("exe msi bat cmd com scr js mjs vbs ps1 sh jar apk dmg iso lnk py php".split())

MAX_NAME_CHARS = 160
MAX_EXTENSION_CHARS = 20
"""What follows the last dot of a name and is longer is no extension."""


class UploadError(ValueError):
    """A file that is not accepted. The message is a sentence for the user who uploaded it."""


def safe_name(given: str) -> str:
    """The name without folders, control characters or characters that file systems reserve; never empty or
    hidden. A file called ".pdf" becomes "file.pdf"."""
    name = PureWindowsPath(PurePosixPath(clean_line(given)).name).name
    name = re.sub(r'[<>:"/\\|?*]+', "-", name).strip(" -").rstrip(" .-")
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > MAX_EXTENSION_CHARS:
        return name.lstrip(" .-")[:MAX_NAME_CHARS].rstrip(" .-") or "file"
    stem = stem.strip(" .-")[: MAX_NAME_CHARS - len(extension) - 1].rstrip(" .-")
    return f"{stem or 'file'}.{extension.strip()}"


def is_picture(content_type: str) -> bool:
    """Whether a file of this type is encoded anew."""
    return content_type.startswith("image/")


def limit_of(content_type: str) -> int:
    """The size of the largest file of this type, in bytes."""
    is_film = content_type.startswith("video/")
    return settings.VIDEO_LIMIT_BYTES if is_film else settings.UPLOAD_LIMIT_BYTES


def check_size(content_type: str, size: int) -> None:
    """Raises UploadError for a file that is too large for its type, or empty."""
    limit = limit_of(content_type)
    if size > limit:
        raise UploadError(
            gettext("This file is %(size)s. The maximum is %(limit)s.")
            % {"size": filesizeformat(size), "limit": filesizeformat(limit)}
        )
    if size == 0:
        raise UploadError(gettext("This file is empty."))


def type_by_name(name: str) -> str:
    """The content type that the extension says. Raises UploadError if it is not accepted."""
    return FILE_TYPES[_extension_of(name)][0]


def _extension_of(name: str) -> str:
    _stem, dot, extension = name.rpartition(".")
    extension = extension.lower()
    if not dot:
        raise UploadError(
            gettext("The name of this file doesn’t say what it is. Please give it an ending such as .pdf.")
        )
    if extension not in FILE_TYPES:
        raise UploadError(_instead_of(extension))
    return extension


def content_type_of(name: str, opened: IO[bytes]) -> str:
    """The content type of a file with this name.

    Raises UploadError if the type is not accepted, or if its bytes are of another type.
    """
    extension = _extension_of(name)
    content_type, is_of_type = FILE_TYPES[extension]
    opened.seek(0)
    head = opened.read(HEAD_BYTES)
    opened.seek(0)
    if not is_of_type(head):
        raise UploadError(_why_not(extension, head, opened))
    return content_type


def _instead_of(extension: str) -> str:
    """What to do with a file of a type that is not accepted."""
    words = {"ending": f".{extension}"}
    if extension in PICTURES:
        text = gettext("Many devices can’t show this type of picture (%(ending)s). Please save it as .jpg.")
    elif extension in FILMS:
        text = gettext("Many devices can’t play this type of video (%(ending)s). Please save it as .mp4.")
    elif extension in SOUNDS:
        text = gettext("Many devices can’t play this type of sound (%(ending)s). Please save it as .mp3.")
    elif extension in DOCUMENTS:
        text = gettext("Many programs can’t open this type of file (%(ending)s). Please save it as .pdf.")
    elif extension in PAGES:
        text = gettext("Web pages and drawings (%(ending)s) can’t be added. Please save it as .pdf.")
    elif extension in WITH_MACROS:
        text = gettext(
            "Files with macros (%(ending)s) can’t be added. Please save it without them, as .docx, "
            ".xlsx or .pptx."
        )
    elif extension in ARCHIVES:
        text = gettext("Many computers can’t unpack this (%(ending)s). Please pack it as .zip.")
    elif extension in PROGRAMS:
        text = gettext("Programs (%(ending)s) can’t be added.")
    else:
        text = gettext(
            "This type of file (%(ending)s) can’t be added as it is. Please save it as .pdf, or put "
            "it into a .zip. You can add: %(kinds)s."
        )
        words["kinds"] = ", ".join(FILE_TYPES)
    return text % words


def _why_not(extension: str, head: bytes, opened: IO[bytes]) -> str:
    """Why a file is refused whose bytes are not of the type that its extension says."""
    if extension in ("docx", "xlsx", "pptx", "ppsx") and head.startswith(OLD_OFFICE):
        if _is_encrypted(opened):
            return gettext(
                "This file is password-protected, so no one here could open it. Please save it without "
                "the password."
            )
        return gettext(
            "This file was saved by an older program under a newer ending (.%(ending)s). Give it its "
            "old ending, such as .doc, or save it again."
        ) % {"ending": extension}
    return gettext(
        "This file doesn’t open as .%(ending)s. Perhaps its ending was changed, or it was "
        "damaged on the way. Please save it again from the program that made it."
    ) % {"ending": extension}


def _is_encrypted(opened: IO[bytes]) -> bool:
    """Whether an OLE container holds an encrypted document: the name of that stream is in its directory."""
    mark, overlap = "EncryptedPackage".encode("utf-16-le"), b""
    left = BYTES_SEARCHED_FOR_ENCRYPTION
    try:
        while left > 0 and (chunk := opened.read(min(left, 1024 * 1024))):
            if mark in overlap + chunk:
                return True
            overlap, left = chunk[-len(mark) :], left - len(chunk)
        return False
    finally:
        opened.seek(0)
