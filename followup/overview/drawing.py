"""What the timeline is drawn of, and its parts as SVG.

Cells stand side by side in units that the page stretches to the width there is; heights are pixels. What is
stretched consists of paths alone, whose strokes keep their width (`vector-effect`), so a dot stays round.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Bar:
    """A cell as it is drawn."""

    x: int
    y: int
    width: int
    height: int
    kind: str


@dataclass(frozen=True)
class Point:
    """Where something is marked."""

    x: int
    y: int


@dataclass
class Drawing:
    """The timeline drawn in one size."""

    width: int
    height: int
    bars: list[Bar] = field(default_factory=list)
    dots: list[Point] = field(default_factory=list)
    rings: list[Point] = field(default_factory=list)
    starts: list[Point] = field(default_factory=list)
    """Where the prompts begin."""
    last_week: tuple[Point, int] | None = None
    """The line under the last week, and its length."""

    @property
    def outlines(self) -> dict[str, str]:
        """The bars of each kind as one SVG path, a fifth of the size of their rectangles."""
        outlines: dict[str, str] = {}
        for bar in self.bars:
            outline = f"M{bar.x} {bar.y}h{bar.width}v{bar.height}h-{bar.width}z"
            outlines[bar.kind] = outlines.get(bar.kind, "") + outline
        return outlines

    @property
    def posts(self) -> str:
        """The dots as one path: lines without length between round ends."""
        return _path(self.dots, "h0")

    @property
    def hours(self) -> str:
        """The centres of the rings in the same way; CSS draws them twice, wide and narrow."""
        return _path(self.rings, "h0")

    @property
    def prompts(self) -> str:
        """The strokes where prompts begin."""
        return _path(self.starts, "v5")

    @property
    def underline(self) -> str:
        """The line under the last week."""
        if self.last_week is None:
            return ""
        start, length = self.last_week
        return f"M{start.x} {start.y}h{length}"


def text_width(text: str, *, bold: bool = False) -> float:
    """The estimated width of a label in pixels; an upper estimate, because the reader's font is unknown."""
    return sum(_char_width(char) for char in text) * (14.3 if bold else 13)


def _char_width(char: str) -> float:
    if char in " .,:;!'|iíjlftrIįІ":
        return 0.4
    if char in "mwMWшщжмюфыШЩЖМЮФЫ%—…@":
        return 0.95
    return 0.74 if char.isupper() else 0.6


def _path(points: Iterable[Point], stroke: str) -> str:
    return "".join(f"M{point.x} {point.y}{stroke}" for point in points)
