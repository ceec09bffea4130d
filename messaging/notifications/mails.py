"""From a kind and what it is about to a mail. One template of words for each kind, mail/<kind>.txt, makes
both the plain text and the HTML, so that they cannot say different things.

Blank lines part paragraphs, the first of which is the subject; what is more than a paragraph is a tag of
`letters`: `{% button link %}Come in{% endbutton %}`.
"""

import functools
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import css_inline
from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone, translation  # noqa: TID251 the reader's zone, not the time

from messaging.notifications import pace

if TYPE_CHECKING:
    from community.people.models import User

BLANK = re.compile(r"\n\s*\n")


@dataclass(frozen=True)
class Part:
    """One piece of a letter: text, quote, code, heading, line, link or button."""

    kind: str
    text: str
    url: str = ""

    def __str__(self) -> str:
        """As plain text. An address stands on a line of its own, where mail programs find it whole."""
        if self.kind == "quote":
            return "\n".join(f"> {line}".rstrip() for line in self.text.splitlines())
        if self.kind == "heading":
            return f"{self.text}\n{'-' * min(len(self.text), 70)}"
        if self.kind == "line":
            return f"- {self.text}\n  {self.url}"
        return f"{self.text}:\n{self.url}" if self.url else self.text


@dataclass(frozen=True)
class Letter:
    """A mail as it is kept: the same words as plain text and as HTML."""

    subject: str
    text: str
    html: str


@dataclass
class Draft:
    """What the tags of a template leave behind while it is rendered."""

    sign: str = field(default_factory=secrets.token_hex)  # nobody's words can pass for one of our marks
    kept: dict[str, Part] = field(default_factory=dict)

    def keep(self, kind: str, text: str, url: str) -> str:
        """Take a part; gives the mark that holds its place."""
        mark = f"{self.sign}{len(self.kept)}"
        self.kept[mark] = Part(kind, text, url)
        return f"\n\n{mark}\n\n"

    def parts_of(self, text: str) -> list[Part]:
        """The parts of a rendered text, in order."""
        found = (piece.strip() for piece in BLANK.split(text))
        return [self.kept.get(piece, Part("text", piece)) for piece in found if piece]


def compose(
    *,
    kind: str,
    user: "User | None",
    address: str,
    language: str,
    zone: str,
    context: Mapping[str, Any],
    stop_scope: str = "",
) -> Letter:
    """Write a mail in this language and on this clock.

    Templates have, beside the context, `site` (the address links begin with), `reader` and `address`. A mail
    with a `stop_scope` says at its end how to have no more of them.
    """
    everything = {"site": settings.SITE_URL, "reader": user, "address": address, **context}
    if stop_scope and user is not None:
        everything["stop_link"] = pace.stop_link(user.pk, stop_scope)
    with translation.override(language), timezone.override(ZoneInfo(zone)):
        subject, parts = _written(f"mail/{kind}.txt", everything)
        foot = _written("mail/_foot.txt", everything, subject=False)[1]
        page = {"subject": subject, "parts": parts, "foot": foot, "language": language}
        html = _inliner().inline(get_template("mail/letter.html").render(page))
    return Letter(subject, f"{_plain(parts)}\n\n-- \n{_plain(foot)}\n", html)


def _written(name: str, context: Mapping[str, Any], *, subject: bool = True) -> tuple[str, list[Part]]:
    draft = Draft()
    # These are letters, not pages: an apostrophe stays an apostrophe until the HTML is made.
    everything = Context({**context, "letter": draft}, autoescape=False)
    text = get_template(name).template.render(everything).strip()  # type: ignore[attr-defined]
    first, rest = (*BLANK.split(text, maxsplit=1), "")[:2] if subject else ("", text)
    return " ".join(first.split())[:300], draft.parts_of(rest)


def _plain(parts: Iterable[Part]) -> str:
    return "\n\n".join(str(part) for part in parts)


@functools.cache
def _inliner() -> css_inline.CSSInliner:
    """Puts the style into each element, where mail programs keep it; the dark colours stay a rule.

    It fetches nothing from anywhere.
    """
    style = get_template("mail/letter.css").template.source  # type: ignore[attr-defined]
    return css_inline.CSSInliner(extra_css=style, keep_at_rules=True, load_remote_stylesheets=False)
