"""Compose mails. One template per kind, mail/<kind>.txt, makes both the plain text and the HTML, so they
cannot differ.

Blank lines separate paragraphs, the first of which is the subject; other parts are tags of `mail_parts`:
`{% button link %}Come in{% endbutton %}`.

The mails of an occasion differ in a few words only. So a template is rendered once for all mails with the
same context and language, with a mark for what is personal, and filled in for each. The HTML around the words
is made once for each sequence of parts.
"""

import functools
import itertools
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import css_inline
from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone, translation  # noqa: TID251 the reader's zone, not the time

from common import dates, html
from messaging.notifications.mail_preferences import unsubscribe_link

if TYPE_CHECKING:
    from community.people.models import User

BLANK = re.compile(r"\n\s*\n")
FOOT_MARK = "\n-- \n"
"""Above the foot of a plain text: who sent the mail, why, and how to unsubscribe."""
SHAPES_KEPT = 500
"""Sequences of parts whose HTML is kept. Digests have many."""
ACCOUNT_KINDS = ("account-", "erasure-")
"""How the kinds of mail about somebody's account begin."""
PROSE_KINDS = ("text", "quote")
"""Parts in whose text line breaks and addresses become tags."""
_mark = re.compile(r"\[\[(.*?)\]\]")
_control = re.compile(r"[^\S \t\n]|[\0-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Part:
    """One part of a mail: text, quote, code, heading, fact, line, link or button."""

    kind: str
    text: str
    url: str = ""
    label: str = ""

    def __str__(self) -> str:
        """As plain text. A URL is on a line of its own, so that mail programs recognise all of it."""
        if self.kind == "quote":
            return "\n".join(f"> {line}".rstrip() for line in self.text.splitlines())
        if self.kind == "heading":
            return f"{self.text}\n{'-' * min(len(self.text), 70)}"
        if self.kind == "fact":
            return f"{self.label}: {self.text}"
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

    def add(self, kind: str, text: str, **more: str) -> str:
        """Store a part; returns its placeholder in the rendered text."""
        placeholder = f"{self.prefix}{len(self.parts)}"
        self.parts[placeholder] = Part(kind, text, **more)
        return f"\n\n{placeholder}\n\n"


class Composer:
    """Composes mails in any order. Those with the same context (the same object) share their drafts."""

    def __init__(self) -> None:
        self._drafts: dict[tuple[object, ...], tuple[_Draft, _Draft, object]] = {}

    def compose(
        self,
        *,
        kind: str,
        user: "User | None",
        address: str,
        language: str,
        zone: str,
        context: Mapping[str, Any],
        personal: Mapping[str, str] | None = None,
        stop_scope: str = "",
    ) -> ComposedMail:
        """Compose a mail in this language and time zone, with dates in full: it is read on a later day.

        Templates have, beside the context, `site` (the base URL of links), `has_reader` (whether the mail is
        to a user of ours), `is_about_account` and `address`. What differs in each mail of an occasion is
        `personal`: a template may only insert these texts as they are. A mail with a `stop_scope` ends with a
        link to unsubscribe from it.
        """
        texts = {**(personal or {}), "address": address}
        if stop_scope and user is not None:
            texts["stop_link"] = unsubscribe_link(user.pk, stop_scope)
        drafts = (kind, language, zone, id(context), tuple(texts), user is None)
        if drafts not in self._drafts:
            marks = {name: secrets.token_hex() for name in texts}
            variables = {
                "site": settings.SITE_URL,
                "has_reader": user is not None,
                "is_about_account": kind.startswith(ACCOUNT_KINDS),
                **context,
                **marks,
            }
            with translation.override(language), timezone.override(ZoneInfo(zone)), dates.in_full():
                self._drafts[drafts] = (
                    _Draft(f"mail/{kind}.txt", variables, marks),
                    _Draft("mail/_foot.txt", variables, marks),
                    context,  # kept, so that its id is not that of another
                )
        main, below, _context = self._drafts[drafts]
        first, rest = (*BLANK.split(main.text(texts), maxsplit=1), "")[:2]
        subject, parts = " ".join(first.split())[:300], main.parts_of(rest, texts)
        foot = below.parts_of(below.text(texts), texts)
        plain = f"{_plain(parts)}\n{FOOT_MARK}{_plain(foot)}\n"
        return ComposedMail(subject, plain, _html(language, subject, parts, foot))


def compose(**mail: Any) -> ComposedMail:
    """Compose one mail, see `Composer.compose`."""
    return Composer().compose(**mail)


class _Draft:
    """A rendered template, with marks for the personal texts."""

    def __init__(self, name: str, variables: Mapping[str, Any], marks: Mapping[str, str]) -> None:
        self._marks = marks
        self._builder = MailBuilder()
        # Plain text, so nothing is escaped here; the HTML template escapes each part.
        context = Context({**variables, "mail_builder": self._builder}, autoescape=False)
        self._rendered = get_template(name).template.render(context)  # type: ignore[attr-defined]

    def text(self, texts: Mapping[str, str]) -> str:
        """The text, in which placeholders stand for parts."""
        return self._filled(self._rendered, texts).strip()

    def parts_of(self, text: str, texts: Mapping[str, str]) -> list[Part]:
        """The parts of such a text, in order."""
        return [self._part(piece, texts) for each in BLANK.split(text) if (piece := each.strip())]

    def _part(self, piece: str, texts: Mapping[str, str]) -> Part:
        part = self._builder.parts.get(piece)
        if part is None:
            return Part("text", piece)
        text, url = self._filled(part.text, texts).strip(), self._filled(part.url, texts)
        return Part(part.kind, text, url, part.label)

    def _filled(self, text: str, texts: Mapping[str, str]) -> str:
        for name, mark in self._marks.items():
            text = text.replace(mark, texts[name])
        return text


def _plain(parts: Iterable[Part]) -> str:
    return "\n\n".join(
        ("\n" if are_facts else "\n\n").join(map(str, block)) for are_facts, block in _blocks(parts)
    )


def _blocks(parts: Iterable[Part]) -> Iterator[tuple[bool, list[Part]]]:
    """The parts in order, neighbouring facts together: they are the rows of one table."""
    for are_facts, block in itertools.groupby(parts, lambda part: part.kind == "fact"):
        yield are_facts, list(block)


def _html(language: str, subject: str, parts: Sequence[Part], foot: Sequence[Part]) -> str:
    """The letter, with the styles in each element."""
    texts = [subject, *(text for part in (*parts, *foot) for text in (part.text, part.url, part.label))]
    if any(map(_control.search, texts)):
        # What becomes of these is decided by who reads HTML.
        return _inlined(language, subject, parts, foot)
    between, marks = _shape(
        language, tuple(part.kind for part in parts), tuple(bool(part.url) for part in foot)
    )
    values = {"subject": _as_text(subject)}
    for number, part in enumerate(parts):
        is_prose = part.kind in PROSE_KINDS
        values[f"text {number}"] = _prose(part.kind, part.text) if is_prose else _as_text(part.text)
        values[f"url {number}"] = _as_attribute(part.url)
        values[f"label {number}"] = _as_text(part.label)
    for number, part in enumerate(foot):
        values[f"foot text {number}"] = _as_text(part.text) if part.url else _prose("foot", part.text)
        values[f"foot url {number}"] = _as_attribute(part.url)
    pieces = [between[0]]
    for mark, piece in zip(marks, between[1:], strict=True):
        pieces += [values[mark], piece]
    return "".join(pieces)


@functools.lru_cache(maxsize=SHAPES_KEPT)
def _shape(
    language: str, kinds: tuple[str, ...], foot_links: tuple[bool, ...]
) -> tuple[list[str], list[str]]:
    """The HTML of letters with these parts: what stands between the texts, and the name of each text."""
    parts = [
        Part(kind, f"[[text {number}]]", f"[[url {number}]]", f"[[label {number}]]")
        for number, kind in enumerate(kinds)
    ]
    foot = [
        Part("foot", f"[[foot text {number}]]", f"[[foot url {number}]]" if has_url else "")
        for number, has_url in enumerate(foot_links)
    ]
    split = _mark.split(_inlined(language, "[[subject]]", parts, foot))
    return split[::2], split[1::2]


def _prose(kind: str, text: str) -> str:
    written = html.with_links(text)
    if "<a" in written:
        return _prose_with_links(kind, text)
    return "<br>".join(map(_as_text, text.split("\n")))


@functools.lru_cache(maxsize=SHAPES_KEPT)
def _prose_with_links(kind: str, text: str) -> str:
    """The HTML of a text that has links, in a part of this kind: cut out of a letter with nothing else."""
    in_foot = kind == "foot"
    part = [Part(kind, text)]
    letter = _inlined("", "", [] if in_foot else part, part if in_foot else [])
    (*before, after), _marks = _shape("", () if in_foot else (kind,), (False,) if in_foot else ())
    return letter[len("".join(before)) : len(letter) - len(after)]


def _inlined(language: str, subject: str, parts: Sequence[Part], foot: Sequence[Part]) -> str:
    page = {"subject": subject, "blocks": list(_blocks(parts)), "foot": foot, "language": language}
    return _inliner().inline(get_template("mail/letter.html").render(page))


def _as_text(text: str) -> str:
    """A text as it stands in serialized HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\xa0", "&nbsp;")


def _as_attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("\xa0", "&nbsp;")


@functools.cache
def _inliner() -> css_inline.CSSInliner:
    """Inlines the style sheet into each element, because mail programs drop style sheets; the rule with the
    dark colours is kept. Loads nothing from the network."""
    style = get_template("mail/letter.css").template.source  # type: ignore[attr-defined]
    return css_inline.CSSInliner(extra_css=style, keep_at_rules=True, load_remote_stylesheets=False)
