"""A text of the editor as HTML: as it is stored, and as a page shows it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from django.conf import settings

from common.documents import LINES, Block, Run
from common.links import find_links, link_at

Figure = Callable[[Block], str]
Part = tuple[tuple[str, ...], str, str]
"""Marks, address and HTML of a part of a line."""


class Picture(NamedTuple):
    """What a page shows of the file of a picture."""

    pk: int
    width: int
    height: int
    alt: str


def stored(document: Block) -> str:
    """The text as it is stored and edited: each tag as `common.documents` reads it, and nothing made."""
    return "".join(_html(block, _line, _stored_figure) for block in document.blocks)


def shown(document: Block, pictures: Mapping[str, Picture]) -> str:
    """The text as a page shows it: what looks like an address is a link, a link says where it leads, a wide
    table scrolls. `pictures` are those of its author by key; others are not shown."""

    def figure(block: Block) -> str:
        picture = pictures.get(block.attributes["data-file"])
        return _shown_figure(block, picture) if picture else _caption(block, "p", _shown_line)

    return "\n".join(_html(block, _shown_line, figure) for block in document.blocks)


def _html(block: Block, line: Callable[[Iterable[Run]], str], figure: Figure) -> str:
    if block.tag == "figure":
        return figure(block)
    if block.tag == "pre":
        return f"<pre><code>{escape(''.join(run.text for run in block.line), quote=False)}</code></pre>"
    if block.tag in LINES:
        return f"<{block.tag}>{line(block.line)}</{block.tag}>"
    inside = "".join(_html(each, line, figure) for each in block.blocks)
    if block.tag == "table":
        table = f"<table><tbody>{inside}</tbody></table>"
        # The box that scrolls on a narrow screen can be reached by keyboard.
        return f'<div class="prose__table" tabindex="0">{table}</div>' if line is _shown_line else table
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in block.attributes.items())
    return f"<{block.tag}{attributes}>{inside}</{block.tag}>"


def _line(runs: Iterable[Run]) -> str:
    return "".join(_nested([(run.marks, run.href, _escaped(run.text)) for run in runs], ""))


def _shown_line(runs: Iterable[Run]) -> str:
    parts = [
        part for href, linked in groupby(runs, attrgetter("href")) for part in _shown_parts(href, [*linked])
    ]
    return "".join(_nested(parts, ' rel="nofollow noopener"'))


def _escaped(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>")


def _shown_parts(href: str, runs: list[Run]) -> Iterator[Part]:
    """The parts of neighbouring runs with one address, or with none."""
    if href:
        yield from ((run.marks, href, _escaped(run.text)) for run in runs)
        yield (), "", _where_it_leads(href, "".join(run.text for run in runs))
        return
    for run in runs:
        done = 0
        for link in () if "code" in run.marks else find_links(run.text):
            yield run.marks, "", _escaped(run.text[done : link.start])
            yield ("a", *run.marks), link.href, _escaped(run.text[link.start : link.end])
            yield run.marks, "", _note(link.host) if link.imitates else ""
            done = link.end
        yield run.marks, "", _escaped(run.text[done:])


def _where_it_leads(href: str, said: str) -> str:
    """The host behind words that are no address themselves; nothing for a page of this site."""
    target, shown = link_at(href, 0), next(find_links(said), None)
    if target is None or href.startswith(f"{settings.SITE_URL}/"):
        return ""
    if shown is not None and shown.host == target.host and not target.imitates:
        return ""
    return _note(target.host)


def _note(host: str) -> str:
    return f" <small>({escape(host)})</small>"


def _nested(parts: Iterable[Part], rel: str) -> Iterator[str]:
    """The parts with their marks as tags, a tag that goes on in the next part left open."""
    opened: list[tuple[str, str]] = []
    for marks, href, text in parts:
        if not text:
            continue
        wanted = [(mark, href if mark == "a" else "") for mark in marks]
        same = 0
        while same < min(len(opened), len(wanted)) and opened[same] == wanted[same]:
            same += 1
        yield from (f"</{mark}>" for mark, _href in reversed(opened[same:]))
        for mark, address in wanted[same:]:
            yield f'<a href="{escape(address)}"{rel}>' if mark == "a" else f"<{mark}>"
        opened = wanted
        yield text
    yield from (f"</{mark}>" for mark, _href in reversed(opened))


def _stored_figure(block: Block) -> str:
    picture = "".join(f' {name}="{escape(value)}"' for name, value in block.attributes.items())
    return f"<figure><img{picture}>{_caption(block, 'figcaption', _line)}</figure>"


def _caption(block: Block, tag: str, line: Callable[[Iterable[Run]], str]) -> str:
    return f"<{tag}>{line(block.line)}</{tag}>" if block.line else ""


def _shown_figure(block: Block, picture: Picture) -> str:
    address = f"/pictures/{picture.pk}/"
    sizes = ", ".join(
        f"{address}{name}.webp {width}w" for name, width in WIDTHS if width <= picture.width * 2
    )
    alt = block.attributes.get("alt") or picture.alt
    image = (
        f'<img src="{address}medium.webp" srcset="{sizes}" sizes="(max-width: 45rem) 92vw, 40rem" '
        f'width="{picture.width}" height="{picture.height}" alt="{escape(alt)}" loading="lazy" '
        'decoding="async">'
    )
    return f"<figure>{image}{_caption(block, 'figcaption', _shown_line)}</figure>"


WIDTHS = (("small", 480), ("medium", 1080), ("large", 2048))
"""The sizes in which a picture is stored, with their widest sides in pixels."""
