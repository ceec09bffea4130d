"""Rules for our templates that a linter does not know.

python -m tools.templates    one line for each violation
"""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "templates"

RULES = (
    (re.compile(r"\sstyle\s*=", re.I), "an inline style: the security policy drops it, use a class"),
    (re.compile(r"<style\b", re.I), "a style element: the security policy drops it, use static/css"),
    (re.compile(r"\son[a-z]+\s*=\s*[\"']", re.I), "an inline event handler: the security policy drops it"),
    (re.compile(r"javascript:", re.I), "a javascript: address: the security policy drops it"),
    (
        re.compile(r"<script\b(?![^>]*(?:\bsrc=|type=\"importmap\"))", re.I),
        "an inline script: the security policy drops it",
    ),
    (re.compile(r"\|\s*safe(seq)?\b"), "|safe: text becomes HTML in common/html.py alone"),
    (re.compile(r"{%-?\s*autoescape\s+off"), "escaping switched off"),
)
NOT_TRANSLATABLE = re.compile(
    r"{%\s*(?:blocktranslate|blocktrans)\b.*?{%\s*end(?:blocktranslate|blocktrans)\s*%}"
    r"|{%\s*block\s+\w*class\s*%}.*?{%\s*endblock\b.*?%}"
    r"|{%\s*comment\b.*?{%\s*endcomment\s*%}|{#.*?#}",
    re.S,
)
"""Parts in which words need no translation: translations, class names, comments."""
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.S)
WORD = re.compile(r"[^\W\d_]{2,}")
TEXT_ATTRIBUTES = {"alt", "aria-description", "aria-label", "aria-roledescription", "placeholder", "title"}
UNTRANSLATED = "words that no translator sees"
SAME_IN_ALL_LANGUAGES = {"Aftercourse"}


def blank(text: str, pattern: re.Pattern[str]) -> str:
    """Paint over what a pattern finds, leaving the lines where they are."""
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


class Words(HTMLParser):
    """Collects what a person would read or hear in a page, with its line."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look into the attributes that are read aloud."""
        self.silent += tag in ("script", "style")
        for name, value in attrs:
            if name in TEXT_ATTRIBUTES:
                self.handle_data(value or "")

    def handle_endtag(self, tag: str) -> None:
        """Listen again after a script."""
        self.silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        """Look into text between tags."""
        if not self.silent and set(WORD.findall(data)) - SAME_IN_ALL_LANGUAGES:
            self.found.append((self.getpos()[0], " ".join(data.split())))


def problems_in(name: str, text: str) -> Iterator[str]:
    """What is wrong with one template."""
    for pattern, problem in RULES:
        for found in pattern.finditer(text):
            yield f"{name}:{text.count(chr(10), 0, found.start()) + 1}: {problem}"
    shown = blank(blank(text, NOT_TRANSLATABLE), TAG)
    if name.endswith(".html"):
        words = Words()
        words.feed(shown)
        words.close()
        for number, said in words.found:
            yield f"{name}:{number}: {UNTRANSLATED}: {said}"
    else:
        for number, said in enumerate(shown.splitlines(), 1):
            if set(WORD.findall(said)) - SAME_IN_ALL_LANGUAGES:
                yield f"{name}:{number}: {UNTRANSLATED}: {said.strip()}"


def all_problems() -> list[str]:
    """What is wrong with our templates."""
    return [
        problem
        for path in sorted(FOLDER.rglob("*"))
        if path.suffix in (".html", ".txt")
        for problem in problems_in(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
    ]


if __name__ == "__main__":
    found_problems = all_problems()
    print("\n".join(found_problems))
    sys.exit(1 if found_problems else 0)
