"""Our own narrow Markdown, for people who do not know Markdown (docs/decisions/0029-narrow-markdown.md).

markdown-it-py with rules of our own. What may have been typed without a thought of Markdown stays as it was
typed: numbers, dashes, asterisks between numbers, underscores in names, backslashes, indentation. Every rule
is linear in the length of the text.

- `- one` and `1. one` are lists with two lines or more, one below the other, numbered 1, 2, 3.
- `> said` is a quote, and ends with its line. `## Title` is a heading.
- `**strong**`, `*emphasis*`, `_emphasis_`, `~~gone~~` begin and end at the edge of a word, on one line.
- Code is `between backticks` or between two lines of three.
- `[words](https://school.test)` is a link, and so is what `common.links` finds.
- A backslash before one of these signs takes its meaning, and is a backslash everywhere else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from common.marks import find_marks

MAX_LIST_DEPTH = 3
"""Lists in lists; deeper ones are lines of text."""
MAX_INDENT_CHARS = 16
"""Spaces at the beginning of a line that are shown."""
FENCE = "```"
SPACE = "\N{NO-BREAK SPACE}"

_heading = re.compile(r" {0,3}(#{2,6})[ \t]+(?=.*[^\W_])(\S.*)")
# "> 5 people" and ">= 3" mean "more than".
_quote = re.compile(r" {0,3}>(?:[ \t]+(?=[^\s\d>=])|(?=[^\W\d_]|[„“\"«‘]))(?=.*[^\W_])")
_quoted_line = re.compile(r" {0,3}>[ \t]?")
_item = re.compile(r"(?P<indent>[ \t]*)(?:(?P<bullet>[-*])|(?P<number>\d{1,4})\.)[^\S\n]+(?P<text>\S.*)")
# "- 5" may be a number below zero, and "- - -" a line.
_no_bullet = re.compile(r"[-*+\d]")
_fence_open = re.compile(r" {0,3}```[ \t]*([\w+#.-]*)[ \t]*")
_indentation = re.compile(r"[ \t]*")


# Blocks


def _line(state: StateBlock, number: int) -> str:
    """A line, in a quote without its mark."""
    return state.src[state.bMarks[number] : state.eMarks[number]].rstrip()


def _paragraph(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines up to an empty one or the beginning of another block, each on a line of its own."""
    rules = state.md.block.ruler.getRules("paragraph")
    lines = [_line(state, start)]
    if not lines[0]:
        state.line = start + 1
        return True
    for number in range(start + 1, end):
        if not _line(state, number) or any(rule(state, number, end, True) for rule in rules):
            break
        lines.append(_line(state, number))
    state.line = start + len(lines)
    _write_lines(state, lines)
    return True


def _write_lines(state: StateBlock, lines: list[str]) -> None:
    state.push("paragraph_open", "p", 1)
    _write_text(state, "\n".join(map(_with_indentation, lines)))
    state.push("paragraph_close", "p", -1)


def _with_indentation(line: str) -> str:
    """HTML would drop the spaces at the beginning of a line, as a poem has them."""
    text = line.lstrip(" \t")
    return SPACE * min(_indent_of(line), MAX_INDENT_CHARS) + text


def _indent_of(line: str) -> int:
    spaces = _indentation.match(line)
    return len(spaces[0].expandtabs(4)) if spaces else 0


def _write_text(state: StateBlock, text: str) -> None:
    token = state.push("inline", "", 0)
    token.content = text
    token.children = []


def _write_heading(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    match = _heading.fullmatch(_line(state, start))
    if match is None:
        return False
    if not silent:
        tag = "h3" if len(match[1]) == 2 else "h4"
        state.line = start + 1
        state.push("heading_open", tag, 1)
        _write_text(state, match[2])
        state.push("heading_close", tag, -1)
    return True


def _write_code(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines between two of three backticks; the name of a language after the first is shown."""
    opening = _fence_open.fullmatch(_line(state, start))
    if opening is None or _last_fence(state, start, end) <= start:
        return False
    if not silent:
        lines = [opening[1]] if opening[1] else []
        number = start + 1
        while _line(state, number).strip() != FENCE:
            lines.append(state.src[state.bMarks[number] : state.eMarks[number]])
            number += 1
        state.line = number + 1
        if any(line.strip() for line in lines):
            state.push("code_block", "code", 0).content = "\n".join(lines)
        else:
            _write_lines(state, [_line(state, each) for each in range(start, number + 1)])
    return True


def _last_fence(state: StateBlock, start: int, end: int) -> int:
    """The last line of three backticks before `end`; looked for once, since every line may open one."""
    key = f"last fence before {end}"
    if key not in state.env:
        fences = (number for number in range(start, end) if _line(state, number).strip() == FENCE)
        state.env[key] = max(fences, default=-1)
    last: int = state.env[key]
    return last


def _write_quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines that begin with `>`, without quotes in them: what follows the first sign is their text."""
    if state.level or not _quote.match(_line(state, start)):
        return False
    if silent:
        return True
    before = []
    number = start
    while number < end and (mark := _quoted_line.match(_line(state, number))):
        before.append((state.bMarks[number], state.tShift[number], state.sCount[number]))
        state.bMarks[number] += mark.end()
        state.tShift[number] = len(_indentation.match(_line(state, number))[0])  # type: ignore[index]
        state.sCount[number] = state.tShift[number]
        number += 1
    state.push("blockquote_open", "blockquote", 1)
    state.md.block.tokenize(state, start, number)
    state.push("blockquote_close", "blockquote", -1)
    for offset, marks in enumerate(before):
        state.bMarks[start + offset], state.tShift[start + offset], state.sCount[start + offset] = marks
    state.line = number
    return True


@dataclass
class List:
    """A list: each item has texts and lists in their order."""

    ordered: bool
    items: "list[list[str | List]]" = field(default_factory=list)


def _write_list(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if start < state.env.get("no list before", 0):
        return False
    found, stop = _read_list(state, start, end)
    if found is None:
        state.env["no list before"] = stop
        return False
    if not silent:
        _write_items(state, found)
        state.line = stop
    return True


def _read_list(state: StateBlock, start: int, end: int, depth: int = 1) -> tuple[List | None, int]:
    """The list that begins at a line, and the line after it.

    None when it is no list, and the line up to which none begins: a wrong number in the middle leaves all of
    its lines as they were typed.
    """
    first = _item.fullmatch(_line(state, start))
    if first is None or first["number"] not in (None, "1"):
        return None, start + 1
    found = List(ordered=first["bullet"] is None)
    indent = _indent_of(first["indent"])
    is_list = True
    number = start
    while number < end:
        line = _line(state, number)
        if not line:
            break
        if number > start and _indent_of(line) > indent + 1:
            stop = number + 1
            while stop < end and _line(state, stop) and _indent_of(_line(state, stop)) > indent + 1:
                stop += 1
            found.items[-1] += _read_continuation(state, number, stop, depth)
            number = stop
            continue
        item = _item.fullmatch(line)
        if item is None or _indent_of(line) < indent - 1 or item["bullet"] != first["bullet"]:
            break
        found.items.append([item["text"]])
        if found.ordered:
            is_list = is_list and item["number"] == str(len(found.items))
        else:
            is_list = is_list and not _no_bullet.match(item["text"])
        number += 1
    return (found if is_list and len(found.items) > 1 else None), number


def _read_continuation(state: StateBlock, start: int, end: int, depth: int) -> list[str | List]:
    """What the indented lines below the first line of an item add to it."""
    parts: list[str | List] = []
    number = start
    while number < end:
        found, stop = (None, end) if depth == MAX_LIST_DEPTH else _read_list(state, number, end, depth + 1)
        if found is None:
            lines = [_line(state, each).strip() for each in range(number, stop)]
            # A list ends its own line.
            parts.append(("" if parts and isinstance(parts[-1], List) else "\n") + "\n".join(lines))
        else:
            parts.append(found)
        number = stop
    return parts


def _write_items(state: StateBlock, found: List) -> None:
    kind, tag = ("ordered_list", "ol") if found.ordered else ("bullet_list", "ul")
    state.push(f"{kind}_open", tag, 1)
    for parts in found.items:
        state.push("list_item_open", "li", 1)
        for part in parts:
            if isinstance(part, List):
                _write_items(state, part)
            else:
                _write_text(state, part)
        state.push("list_item_close", "li", -1)
    state.push(f"{kind}_close", tag, -1)


def _write_line(state: StateInline, silent: bool) -> bool:
    """The only rule for what is in a line: writes all of it."""
    done = 0
    for mark in find_marks(state.src):
        state.append_pending(state.src[done : mark.start])
        done = mark.end
        for tag in mark.closes:
            state.push(f"{tag}_close", tag, -1)
        for tag in mark.opens:
            token = state.push(f"{tag}_open", tag, 1)
            if tag == "a":
                token.attrs = {"href": mark.href, "rel": "nofollow noopener"}
        if mark.kind == "small":
            state.append_pending(" ")
            state.push("small_open", "small", 1)
            state.append_pending(f"({mark.text})")
            state.push("small_close", "small", -1)
        elif mark.kind:
            state.push(mark.kind, "code" if mark.text else "br", 0).content = mark.text
    state.append_pending(state.src[done:])
    state.pos = state.posMax
    return True


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"breaks": True})
    blocks = {
        "fence": _write_code,
        "blockquote": _write_quote,
        "list": _write_list,
        "heading": _write_heading,
    }
    for name, rule in blocks.items():
        parser.block.ruler.at(name, rule, {"alt": ["paragraph"]})
    parser.block.ruler.at("paragraph", _paragraph)
    parser.inline.ruler.at("text", _write_line)
    return parser.enable(list(blocks))


_parser = _make_parser()


def to_blocks(text: str) -> Iterator[str]:
    """The HTML of a text: its paragraphs, lists and the like, one by one. Everything typed is escaped;
    `common.html` sanitises it all the same."""
    tokens: list[Token] = _parser.parse(text)
    start = 0
    for end, token in enumerate(tokens, start=1):
        if token.level == 0 and token.nesting <= 0:
            yield _parser.renderer.render(tokens[start:end], _parser.options, {})
            start = end
