"""A text of the editor as a tree, read from HTML that anybody may have sent.

bleach removes what is not allowed (`common.editing`). What is left is put into one strict form: blocks hold
blocks or lines, lines hold text, and no tag stands where a browser would move it. A browser therefore reads
it exactly as it was written here, and reading it again gives the same tree.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from typing import NamedTuple

from common.editing import ATTRIBUTES, PROTOCOLS, TAGS
from common.sanitising import PLACEHOLDER, Sanitiser
from common.text import clean_text

HTML_LIMIT_CHARS = 60_000
"""Length of the longest HTML that is read; the time for sanitising grows with it."""
MAX_TAGS = 6_000
MAX_OPEN_TAGS = 60
"""Tags that are open at one place. HTML beyond these two is read without its tags."""
MAX_DEPTH = 10
"""Blocks in each other; deeper ones are lines."""
MAX_SPAN = 20
"""Columns and rows that a cell of a table covers."""
PORTION_CHARS = 4_000
"""Characters of HTML that are sanitised at once: the time bleach takes is quadratic in their elements."""

LINES = frozenset({"p", "h3", "h4", "pre"})
"""Blocks that hold text."""
MARKS = ("a", "strong", "em", "s", "sub", "sup", "code")
"""What is marked in a line, the outermost first."""
HOLDS: dict[str, frozenset[str]] = {
    "": LINES | {"ul", "ol", "blockquote", "table", "figure"},
    "blockquote": frozenset({"p", "h3", "h4", "pre", "ul", "ol", "figure"}),
    "ul": frozenset({"li"}),
    "ol": frozenset({"li"}),
    "li": frozenset({"p", "pre", "ul", "ol", "figure"}),
    "table": frozenset({"tr"}),
    "tr": frozenset({"td", "th"}),
    "td": frozenset({"p", "ul", "ol", "figure"}),
    "th": frozenset({"p", "ul", "ol", "figure"}),
    "figure": frozenset(),
}
"""Which blocks stand in which; "" is the whole text. The words in a figure are its caption."""
IMPLIED = {"ul": "li", "ol": "li", "table": "tr", "tr": "td"}
"""What is put between a block and one that it does not hold."""

_sanitiser = Sanitiser(TAGS, ATTRIBUTES, PROTOCOLS)
_tag = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)\b[^>]*>")
_any_tag = re.compile(r"<[^>]*>?")
_void = frozenset({"br", "img", "hr", "col", "input", "meta", "link", "wbr"})
_breaks = re.compile(r"<(?:/?(?:p|div|li|tr|h[1-6]|blockquote|pre|table|ul|ol|figure)|br)\b[^>]*>", re.I)
_spaces = re.compile(r"[ \t\n\f\r]+")
_key = re.compile(r"[0-9a-f]{32}")
_own_picture = re.compile(r"/pictures/\d{1,18}/(?:small|medium|large)\.webp")
_JOINS_A_TAG = "\N{COMBINING LONG SOLIDUS OVERLAY}"


class Run(NamedTuple):
    """A piece of a line with the same marks; a line feed in it is a line break."""

    text: str
    marks: tuple[str, ...] = ()
    href: str = ""


@dataclass
class Block:
    """A paragraph, a list, a table and so on: with blocks in it, or with a line of text. A figure has the
    caption as its line."""

    tag: str
    blocks: "list[Block]" = field(default_factory=list)
    line: list[Run] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)

    def walk(self) -> "Iterator[Block]":
        """This block and all in it, in their order."""
        yield self
        for block in self.blocks:
            yield from block.walk()


@lru_cache(maxsize=16)
def read(html: str) -> Block:
    """The tree of this HTML, sanitised; not to be changed, since a form, an action and a model share it.

    Raises ValueError for more than `HTML_LIMIT_CHARS` characters; forms refuse such a text before.
    """
    if size_of(html) > HTML_LIMIT_CHARS:
        raise ValueError(f"HTML may have {HTML_LIMIT_CHARS} characters, not {size_of(html)}")
    reader = _Reader()
    for portion in _portions(html) if _is_bounded(html) else [_without_tags(html)]:
        reader.feed(_sanitiser.clean(portion))
        reader.close_all()
    return _tidied(reader.root) or Block("")


def size_of(html: str) -> int:
    """Its length in characters, those of the commonest entities as one."""
    return len(html) - 4 * html.count("&amp;") - 3 * (html.count("&lt;") + html.count("&gt;"))


def _is_bounded(html: str) -> bool:
    """Whether it has as many tags, and as many in each other, as a text may have."""
    depth = 0
    for number, tag in enumerate(_tag.finditer(html)):
        if tag[2].lower() not in _void:
            depth += -1 if tag[1] else 1
        if number > MAX_TAGS or depth > MAX_OPEN_TAGS:
            return False
    return html.count("<") <= 2 * MAX_TAGS


def _without_tags(html: str) -> str:
    """The words alone, each block of them a paragraph."""
    return "</p><p>".join(_any_tag.sub("", part) for part in _breaks.split(html) if part.strip())


def _portions(html: str) -> Iterator[str]:
    """The HTML cut between blocks of its outermost level, where it is well-formed; each portion is sanitised
    by itself, so that a cut in a wrong place can only cost a format."""
    start = depth = 0
    for tag in _tag.finditer(html):
        if tag[2].lower() in _void:
            continue
        depth += -1 if tag[1] else 1
        if depth == 0 and tag[1] and tag.end() - start > PORTION_CHARS:
            yield html[start : tag.end()]
            start = tag.end()
    yield html[start:]


class _Reader(HTMLParser):
    """Builds the tree of sanitised HTML, whose tags are balanced."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Block("")
        self._open: list[tuple[str, Block | None]] = []
        """The open tags, each with its block if it made one."""
        self._marks: list[tuple[str, str]] = []
        """The open marks, each with its address."""
        self._line: Block | None = None

    def close_all(self) -> None:
        """The end of a portion."""
        self.close()
        self.reset()
        self._open, self._marks, self._line = [], [], None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in MARKS and not (tag == "code" and self._is_in("pre")):
            self._marks.append((tag, values.get("href", "")))
        elif tag == "br":
            self._write("\n")
        elif tag == "img":
            self._draw(values)
        elif tag not in _void and tag != "code":
            self._begin(tag, values)

    def handle_endtag(self, tag: str) -> None:
        if tag in MARKS:
            for number in reversed(range(len(self._marks))):
                if self._marks[number][0] == tag:
                    del self._marks[number]
                    break
            return
        for number in reversed(range(len(self._open))):
            if self._open[number][0] == tag:
                del self._open[number:]
                self._line = None
                break

    def handle_data(self, data: str) -> None:
        text = PLACEHOLDER.sub("", clean_text(data))
        if (self._line is not None and self._line.tag == "pre") or (text := _spaces.sub(" ", text)):
            self._write(text)

    def _is_in(self, tag: str) -> bool:
        return any(opened == tag for opened, _block in self._open)

    def _container(self) -> Block:
        blocks = [block for _tag, block in self._open if block is not None and block.tag not in LINES]
        return blocks[-1] if blocks else self.root

    def _depth(self) -> int:
        return sum(block is not None for _tag, block in self._open)

    def _begin(self, tag: str, values: dict[str, str]) -> None:
        """A block begins; where none of its kind may stand, its lines stay and it does not."""
        self._line = None
        container = self._container()
        if tag == "figcaption":
            self._open.append((tag, None))
            self._line = container if container.tag == "figure" else None
            return
        if tag not in HOLDS[container.tag] and tag in ("p", "h3", "h4", "ul", "ol", "pre", "figure"):
            container = self._implied(container)
        becomes_line = tag in ("h3", "h4", "pre") and tag not in HOLDS[container.tag]
        tag_of_block = "p" if becomes_line else tag
        if tag_of_block in ("td", "th") and container.tag == "table":
            container = self._add(container, "tr")
        fits = tag_of_block in HOLDS[container.tag] and (tag_of_block in LINES or self._depth() < MAX_DEPTH)
        if not fits:
            self._open.append((tag, None))
            return
        block = self._add(container, tag_of_block)
        block.attributes = _attributes_of(tag_of_block, values)
        self._open.append((tag, block))
        if tag_of_block in LINES:
            self._line = block

    def _implied(self, container: Block) -> Block:
        while container.tag in IMPLIED:
            container = self._add(container, IMPLIED[container.tag])
        return container

    def _add(self, container: Block, tag: str) -> Block:
        block = Block(tag)
        container.blocks.append(block)
        return block

    def _draw(self, values: dict[str, str]) -> None:
        """A picture: of the figure around it, or one of its own. Without the key of a file it is none."""
        if not _key.fullmatch(values.get("data-file", "")):
            return
        picture = {
            "data-file": values["data-file"],
            "alt": _spaces.sub(" ", clean_text(values.get("alt", ""))),
        }
        container = self._container()
        if container.tag != "figure" or container.attributes:
            self._line = None
            container = self._add(self._holder_of_figures(container), "figure")
        # The editor shows it by its address; a page does not rely on it.
        if _own_picture.fullmatch(values.get("src", "")):
            picture["src"] = values["src"]
        container.attributes = {name: value.strip() for name, value in picture.items()}

    def _holder_of_figures(self, container: Block) -> Block:
        container = self._implied(container)
        return container if "figure" in HOLDS.get(container.tag, ()) else self.root

    def _write(self, text: str) -> None:
        line = self._line
        if line is None:
            if not text.strip(" \n"):
                return
            container = self._implied(self._container())
            # The words of a figure stand in its caption, wherever they were.
            line = container if container.tag == "figure" else self._add(container, "p")
            self._line = line
        marks, href = _marks_of(self._marks) if line.tag != "pre" else ((), "")
        line.line.append(Run(text, marks, href))


def _marks_of(opened: list[tuple[str, str]]) -> tuple[tuple[str, ...], str]:
    """The marks in their order, and the address of the link. Code has no other marks, as in the editor."""
    names = {name for name, _href in opened}
    if "code" in names:
        return ("code",), ""
    if {"sub", "sup"} <= names:
        names.remove("sup")
    href = next((href for name, href in opened if name == "a" and href), "")
    if not href:
        names.discard("a")
    return tuple(name for name in MARKS if name in names), href


def _attributes_of(tag: str, values: dict[str, str]) -> dict[str, str]:
    if tag == "ol":
        start = values.get("start", "")
        return {"start": start} if re.fullmatch(r"[2-9]|[1-9]\d{1,3}", start) else {}
    if tag in ("td", "th"):
        spans = {name: values.get(name, "") for name in ("colspan", "rowspan")}
        return {
            name: span
            for name, span in spans.items()
            if re.fullmatch(r"[1-9]\d?", span) and 1 < int(span) <= MAX_SPAN
        }
    return {}


def _tidied(block: Block) -> Block | None:
    """The block without what is empty in it; None if nothing is left of it."""
    if block.tag in LINES or block.tag == "figure":
        block.blocks = []
        block.line = _tidied_line(block.line, keeps_spaces=block.tag == "pre")
        # A figure without a picture is the paragraph of its caption.
        if block.tag == "figure" and not block.attributes:
            block.tag = "p"
        return block if block.line or block.attributes else None
    block.blocks = [kept for each in block.blocks if (kept := _tidied(each)) is not None]
    return block if block.blocks or block.tag in ("", "td", "th") else None


def _tidied_line(line: list[Run], *, keeps_spaces: bool) -> list[Run]:
    """The line without spaces at its ends and around its breaks, and without two in a row; neighbours with
    the same marks are one."""
    tidied: list[Run] = []
    for run in line:
        text = run.text
        if not keeps_spaces:
            text = re.sub(r" *\n *", "\n", text)
            before = tidied[-1].text[-1] if tidied else "\n"
            if before in " \n":
                text = text.lstrip(" ") if tidied else text.lstrip(" \n")
            if text.startswith("\n") and before == " ":
                tidied[-1] = tidied[-1]._replace(text=tidied[-1].text.rstrip(" "))
        if (not tidied or tidied[-1][1:] != run[1:]) and text.startswith(_JOINS_A_TAG):
            # With the sign before it, the end of a tag, it would be one letter in Unicode's normal form.
            text = text.lstrip(_JOINS_A_TAG)
        if not text:
            continue
        if tidied and tidied[-1][1:] == run[1:]:
            tidied[-1] = tidied[-1]._replace(text=tidied[-1].text + text)
        else:
            tidied.append(run._replace(text=text))
    while tidied and not (end := tidied[-1].text.rstrip("\n" if keeps_spaces else " \n")):
        tidied.pop()
    if tidied:
        tidied[-1] = tidied[-1]._replace(text=end)
    is_seen = any(
        unicodedata.category(char)[0] != "Z" and char != "\n" for run in tidied for char in run.text
    )
    return tidied if is_seen else []
