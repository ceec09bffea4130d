"""The files of a thing as plain values, loaded in the statement that loads the thing.

rows.annotate(files=files_shown("reply"))    # -> a list of ShownFile for each row
"""

import re
from collections.abc import Iterable
from html import escape
from typing import NamedTuple, TypedDict
from uuid import UUID

from django.db.models import BooleanField, CharField, ExpressionWrapper, Q, Value
from django.db.models.functions import Cast, Replace
from django.template.loader import render_to_string
from django.utils.translation import gettext

from common.paths import path_of
from common.rows import Rows
from messaging.files.models import File, file_url
from messaging.files.pictures import FALLBACK, PICTURE_TYPE

FIGURE = re.compile(r'<figure>(<img src="/pictures/(\d+)/[^>]*>)(.*?)</figure>', re.S)
"""A picture in the text of a post, from `common.document_html.shown`: its tag, its id, its caption."""
HIDDEN_PICTURE = "components/_hidden_picture.html"


class ShownFile(NamedTuple):
    """A file of a post; of a hidden one only its place is shown. Width and height are those of the picture,
    or of the picture of a document's first page."""

    pk: int
    key: str
    """32 hexadecimal digits."""
    name: str
    content_type: str
    size: int
    alt: str
    width: int | None
    height: int | None
    is_hidden: bool

    @property
    def is_picture(self) -> bool:
        """Whether it is shown as a picture."""
        return self.width is not None and self.content_type == PICTURE_TYPE

    @property
    def has_preview(self) -> bool:
        """Whether it has the sizes of a picture: it is one, or its first page could be drawn."""
        return self.width is not None

    @property
    def url(self) -> str:
        """Of its download."""
        return file_url(self.pk, self.name)

    @property
    def small(self) -> str:
        """The URL of the picture, at most 480 pixels wide and high."""
        return picture_url(self.pk, "small.webp")

    @property
    def medium(self) -> str:
        """The same of 1080 pixels."""
        return picture_url(self.pk, "medium.webp")

    @property
    def large(self) -> str:
        """The same of 2048 pixels."""
        return picture_url(self.pk, "large.webp")

    @property
    def fallback(self) -> str:
        """As `medium`, as a JPEG; of pictures alone."""
        return picture_url(self.pk, FALLBACK)


def picture_url(pk: int, name: str) -> str:
    """The URL of a picture in one of its sizes."""
    return path_of("picture", pk, name)


def files_shown(kind: str) -> Rows:
    """The files of each thing of a queryset, in their order, as a column of it."""
    files = File.objects.attached_to(kind).annotate(
        # SQLite stores it without dashes.
        digits=Replace(Cast("key", CharField()), Value("-")),
        is_hidden=ExpressionWrapper(Q(hidden_at__isnull=False), BooleanField()),
    )
    return Rows(ShownFile, files, key="digits")


def not_in(files: Iterable[ShownFile], *texts: str) -> list[ShownFile]:
    """Those of these files that the HTML of a post does not show as pictures in its text."""
    return [file for file in files if not any(f"/pictures/{file.pk}/" in text for text in texts)]


def in_text(html: str, files: Iterable[ShownFile]) -> str:
    """The HTML of a post for its page: a picture leads to the large one, of a hidden one only its place is
    shown, without its caption. A picture that is not among the post's files stays as it is."""
    if "<figure>" not in html:
        return html
    known = {file.pk: file for file in files}
    number = 0

    def figure(found: re.Match[str]) -> str:
        nonlocal number
        file = known.get(int(found[2]))
        if file is None:
            return found[0]
        number += 1
        return (
            render_to_string(HIDDEN_PICTURE)
            if file.is_hidden
            else _linked_figure(file, found[1], found[3], number)
        )

    return FIGURE.sub(figure, html)


def _linked_figure(file: ShownFile, image: str, caption: str, number: int) -> str:
    described = " data-described"
    if ' alt=""' in image:
        described = ""
        nameless = gettext("Picture %(number)s, not described") % {"number": number}
        image = image.replace(' alt=""', f' alt="{escape(nameless)}"')
    size = f'data-width="{file.width}" data-height="{file.height}"'
    link = f'<a href="{file.large}" {size} data-file="{escape(file.url)}"{described}>'
    return f"<figure>{link}{image}</a>{caption}</figure>"


def shown(file: File) -> ShownFile:
    """One file as it is shown."""
    return ShownFile(
        pk=file.pk,
        key=file.key.hex,
        name=file.name,
        content_type=file.content_type,
        size=file.size,
        alt=file.alt,
        width=file.width,
        height=file.height,
        is_hidden=file.hidden_at is not None,
    )


def shown_to_writer(user_pk: int, keys: list[UUID]) -> list[ShownFile]:
    """Of these files those that this person uploaded, in this order: what a form shows that is written."""
    if not keys:
        return []
    found = {file.key: file for file in File.objects.filter(uploaded_by=user_pk, key__in=keys)}
    return [shown(found[key]) for key in keys if key in found]


class SentFile(TypedDict):
    """What a page's script is told of a file that has come."""

    id: int
    key: str
    name: str
    size: int
    content_type: str
    is_picture: bool
    width: int | None
    height: int | None
    url: str
    small: str
    medium: str
    large: str


def sent(file: File) -> SentFile:
    """A file as its uploader's script reads it. The URLs of pictures are empty where there are none."""
    one = shown(file)
    small, medium, large = (one.small, one.medium, one.large) if one.has_preview else ("", "", "")
    return {
        "id": one.pk,
        "key": one.key,
        "name": one.name,
        "size": one.size,
        "content_type": one.content_type,
        "is_picture": one.is_picture,
        "width": one.width,
        "height": one.height,
        "url": one.url,
        "small": small,
        "medium": medium,
        "large": large,
    }
