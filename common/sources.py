"""What a text was written in: our narrow Markdown, or HTML of the editor, whose first characters say so.

A form, a draft, a page that gives words back and an action carry a text as one string, `sent`. A row stores
the source without that sign, with its format in a column of its own and the HTML of its page beside it.
Whoever needs the words alone, for an excerpt, a search, a mail, an export, asks `plain_text`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from common import document_html, document_words, documents, html
from common.document_html import Picture

SIGN = "<!--html1-->"
"""How a text of the editor begins where its format is not beside it."""
NO_PICTURES: Mapping[str, Picture] = {}


class Format(StrEnum):
    """The formats of sources; one of HTML has the version of what it may contain."""

    MARKDOWN = "markdown"
    HTML = "html1"


class Written(NamedTuple):
    """A text as a row stores it."""

    text: str
    format: str
    html: str


def is_html(sent: str) -> bool:
    """Whether this is a text of the editor."""
    return sent.startswith(SIGN)


def sent(text: str, format: str) -> str:
    """A stored text as forms and drafts carry it."""
    return SIGN + text if format == Format.HTML and text else text


def written(sent: str, pictures: Mapping[str, Picture] = NO_PICTURES) -> Written:
    """The text as it is stored, sanitised. Raises ValueError for one that is too long; forms refuse it."""
    if not is_html(sent):
        return Written(sent, Format.MARKDOWN, html.render(sent))
    document = documents.read(sent.removeprefix(SIGN))
    text = document_html.stored(document)
    if documents.size_of(text) > documents.HTML_LIMIT_CHARS:
        raise ValueError(f"a text may have {documents.HTML_LIMIT_CHARS} characters of HTML")
    return Written(text, Format.HTML, document_html.shown(document, pictures))


def written_together(
    texts: Mapping[str, str], pictures: Mapping[str, Picture] = NO_PICTURES
) -> dict[str, Written]:
    """Several texts of one row, which has one format: that of the editor if one of them is from there."""
    if any(map(is_html, texts.values())):
        texts = {name: as_html(sent) for name, sent in texts.items()}
    return {name: written(sent, pictures) for name, sent in texts.items()}


def cleaned(sent: str) -> str:
    """A text of the editor as its form carries it on, sanitised; empty if nothing is left of it."""
    text = document_html.stored(documents.read(sent.removeprefix(SIGN)))
    return SIGN + text if text else ""


def as_html(sent: str) -> str:
    """The text as the editor opens it."""
    if is_html(sent) or not sent.strip():
        return sent
    # What the page adds behind a link is no part of the text.
    made = html.NOTE.sub("", html.render(sent))
    if documents.size_of(made) > documents.HTML_LIMIT_CHARS:
        made = html.as_typed(sent)
    return SIGN + document_html.stored(documents.read(made))


def plain_text(text: str, format: str) -> str:
    """The words of a stored text as plain text of several lines, much as one would type them."""
    return document_words.words(documents.read(text)) if format == Format.HTML else text


def plain_text_of(sent: str) -> str:
    """The words of a text as forms and drafts carry it; as much of one that is too long as can be read."""
    if not is_html(sent):
        return sent
    return document_words.words(documents.read(sent.removeprefix(SIGN)[: documents.HTML_LIMIT_CHARS]))


def pictures_in(sent: str) -> list[str]:
    """The keys of the files that this text shows, in their order."""
    if not is_html(sent):
        return []
    document = documents.read(sent.removeprefix(SIGN)[: documents.HTML_LIMIT_CHARS])
    keys = (block.attributes["data-file"] for block in document.walk() if "data-file" in block.attributes)
    return list(dict.fromkeys(keys))
