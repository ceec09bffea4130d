"""What the timeline is drawn of, in integer coordinates, and its parts as SVG."""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Bar:
    """A cell as it is drawn."""

    x: int
    y: int
    width: int
    height: int
    kind: str


@dataclass(frozen=True)
class Mark:
    """A dot, a number or a label at a position."""

    x: int
    y: int
    text: str = ""
    kind: str = ""


D = TypeVar("D", Bar, Mark)
Groups = list[tuple[str, SafeString]]
"""Kinds with what is drawn of them."""


@dataclass
class Drawing:
    """The timeline drawn in one size."""

    width: int
    height: int = 0
    bars: list[Bar] = field(default_factory=list)
    dots: list[Mark] = field(default_factory=list)
    rings: list[Mark] = field(default_factory=list)
    texts: list[Mark] = field(default_factory=list)

    @property
    def days(self) -> Groups:
        """The bars, those of a kind that follow each other together, as SVG.

        Made here and not in the template, which takes ten times as long for some hundred elements.
        """
        rect = '<rect x="%d" y="%d" width="%d" height="%d" rx="3" />'
        return _grouped(self.bars, lambda bar: rect % (bar.x, bar.y, bar.width, bar.height))

    @property
    def posts(self) -> Groups:
        """The dots in the same way: the outline of a path."""
        return _grouped(self.dots, lambda dot: f"M{dot.x} {dot.y}h0")

    @property
    def hours(self) -> Groups:
        """The rings in the same way."""
        return _grouped(self.rings, lambda ring: f'<circle cx="{ring.x}" cy="{ring.y}" r="5" />')

    @property
    def outlines(self) -> dict[str, str]:
        """The bars of each kind as one SVG path, a fifth of the size of their rectangles."""
        outlines: dict[str, str] = {}
        for bar in self.bars:
            outline = f"M{bar.x} {bar.y}h{bar.width}v{bar.height}h-{bar.width}z"
            outlines[bar.kind] = outlines.get(bar.kind, "") + outline
        return outlines


def shorten(text: str, width: int, *, bold: bool = False) -> str:
    """The text, shortened to fit into `width` pixels."""
    if text_width(text, bold=bold) <= width:
        return text
    while text and text_width(text + "…", bold=bold) > width:
        text = text[:-1].rstrip(" ,")
    return text + "…" if text else ""


def text_width(text: str, *, bold: bool = False) -> float:
    """The estimated width of a label in pixels; an upper estimate, because the reader's font is unknown."""
    return sum(_char_width(char) for char in text) * (14.3 if bold else 13)


def _char_width(char: str) -> float:
    if char in " .,:;!'|iíjlftrIįІ":
        return 0.4
    if char in "mwMWшщжмюфыШЩЖМЮФЫ%—…@":
        return 0.95
    return 0.74 if char.isupper() else 0.6


def _grouped(drawn: Iterable[D], svg: Callable[[D], str]) -> Groups:
    """What follows each other and is of one kind, as one text of SVG that is made of numbers alone."""
    groups = itertools.groupby(drawn, lambda each: each.kind)
    return [(kind, SafeString("".join(map(svg, group)))) for kind, group in groups]
