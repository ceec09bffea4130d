"""Files of a message as pages show them: plain values, of which kept pieces are drawn."""

from typing import NamedTuple

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext

from messaging.chat.attachments import MessageFile
from messaging.files.models import file_url
from messaging.files.shown import picture_url

ONE_PICTURE_PX = (320, 220)
"""How wide and high a picture is shown at most. static/js/lib/message_files.js has the same."""
TILE_PX = (140, 105)
"""Of each picture where a message has several, so that they stand in rows; what is beyond is cut off."""
NARROWEST_PX = 48


class FileInMessage(NamedTuple):
    """A file of a message. A picture has a width and a height; everything else a size in words."""

    pk: int
    name: str = ""
    size: str = ""
    alt: str = ""
    width: int = 0
    height: int = 0
    full_width: int = 0
    full_height: int = 0
    is_described: bool = False

    @property
    def small(self) -> str:
        """The URL of the picture as the room shows it."""
        return picture_url(self.pk, "small.webp")

    @property
    def large(self) -> str:
        """The URL of the picture as it is opened."""
        return picture_url(self.pk, "large.webp")

    @property
    def url(self) -> str:
        """The URL of its download."""
        return file_url(self.pk, self.name)

    @property
    def is_hidden(self) -> bool:
        """Whether a report has hidden it."""
        return not self.name


def files_shown(files: list[MessageFile] | None) -> tuple[FileInMessage, ...]:
    """The files of a message: its pictures, and after them the rest."""
    pictures = [file for file in files or () if "w" in file]
    others = [file for file in files or () if "w" not in file]
    return (*(_picture(file, len(pictures) == 1) for file in pictures), *map(_document, others))


def _picture(file: MessageFile, is_alone: bool) -> FileInMessage:
    width, height = _scaled(file["w"] or 1, file["h"] or 1) if is_alone else TILE_PX
    return FileInMessage(
        pk=file["id"],
        name=file["name"],
        alt=file.get("alt") or gettext("Picture"),
        width=width,
        height=height,
        full_width=file["w"],
        full_height=file["h"],
        is_described="alt" in file,
    )


def _scaled(width: int, height: int) -> tuple[int, int]:
    scale = min(1, ONE_PICTURE_PX[0] / width, ONE_PICTURE_PX[1] / height)
    return max(NARROWEST_PX, round(width * scale)), max(NARROWEST_PX, round(height * scale))


def _document(file: MessageFile) -> FileInMessage:
    if "hidden" in file:
        return FileInMessage(file["id"])
    return FileInMessage(file["id"], file["name"], filesizeformat(file["size"]))
