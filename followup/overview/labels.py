"""The texts of the timeline: the names of prompts and dates, placed so that none is cut, doubled or covered.

How wide a label is can only be estimated, and how wide the drawing is depends on the page: what is placed
here, in per cent of the width, fits the narrowest page on which it is shown.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.text import capfirst

from followup.overview.drawing import text_width

WIDE_PX = 600
"""The narrowest drawing with the names of all prompts (`strip.css`)."""
NARROW_PX = 250
"""The drawing on the smallest phone."""
LABEL_GAP_PX = 8
"""Between two labels."""
DATE_PX = 52
"""About what a short date takes."""


@dataclass(frozen=True)
class Prompt:
    """A prompt and its first day; `short` is its label where there is little space."""

    on: dt.date
    title: str
    short: str


class Part(NamedTuple):
    """A text, and whether it is of now."""

    text: str
    now: bool = False


class Texts(NamedTuple):
    """Texts side by side, at a percentage of the width that is the start, the middle or the end of them."""

    at: float
    anchor: str
    parts: tuple[Part, ...]
    shown: str = ""
    """ "wide" or "narrow" where only one of them has it."""

    @property
    def x(self) -> str:
        """The percentage, without needless digits."""
        return f"{self.at:.1f}".removesuffix(".0")


Starts = Sequence[tuple[float, Prompt]]
"""Prompts with their places in per cent."""
Name = Callable[[Prompt], str]


def label_lines(starts: Starts, now: Prompt | None) -> list[list[Texts]]:
    """The names of prompts in as few lines as they fit in, by turns where these are two: whole titles, or the
    steps where these differ; else their numbers, with the title of the current one."""
    names: list[Name] = [lambda prompt: prompt.title]
    if len({prompt.short for _at, prompt in starts}) == len(starts):
        names.append(lambda prompt: capfirst(prompt.short))
    for count in (1, 2):
        lines = [starts[line::count] for line in range(count)]
        for name in names:
            if all(_fits(line, name, now) for line in lines):
                return [[_label(at, name(prompt), prompt is now) for at, prompt in line] for line in lines]
    return [_numbers(starts, now)]


def narrow_label(starts: Starts, now: Prompt | None) -> Texts | None:
    """The name of the current prompt above its place, or as near to it as it fits."""
    for at, prompt in starts:
        if prompt is now:
            name = prompt.title
            if text_width(name, bold=True) > NARROW_PX:
                name = capfirst(prompt.short)
            if at * NARROW_PX / 100 + text_width(name, bold=True) <= NARROW_PX:
                return _label(at, name, True)
            return Texts(100, "end", (Part(name, True),))
    return None


def date_texts(first: str, today: str, last: str, place: float) -> list[Texts]:
    """The dates of the first day, of today at its place, and of the last day; "" for what is not shown. Where
    today's would cover another, it stands beside that."""
    found = [Texts(0, "start", (Part(first),)), Texts(100, "end", (Part(last),))]
    if not today:
        return found
    now, near = Part(today, True), 150 * DATE_PX + 100 * LABEL_GAP_PX
    beside_first = Texts(0, "start", (Part(first), now) if first else (now,))
    beside_last = Texts(100, "end", (now, Part(last)) if last else (now,))
    apart = Texts(place, "middle", (now,))
    if not first or place < near / WIDE_PX:
        return [beside_first, found[1]]
    if not last or place > 100 - near / WIDE_PX:
        return [found[0], beside_last]
    if place < near / NARROW_PX:
        return [
            found[0]._replace(shown="wide"),
            apart._replace(shown="wide"),
            beside_first._replace(shown="narrow"),
            found[1],
        ]
    if place > 100 - near / NARROW_PX:
        return [
            found[0],
            apart._replace(shown="wide"),
            found[1]._replace(shown="wide"),
            beside_last._replace(shown="narrow"),
        ]
    return [found[0], apart, found[1]]


def _fits(line: Starts, name: Name, now: Prompt | None) -> bool:
    ends = [at for at, _prompt in line[1:]] + [100 + 100 * LABEL_GAP_PX / WIDE_PX]
    return all(
        text_width(name(prompt), bold=prompt is now) + LABEL_GAP_PX <= (end - at) * WIDE_PX / 100
        for (at, prompt), end in zip(line, ends, strict=True)
    )


def _numbers(starts: Starts, now: Prompt | None) -> list[Texts]:
    """The numbers of prompts, except those that the title of the current one covers."""
    left = right = -1.0
    labels = []
    for number, (at, prompt) in enumerate(starts, 1):
        if prompt is now:
            title = f"{number}. {prompt.title}"
            width = text_width(title, bold=True)
            if width > WIDE_PX:
                title = f"{number}. {capfirst(prompt.short)}"
                width = text_width(title, bold=True)
            left = max(0, min(at, 100 - 100 * width / WIDE_PX))
            right = left + 100 * (width + LABEL_GAP_PX) / WIDE_PX
            labels.append(_label(left, title, True))
    number_width = 100 * (text_width("10") + LABEL_GAP_PX) / WIDE_PX
    free = left - number_width
    for number, (at, prompt) in enumerate(starts, 1):
        if prompt is not now and (right < 0 or at < free or at > right):
            labels.append(_label(at, str(number), False))
    return sorted(labels)


def _label(at: float, text: str, now: bool) -> Texts:
    return Texts(at, "start", (Part(text, now),))
