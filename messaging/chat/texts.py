"""What somebody typed into a room, as it is kept: the text, its HTML, and how it is searched."""

from typing import TypedDict

from django.utils.text import Truncator
from django.utils.translation import gettext

from common import html
from common.access import Refused
from common.searching import fold

LIMIT = 4_000
"""Characters one message may have."""
QUOTED = 120
"""Characters of a message that a reply to it shows."""


class Written(TypedDict):
    """The columns of a message that come from what was typed."""

    text: str
    html: str
    folded: str


def written(text: str) -> Written:
    """What is kept of a typed text. Raises Refused when it is empty or too long."""
    # A sign that no keyboard has and PostgreSQL does not take.
    text = text.replace("\0", "").strip()
    if not text:
        raise Refused(gettext("An empty message cannot be sent."))
    if len(text) > LIMIT:
        said = gettext("A message can have %(limit)s characters; this one has %(size)s.")
        raise Refused(said % {"limit": LIMIT, "size": len(text)})
    return kept(text)


def kept(text: str) -> Written:
    """The columns of a text that was taken before."""
    return {"text": text, "html": html.render(text), "folded": fold(text)}


def quoted(said: str) -> str:
    """The first words of a message's HTML, for a reply to it."""
    return Truncator(html.plain(said, words=40)).chars(QUOTED)
