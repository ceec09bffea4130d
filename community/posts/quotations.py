"""Quoting a post in the box of a reply to it, as static/js/lib/quotes.js does."""

import re

from common.html import plain
from common.sources import SIGN, as_html, is_html

WORDS_QUOTED = 40
"""How much of the beginning is quoted where nothing is selected."""
_signs = re.compile(r"[\[\]\\*_~`]")


def quotation(*, name: str, address: str, html: str) -> str:
    """The beginning of a post in our Markdown, with who said it and a link to it."""
    return f"> [{_signs.sub('', name)}]({address}):\n> {plain(html, WORDS_QUOTED)}\n\n"


def with_quotation(text: str, quoted: str) -> str:
    """What a box holds already, as forms carry it, with a quotation behind it; once."""
    if is_html(text):
        made = as_html(quoted).removeprefix(SIGN)
        return text if made in text else text + made
    if quoted.strip() in text:
        return text
    return f"{text.rstrip()}\n\n{quoted}" if text.strip() else quoted
