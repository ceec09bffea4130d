"""Compose a mail. One template per kind, mail/<kind>.txt, makes both the plain text and the HTML, so they
cannot differ.

Blank lines separate paragraphs, the first of which is the subject; other parts are tags of `mail_parts`:
`{% button link %}Come in{% endbutton %}`.
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

from common import dates
from messaging.notifications.mail_preferences import unsubscribe_link

if TYPE_CHECKING:
    from community.people.models import User

BLANK = re.compile(r"\n\s*\n")
FOOT_MARK = "\n-- \n"
"""Above the foot of a plain text: who sent the mail, why, and how to unsubscribe."""


@dataclass(frozen=True)
class Part:
    """One part of a mail: text, quote, code, heading, line, link or button."""

    kind: str
    text: str
    url: str = ""

    def __str__(self) -> str:
        """As plain text. A URL is on a line of its own, so that mail programs recognise all of it."""
        if self.kind == "quote":
            return "\n".join(f"> {line}".rstrip() for line in self.text.splitlines())
        if self.kind == "heading":
            return f"{self.text}\n{'-' * min(len(self.text), 70)}"
        if self.kind == "line":
            return f"- {self.text}\n  {self.url}"
        return f"{self.text}:\n{self.url}" if self.url else self.text


@dataclass(frozen=True)
class ComposedMail:
    """A composed mail: the same text as plain text and as HTML."""

    subject: str
    text: str
    html: str


@dataclass
class MailBuilder:
    """Collects the parts that the tags of a template produce while it is rendered."""

    prefix: str = field(default_factory=secrets.token_hex)  # random, so that no text can forge a placeholder
    parts: dict[str, Part] = field(default_factory=dict)

    def add(self, kind: str, text: str, url: str) -> str:
        """Store a part; returns its placeholder in the rendered text."""
        placeholder = f"{self.prefix}{len(self.parts)}"
        self.parts[placeholder] = Part(kind, text, url)
        return f"\n\n{placeholder}\n\n"

    def parts_of(self, text: str) -> list[Part]:
        """The parts of a rendered text, in order."""
        pieces = (piece.strip() for piece in BLANK.split(text))
        return [self.parts.get(piece, Part("text", piece)) for piece in pieces if piece]


def compose(
    *,
    kind: str,
    user: "User | None",
    address: str,
    language: str,
    zone: str,
    context: Mapping[str, Any],
    stop_scope: str = "",
) -> ComposedMail:
    """Compose a mail in this language and time zone, with dates in full: it is read on a later day.

    Templates have, beside the context, `site` (the base URL of links), `reader` and `address`. A mail with a
    `stop_scope` ends with a link to unsubscribe from it.
    """
    variables = {"site": settings.SITE_URL, "reader": user, "address": address, **context}
    if stop_scope and user is not None:
        variables["stop_link"] = unsubscribe_link(user.pk, stop_scope)
    with translation.override(language), timezone.override(ZoneInfo(zone)), dates.in_full():
        subject, parts = _render(f"mail/{kind}.txt", variables)
        foot = _render("mail/_foot.txt", variables, subject=False)[1]
        page = {"subject": subject, "parts": parts, "foot": foot, "language": language}
        html = _inliner().inline(get_template("mail/letter.html").render(page))
    return ComposedMail(subject, f"{_plain(parts)}\n{FOOT_MARK}{_plain(foot)}\n", html)


def _render(name: str, context: Mapping[str, Any], *, subject: bool = True) -> tuple[str, list[Part]]:
    builder = MailBuilder()
    # Plain text, so nothing is escaped here; the HTML template escapes each part.
    variables = Context({**context, "mail_builder": builder}, autoescape=False)
    text = get_template(name).template.render(variables).strip()  # type: ignore[attr-defined]
    first, rest = (*BLANK.split(text, maxsplit=1), "")[:2] if subject else ("", text)
    return " ".join(first.split())[:300], builder.parts_of(rest)


def _plain(parts: Iterable[Part]) -> str:
    return "\n\n".join(str(part) for part in parts)


@functools.cache
def _inliner() -> css_inline.CSSInliner:
    """Inlines the style sheet into each element, because mail programs drop style sheets; the rule with the
    dark colours is kept. Loads nothing from the network."""
    style = get_template("mail/letter.css").template.source  # type: ignore[attr-defined]
    return css_inline.CSSInliner(extra_css=style, keep_at_rules=True, load_remote_stylesheets=False)
