"""Renders typed text to safe HTML. The only place where text is sanitised.

People type plain text, with as much Markdown as `common.markdown` knows. Models store the typed text and,
beside it, the HTML rendered here on save. Whatever was typed is shown: `render` compares its result with the
text, and falls back to the text as it was typed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape, unescape

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from common import markdown
from common.links import BARE_ENDINGS, find_links
from common.sanitising import PLACEHOLDER, Sanitiser
from common.text import clean_text

TAGS = frozenset(
    ["p", "br", "strong", "em", "s", "a", "ul", "ol", "li", "blockquote", "code", "pre", "h3", "h4", "small"]
)
ATTRIBUTES = {"a": ["href", "rel"]}
WITHIN_A_LINE = frozenset({"a", "strong", "em", "s", "code", "small"})
PROTOCOLS = frozenset({"http", "https", "mailto"})
PLAIN_CHARS_PER_WORD = 40
"""A text of few long words, such as addresses, is cut after so many characters for each word asked for."""
PORTION_CHARS = 4_000
"""Characters of HTML that are sanitised at once."""

# Fast path: text without any sign that Markdown, a link or HTML needs, which is nearly every message. The
# result is the same as the parser's, a hundred times faster.
_special = re.compile(
    r"[*_~`\[\\<>&\"@]|//|(?i:www\.)|\.(?:" + "|".join(BARE_ENDINGS) + r")\b|^1\.|^[-#]|^ | $|  |\n\n\n"
    # Other white space, control characters, surrogates, noncharacters, and the placeholders below.
    r"|[^\S \n]|[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\ue000-\ue003]",
    re.MULTILINE,
)
# The signs that a mark may consist of, and what stands for them in plain text.
_mark_signs = re.compile(r"[\s*_~`#>\-\\\[\]()]+")
_piece = re.compile(r"<(?P<closes>/?)(?P<tag>[a-z0-9]+)(?P<attributes>[^>]*)>|(?P<text>[^<]+)")
_href = re.compile(r'href="([^"]*)"')
_alt = re.compile(r'\balt="([^"]*)"')
NOTE = re.compile(r" ?<small>[^<]*</small>")
"""What `render` adds to a link to say where it leads."""
_sanitiser = Sanitiser(TAGS, ATTRIBUTES, PROTOCOLS)


def render(typed: str) -> str:
    """Sanitised HTML of a typed text: paragraphs, links, lists.

    Raises ValueError for more than `TEXT_LIMIT_CHARS` characters; forms refuse such a text before.
    """
    if len(typed) > settings.TEXT_LIMIT_CHARS:
        raise ValueError(f"a text may have {settings.TEXT_LIMIT_CHARS} characters, not {len(typed)}")
    if is_simple(typed):
        return _paragraphs(typed)
    # Texts are cleaned when they enter; those stored long ago are cleaned here.
    typed = PLACEHOLDER.sub("\N{REPLACEMENT CHARACTER}", clean_text(typed))
    html = "\n".join(map(clean, _portions(markdown.to_blocks(typed)))).strip()
    return html if _shows_all_of(typed, html) else as_typed(typed)


def is_simple(typed: str) -> bool:
    """Whether the fast path renders this. A long text with much Markdown may take a tenth of a second."""
    return typed.strip() == typed != "" and _special.search(typed) is None


def _portions(blocks: Iterable[str]) -> Iterator[str]:
    """Blocks put together to portions of some size: the time bleach takes is quadratic in the elements that
    stand beside each other."""
    portion: list[str] = []
    size = 0
    for block in blocks:
        portion.append(block)
        size += len(block)
        if size > PORTION_CHARS:
            yield "".join(portion)
            portion, size = [], 0
    yield "".join(portion)


def _paragraphs(escaped: str) -> str:
    """Text as it was typed: an empty line begins a paragraph, another line break is one."""
    parts = (part.strip("\n") for part in re.split(r"\n[^\S\n]*\n", escaped.strip()))
    return "\n".join("<p>" + part.replace("\n", "<br>\n") + "</p>" for part in parts if part.strip())


def as_typed(typed: str) -> str:
    """HTML of a text as it was typed, with its line breaks and nothing else."""
    return clean(_paragraphs(escape(typed, quote=False)))


def _shows_all_of(typed: str, html: str) -> bool:
    """Whether all that was typed, apart from white space and signs of marks, is in the HTML in its order."""
    shown = " ".join(_plain_pieces(html))
    if typed.strip() and not shown.strip():
        return False
    return _mark_signs.sub("", shown) == _mark_signs.sub("", typed)


def clean(html: str) -> str:
    """The same HTML reduced to the allowed tags. Idempotent."""
    return _sanitiser.clean(html)


def plain(html: str, words: int = 30) -> str:
    """The first words of HTML from `render` as plain text on one line, for an entry of a list.

    With the markers of lists and quotes, and with the address of a link that has other words. Reads only as
    much as it needs, since a page shows many of these and a text may be long.
    """
    limit = words * PLAIN_CHARS_PER_WORD
    found: list[str] = []
    size = 0
    for piece in _plain_pieces(html):
        found.append(piece)
        size += len(piece.strip())
        if size > limit:
            break
    text = " ".join("".join(found).split())
    return Truncator(Truncator(text).words(words)).chars(limit)


def _plain_pieces(html: str) -> Iterator[str]:
    """The text of HTML from `render`, or from `common.document_html.shown`, in pieces."""
    reader = _Reader()
    for piece in _piece.finditer(html):
        if not piece["text"]:
            yield reader.read_tag(piece["tag"], piece["attributes"], opens=not piece["closes"])
        elif not reader.is_in_note:
            yield unescape(piece["text"])


@dataclass
class _Reader:
    """What the tags of HTML from `render` say in plain text."""

    numbers: list[int | None] = field(default_factory=list)
    """The number of the next item of each open list, None where items have none."""
    href: str = ""
    is_in_link: bool = False
    is_in_note: bool = False

    def read_tag(self, tag: str, attributes: str, *, opens: bool) -> str:
        """The text in the place of a tag."""
        if tag == "a":
            self.is_in_link = opens
            if opens:
                found = _href.search(attributes)
                self.href = unescape(found[1]) if found else ""
            return ""
        if tag == "img":
            found = _alt.search(attributes)
            return f" {unescape(found[1])} " if found else ""
        if tag == "small":
            self.is_in_note = opens
            # Behind a link with words of its own the page shows the host; here it is the whole address.
            return f"({self.href})" if opens and not self.is_in_link else ""
        if tag in ("ol", "ul"):
            self._read_list(opens, 1 if tag == "ol" else None)
        if tag == "li" and opens and self.numbers:
            return self._marker()
        if tag == "blockquote" and opens:
            return " > "
        return "" if tag in WITHIN_A_LINE else " "

    def _read_list(self, opens: bool, first: int | None) -> None:
        if opens:
            self.numbers.append(first)
        elif self.numbers:
            self.numbers.pop()

    def _marker(self) -> str:
        number = self.numbers[-1]
        if number is None:
            return " - "
        self.numbers[-1] = number + 1
        return f" {number}. "


def with_links(text: str) -> SafeString:
    """Plain text as HTML, with its addresses as links; for mails."""
    parts: list[str] = []
    done = 0
    for link in find_links(text):
        shown = text[link.start : link.end] + (f" ({link.host})" if link.imitates else "")
        parts += [escape(text[done : link.start]), f'<a href="{escape(link.href)}">{escape(shown)}</a>']
        done = link.end
    return mark_safe("".join(parts) + escape(text[done:]))  # all of it is escaped


def trusted(html: str) -> SafeString:
    """Mark HTML that `render` made and a model stored as safe for a template. Not for any other HTML."""
    return mark_safe(html)
