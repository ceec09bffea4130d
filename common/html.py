"""From what somebody typed to HTML that is safe to show. The one place where text is sanitised.

People type plain text; blank lines make paragraphs, and Markdown's few signs (lists, emphasis, quotes,
links) work for those who know them. We keep what was typed, and beside it the HTML made here on save.
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
# Lines of letters and plain marks that mean nothing to Markdown, in paragraphs: nearly everything people
# say to each other. What the long way makes of them is known beforehand, and it takes a hundred times as
# long.
_line = r"[^\W\d_](?:[^\W_]|[,;!?()'’…–—](?=[\s\w,;!?()'’…–—.]|$)|-(?=\w)|[.:](?=\s|$)|:(?=[)(])| (?=\S))*"
_simple = re.compile(rf"{_line}(?:\n\n?{_line})*")
# While a text is cleaned, signs of no meaning stand for the few entities that Markdown writes: each would
# take the parser a tenth of a millisecond, and there may be thousands. They come back as entities, so
# nothing is opened.
_stand_ins = {"&amp;": "\ue000", "&lt;": "\ue001", "&gt;": "\ue002", "&quot;": "\ue003"}
_standing_in = re.compile(f"[{''.join(_stand_ins.values())}]")
_headings = {"h1": "h3", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}


def render(typed: str) -> str:
    """HTML for a typed text: paragraphs, links, lists; sanitised. At most `TEXT_LIMIT` characters.

    Raises ValueError when the text is longer, which forms refuse before it comes this far.
    """
    if len(typed) > settings.TEXT_LIMIT:
        raise ValueError(f"a text may have {settings.TEXT_LIMIT} characters, not {len(typed)}")
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
    """Whether rendering this costs next to nothing; a long text of rare signs may take half a second."""
    return _simple.fullmatch(typed) is not None


def clean(html: str) -> str:
    """The same HTML with nothing in it but our few tags; cleaning twice changes nothing."""
    aside = _standing_in.sub("", html)
    for entity, sign in _stand_ins.items():
        aside = aside.replace(entity, sign)
    cleaned: str = bleach.clean(aside, tags=TAGS, attributes=ATTRIBUTES, protocols=PROTOCOLS, strip=True)
    for entity, sign in _stand_ins.items():
        cleaned = cleaned.replace(sign, entity)
    return cleaned.strip()


def plain(html: str, words: int = 30) -> str:
    """The first words of some HTML from `render`, without its tags, for a line in a list.

    It looks at the beginning only, since a page shows many of these and a text may be long.
    """
    text = unescape(_tag.sub("", html[: words * 40]))
    return Truncator(" ".join(text.split())).words(words)


def trusted(html: str) -> SafeString:
    """HTML that `render` made and a model kept, marked as safe for a template. For nothing else."""
    return mark_safe(html)
