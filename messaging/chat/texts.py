"""Converts a typed text to the columns of a message: the text, its HTML, and its search text."""

from functools import lru_cache
from typing import TypedDict

from django.utils.text import Truncator
from django.utils.translation import gettext

from common import html
from common.access import Refused
from common.searching import normalize
from common.text import clean_text, is_visible
from messaging.chat.attachments import MessageFile, words_of

MAX_MESSAGE_CHARS = 4_000
"""Characters one message may have."""
QUOTE_CHARS = 120
"""Characters of a message in the quote of a reply to it."""
QUOTE_WORDS = 40
"""Words of a message that are converted to plain text for its quote; 120 characters seldom have more than
25."""


class TextColumns(TypedDict):
    """The columns of a message that are derived from its text."""

    text: str
    html: str
    folded: str


def clean_and_render(
    text: str, *, files: list[MessageFile] | None = None, has_files: bool = False
) -> TextColumns:
    """The columns of a typed text. Raises Refused when nothing of it can be seen and there are no files
    either, or it is too long."""
    text = clean_text(text).strip()
    if not is_visible(text):
        if not (files or has_files):
            raise Refused(gettext("You can’t send an empty message."))
        text = ""
    if len(text) > MAX_MESSAGE_CHARS:
        sentence = gettext("A message can have up to %(limit)s characters; this one has %(size)s.")
        raise Refused(sentence % {"limit": MAX_MESSAGE_CHARS, "size": len(text)})
    return render(text, files)


def render(text: str, files: list[MessageFile] | None = None) -> TextColumns:
    """The columns of a text that was accepted before, of a message with these files."""
    return {"text": text, "html": html.render(text), "folded": folded(text, files)}


def folded(text: str, files: list[MessageFile] | None) -> str:
    """The search text of a message: what it says, and what its files are called."""
    return normalize(f"{text} {words_of(files)}" if files else text)


@lru_cache(maxsize=500)
def quote_excerpt(message_html: str) -> str:
    """The first words of a message's HTML as plain text."""
    return Truncator(html.plain(message_html, words=QUOTE_WORDS)).chars(QUOTE_CHARS)
