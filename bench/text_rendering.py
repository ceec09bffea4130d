"""How long texts take to render as they grow, beside markdown-it with its rules of CommonMark and links.

Each text is a pattern repeated to a quarter, a half and all of TEXT_LIMIT_CHARS. Twice the length should take
twice the time; a pattern that takes four times as long is quadratic, and lets one person hold up a server.
"""

import os
import sys
import time
from collections.abc import Callable

os.environ.setdefault("AFTERCOURSE_MODE", "test")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django
from markdown_it import MarkdownIt

from bench.report import Row, log, run

PATTERNS = {
    "words": "Az 5.b osztályban jól ment. ",
    "unclosed addresses": "<http://",
    "addresses": "https://a.org/b ",
    "bare names": "aa.com ",
    "one long bare name": "a.",
    "e-mail addresses": "a@b.hu ",
    "opening brackets": "[",
    "brackets and letters": "[x",
    "links": "[x](https://a.hu) ",
    "half links": "[x](https://",
    "pictures": "![x](",
    "backticks": "`",
    "backticks and letters": "`x ",
    "asterisks": "*",
    "emphasis": "*ab* ",
    "nested emphasis": "*a **b ",
    "two kinds of emphasis": "*a_",
    "strikethrough": "~~ab ",
    "backslashes": "\\",
    "quotes": "> x\n",
    "nested quotes": ">",
    "quotes and lines": "> x\ny\n",
    "bullets": "- a\n",
    "numbers that do not follow": "1. a\n",
    "indented bullets": "- a\n - b\n  - c\n   - d\n",
    "fences": "```\n",
    "fences that do not close": "```a\n",
    "headings": "## a\n",
    "one long word": "a",
    "pipes": "| a ",
    "entities": "&quot;",
    "quotation marks": '"',
    "empty lines": "\n \n",
    "spaces": " x",
    "tabs": "\t",
}
MAX_SECONDS = 0.5
"""For the slowest text, alone on a core."""
MAX_GROWTH = 2.8
"""How much longer twice the length may take; linear is 2, quadratic 4."""
MIN_MEASURED_SECONDS = 0.004
"""Shorter times say nothing about growth."""


def measure(quick: bool) -> list[Row]:
    """One row per pattern with our times, then the slowest text and the steepest growth, ours and theirs."""
    django.setup()
    from django.conf import settings

    from common import html

    stock = MarkdownIt("commonmark", {"linkify": True, "breaks": True}).enable(["linkify", "strikethrough"])
    limit = settings.TEXT_LIMIT_CHARS // (10 if quick else 1)
    turns = 1 if quick else 5
    rows, slowest, steepest = [], {"ours": 0.0, "stock": 0.0}, {"ours": 0.0, "stock": 0.0}
    for name, pattern in PATTERNS.items():
        texts = [_repeat(pattern, limit // part) for part in (4, 2, 1)]
        seconds = {"ours": _times(html.render, texts, turns), "stock": _times(stock.render, texts, turns)}
        growth = {who: _growth(times) for who, times in seconds.items()}
        for who, times in seconds.items():
            slowest[who] = max(slowest[who], times[-1])
            steepest[who] = max(steepest[who], growth[who])
        shown = "  ".join(
            f"{who} {' '.join(f'{1000 * each:.0f}' for each in times)} ms (x {growth[who]:.1f})"
            for who, times in seconds.items()
        )
        log(f"{name:<28} {shown}")
        rows.append(Row(f"render {name}", 1000 * seconds["ours"][-1], "ms", detail=shown))
    return [
        *rows,
        Row(
            "the slowest text",
            slowest["ours"],
            "s",
            at_most=MAX_SECONDS,
            detail=f"stock {slowest['stock']:.2f}",
        ),
        Row(
            "the steepest growth with twice the length",
            steepest["ours"],
            at_most=MAX_GROWTH,
            detail=f"stock {steepest['stock']:.1f}; 2 is linear",
        ),
    ]


def _repeat(pattern: str, size: int) -> str:
    return (pattern * (size // len(pattern) + 1))[:size]


def _times(render: Callable[[str], str], texts: list[str], turns: int) -> list[float]:
    """The shortest processor time of each text: whatever else the machine does only adds to it."""
    return [min(_time(render, text) for _turn in range(turns)) for text in texts]


def _time(render: Callable[[str], str], text: str) -> float:
    started = time.process_time()
    render(text)
    return time.process_time() - started


def _growth(times: list[float]) -> float:
    """The mean growth per doubling, from the quarter to the whole; 0 where it is too fast to be measured."""
    shortest, _half, longest = times
    return (longest / shortest) ** 0.5 if shortest > MIN_MEASURED_SECONDS else 0.0


if __name__ == "__main__":
    sys.exit(run(measure, __doc__))
