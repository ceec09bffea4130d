"""What is marked in a line of text: emphasis, code and links (see `common.markdown`).

A sign is a mark only where it can hardly be anything else. Whoever types "2*3*4", "snake_case" or "C:\\*.doc"
did not mean Markdown.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from common.links import BEGINNING, Link, link_at

_token = re.compile(
    r"(?P<newline>\n)"
    r"|(?P<code>\\?(?<![\w`])`(?!\s)[^`\n]+(?<!\s)`(?![\w`]))"
    r"|\\?(?<!!)\[(?=[^\S\n]*[^\s\[\]])(?P<words>[^\[\]\n]{1,500})\]\((?=(?i:https?://|mailto:))"
    rf"|(?P<address>{BEGINNING})"
    r"|\\?(?P<run>\*+|_+|~+)"
)
PAIRS = {
    "*": ("em",),
    "_": ("em",),
    "**": ("strong",),
    "***": ("strong", "em"),
    "~~": ("s",),
}
"""The signs that come in pairs, and the tags they mean."""
NOT_BEFORE = ")]}/\\=<>^%#@&$|+"
"""After these no pair begins: "(2+3)*4"."""
NOT_BEFORE_ONE = ".,;:!?-–"
"""After these no pair of single signs begins either: ":*" is a kiss."""
NOT_BEHIND = "([{/\\=<>^%#@&$|+"
"""Before these no pair ends."""
NOT_FIRST = ".,;:!?)]}…”»’"
"""Nothing in a pair begins with these."""

_two_letters = re.compile(r"[^\W\d_]{2}")
_letter_or_digit = re.compile(r"[^\W_]")
_white_space = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a text that is not shown as it stands.

    `opens` and `closes` are tags; `text` is shown instead, as `kind` says.
    """

    start: int
    end: int
    opens: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()
    href: str = ""
    kind: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Delimiter:
    """A run of `*`, `_` or `~` that may begin or end a pair."""

    start: int
    """Where its backslash is, if it has one."""
    end: int
    is_escaped: bool


def find_marks(text: str) -> list[Mark]:
    """The marks in a text, in order, without overlaps."""
    return sorted(_marks(text), key=attrgetter("start", "end"))


def _marks(text: str, start: int = 0, end: int | None = None, *, links: bool = True) -> Iterator[Mark]:
    end = len(text) if end is None else end
    opened: dict[str, Delimiter] = {}
    position = start
    while token := _token.search(text, position, end):
        position = token.end()
        marks: Iterable[Mark] = ()
        if token["newline"]:
            opened.clear()
            marks = [Mark(*token.span(), kind="softbreak")]
        elif token["code"]:
            marks = _code(token)
        elif token["words"]:
            marks, position = _link_with_words(text, token, links=links)
        elif token["run"]:
            marks = _pair(text, token, opened, end)
        elif links and (link := link_at(text, token.start())):
            marks, position = _address(link), link.end
        yield from marks


def _is_escaped(token: re.Match[str]) -> bool:
    return token[0].startswith("\\")


def _code(token: re.Match[str]) -> Iterator[Mark]:
    start, end = token.span()
    if not _is_escaped(token):
        yield Mark(start, end, kind="code_inline", text=token["code"][1:-1])
        return
    yield Mark(start, start + 1)
    if token["code"][-2] == "\\":
        yield Mark(end - 2, end - 1)


def _link_with_words(text: str, token: re.Match[str], *, links: bool) -> tuple[list[Mark], int]:
    """The marks of `[words](address)`, and where to go on; without an address, behind the first bracket."""
    start = token.start()
    inside = start + (2 if _is_escaped(token) else 1)
    link = link_at(text, token.end()) if links else None
    if link is None or text[link.end : link.end + 1] != ")":
        return [], inside
    if _is_escaped(token):
        return [Mark(start, start + 1)], inside
    first, last = token.span("words")
    end = link.end + 1
    opening = Mark(start, first, opens=("a",), href=link.href)
    closing = Mark(last, end, closes=("a",), kind="small", text=link.host)
    return [opening, *_marks(text, first, last, links=False), closing], end


def _address(link: Link) -> Iterator[Mark]:
    yield Mark(link.start, link.start, opens=("a",), href=link.href)
    if link.imitates:
        yield Mark(link.end, link.end, kind="small", text=link.host)
    yield Mark(link.end, link.end, closes=("a",))


def _pair(text: str, token: re.Match[str], opened: dict[str, Delimiter], end: int) -> Iterator[Mark]:
    """The marks of a pair that ends with this run; remembers one that may begin a pair."""
    run = token["run"]
    if run not in PAIRS:
        return
    before = text[token.start() - 1] if token.start() else " "
    behind = text[token.end()] if token.end() < end else " "
    this = Delimiter(token.start(), token.end(), is_escaped=_is_escaped(token))
    if _may_end(before, behind) and (first := opened.pop(run, None)):
        # What began inside and did not end there is no pair.
        for other in [key for key, delimiter in opened.items() if delimiter.start > first.start]:
            del opened[other]
        if _is_worth_marking(text, first.end, this.start, run):
            if first.is_escaped or this.is_escaped:
                yield from (Mark(each.start, each.start + 1) for each in (first, this) if each.is_escaped)
            else:
                yield Mark(first.start, first.end, opens=PAIRS[run])
                yield Mark(this.start, this.end, closes=PAIRS[run][::-1])
            return
    if _may_begin(before, behind, run):
        opened[run] = this


def _may_begin(before: str, behind: str, run: str) -> bool:
    return (
        not before.isalnum()
        and before not in (NOT_BEFORE_ONE + NOT_BEFORE if len(run) == 1 else NOT_BEFORE)
        and not _white_space.match(behind)
        and behind not in NOT_FIRST
    )


def _may_end(before: str, behind: str) -> bool:
    return not _white_space.match(before) and not behind.isalnum() and behind not in NOT_BEHIND


def _is_worth_marking(text: str, start: int, end: int, run: str) -> bool:
    """Whether these are words: "a *2 + b* 3" is a sum. A strong number is meant: "**12:30**"."""
    if _two_letters.search(text, start, end):
        return True
    is_one_word = not _white_space.search(text, start, end)
    return len(run) > 1 and is_one_word and _letter_or_digit.search(text, start, end) is not None
