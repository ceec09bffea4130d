"""Renders typed text to safe HTML. The only place where text is sanitised.

People type plain text: blank lines separate paragraphs, and a subset of Markdown (lists, emphasis, quotes,
links) works. Models store the typed text and, beside it, the HTML rendered here on save.
"""

import re
from html import unescape

import bleach
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from markdown_it import MarkdownIt

TAGS = frozenset(
    ["p", "br", "strong", "em", "s", "a", "ul", "ol", "li", "blockquote", "code", "pre", "h3", "h4", "hr"]
)
ATTRIBUTES = {"a": ["href", "title", "rel"], "ol": ["start"]}
PROTOCOLS = frozenset({"http", "https", "mailto"})

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True}).enable(
    ["linkify", "strikethrough"]
)
_tag = re.compile(r"<[^>]*(>|$)")
# Fast path: paragraphs of letters and punctuation that Markdown does not interpret, which is nearly every
# message. The result is the same as the parser's, a hundred times faster.
_line = r"[^\W\d_](?:[^\W_]|[,;!?()'’…–—](?=[\s\w,;!?()'’…–—.]|$)|-(?=\w)|[.:](?=\s|$)|:(?=[)(])| (?=\S))*"
_simple = re.compile(rf"{_line}(?:\n\n?{_line})*")
# While bleach runs, private-use characters stand in for the few entities that Markdown writes: each entity
# costs its parser a tenth of a millisecond, and there may be thousands. They are turned back into entities.
_placeholders = {"&amp;": "\ue000", "&lt;": "\ue001", "&gt;": "\ue002", "&quot;": "\ue003"}
_placeholder = re.compile(f"[{''.join(_placeholders.values())}]")
_headings = {"h1": "h3", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}


def render(typed: str) -> str:
    """Sanitised HTML of a typed text: paragraphs, links, lists.

    Raises ValueError for more than `TEXT_LIMIT_CHARS` characters; forms refuse such a text before.
    """
    if len(typed) > settings.TEXT_LIMIT_CHARS:
        raise ValueError(f"a text may have {settings.TEXT_LIMIT_CHARS} characters, not {len(typed)}")
    if is_simple(typed):
        return "\n".join(
            f"<p>{paragraph}</p>" for paragraph in typed.replace("\n", "<br>\n").split("<br>\n<br>\n")
        )
    tokens = _markdown.parse(typed)
    for token in tokens:
        token.tag = _headings.get(token.tag, token.tag)
        for part in token.children or ():
            if part.type == "link_open":
                part.attrSet("rel", "nofollow noopener")
    return clean(_markdown.renderer.render(tokens, _markdown.options, {}))


def is_simple(typed: str) -> bool:
    """Whether the fast path renders this. A long text with much Markdown may take half a second."""
    return _simple.fullmatch(typed) is not None


def clean(html: str) -> str:
    """The same HTML reduced to the allowed tags. Idempotent."""
    escaped = _placeholder.sub("", html)
    for entity, char in _placeholders.items():
        escaped = escaped.replace(entity, char)
    cleaned: str = bleach.clean(escaped, tags=TAGS, attributes=ATTRIBUTES, protocols=PROTOCOLS, strip=True)
    for entity, char in _placeholders.items():
        cleaned = cleaned.replace(char, entity)
    return cleaned.strip()


def plain(html: str, words: int = 30) -> str:
    """The first words of HTML from `render` as plain text, for an entry of a list.

    Parses only the beginning, since a page shows many of these and a text may be long.
    """
    text = unescape(_tag.sub("", html[: words * 40]))
    return Truncator(" ".join(text.split())).words(words)


def trusted(html: str) -> SafeString:
    """Mark HTML that `render` made and a model stored as safe for a template. Not for any other HTML."""
    return mark_safe(html)
