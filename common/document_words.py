"""A text of the editor as plain words of several lines: much as somebody would type it without the editor."""

from collections.abc import Iterable, Iterator

from common.documents import Block, Run

SIGNS = {"strong": "**", "em": "*", "s": "~~", "code": "`"}


def words(document: Block) -> str:
    """The text with the signs of our Markdown for lists, quotes, headings and emphasis; rows of a table as
    lines with bars; of a picture its description and caption."""
    return "\n\n".join(filter(None, ("\n".join(_lines(block)) for block in document.blocks)))


def _lines(block: Block) -> Iterator[str]:
    """The lines of one block."""
    if block.tag in ("ul", "ol"):
        yield from _list(block)
    elif block.tag == "table":
        for row in block.blocks:
            yield "| " + " | ".join(" ".join(_all_lines(cell.blocks)) for cell in row.blocks) + " |"
    elif block.tag == "blockquote":
        for number, each in enumerate(block.blocks):
            yield from ([">"] if number else [])
            yield from (f"> {line}".rstrip() for line in _lines(each))
    elif block.tag == "pre":
        yield from ("```", *"".join(run.text for run in block.line).split("\n"), "```")
    elif block.tag == "figure":
        said = [block.attributes.get("alt", ""), _line(block.line)]
        yield from dict.fromkeys(f"[{each}]" for each in said if each)
    else:
        sign = {"h3": "## ", "h4": "### "}.get(block.tag, "")
        yield from (sign + _line(block.line)).split("\n")


def _all_lines(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        yield from _lines(block)


def _list(block: Block) -> Iterator[str]:
    number = int(block.attributes.get("start", "1"))
    for item in block.blocks:
        sign = f"{number}. " if block.tag == "ol" else "- "
        for position, line in enumerate(_all_lines(item.blocks)):
            yield (" " * len(sign) if position else sign) + line
        number += 1


def _line(runs: Iterable[Run]) -> str:
    return "".join(map(_run, runs))


def _run(run: Run) -> str:
    """The text between its signs; these stand at words and not at the spaces around them."""
    inside = run.text.strip()
    if not inside:
        return run.text
    before, after = run.text[: run.text.index(inside)], run.text[run.text.index(inside) + len(inside) :]
    signs = [SIGNS[mark] for mark in run.marks if mark in SIGNS and "\n" not in inside]
    inside = "".join(signs) + inside + "".join(reversed(signs))
    if run.href and run.href.removeprefix("mailto:") != run.text:
        inside = f"[{inside}]({run.href})"
    return before + inside + after
