"""How the files of a post are shown: pictures in their sizes, all else as something to save."""

from collections.abc import Iterable
from typing import NamedTuple

from django import template
from django.conf import settings
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from messaging.files.actions import MAX_FILES_PER_THING
from messaging.files.decoding import SIZES
from messaging.files.shown import ShownFile

ICONS = {
    "audio": "music",
    "video": "film",
    "image": "image",
    "spreadsheet": "file-spreadsheet",
    "excel": "file-spreadsheet",
    "csv": "file-spreadsheet",
    "presentation": "presentation",
    "powerpoint": "presentation",
    "zip": "file-archive",
}
"""By a word in the content type."""

MB = 1024 * 1024

register = template.Library()


@register.filter
def pictures(files: Iterable[ShownFile]) -> list[ShownFile]:
    """Those that are shown as pictures."""
    return [file for file in files if file.is_picture]


@register.filter
def papers(files: Iterable[ShownFile]) -> list[ShownFile]:
    """Those that are only saved."""
    return [file for file in files if not file.is_picture]


@register.filter
def srcset(file: ShownFile) -> str:
    """The smaller sizes of a picture with their widths."""
    width, height = file.width or 1, file.height or 1
    sizes = ((file.small, SIZES["small"]), (file.medium, SIZES["medium"]))
    return ", ".join(f"{url} {min(width, width * longest // max(width, height))}w" for url, longest in sizes)


@register.filter
def icon_of(content_type: str) -> str:
    """The icon of a file of this type."""
    return next((icon for word, icon in ICONS.items() if word in content_type), "file-text")


@register.filter
def ending(name: str) -> str:
    """What kind of file it is, as people say it: PDF, DOCX."""
    return name.rpartition(".")[2].upper()


class Limits(NamedTuple):
    """What can be added to a post."""

    most: int
    largest_mb: int
    video_mb: int


@register.simple_tag
def upload_limits() -> Limits:
    """What a form says before a file is chosen."""
    return Limits(MAX_FILES_PER_THING, settings.UPLOAD_LIMIT_BYTES // MB, settings.VIDEO_LIMIT_BYTES // MB)


@register.simple_tag
def upload_words() -> SafeString:
    """What the script of the control says: attributes of its element."""
    words = (
        ("too-many", gettext("There’s no room for more files here. The rest weren’t added.")),
        ("sending", gettext("Sending {name}")),
        ("waiting", gettext("No connection. It’ll carry on by itself when you’re back online.")),
        ("goes-on", gettext("The connection is back.")),
        ("added", gettext("{name} is added.")),
        ("removed", gettext("{name} is removed.")),
        ("moved", gettext("{name} is now {place} of {many}.")),
        ("failed", gettext("This didn’t arrive. Please try again.")),
        ("unreadable", gettext("This file can’t be read any more. Please choose it again.")),
        ("signed-out", gettext("You’ve been signed out. Sign in on another tab, then try again.")),
        ("held", gettext("Your files are still on their way. This will be sent once they’re here.")),
        ("incomplete", gettext("Not everything could be added. Nothing has been sent yet.")),
    )
    return format_html_join(" ", 'data-{}="{}"', words)
