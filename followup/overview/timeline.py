"""The timeline of a month: its progress, and how much was written in it.

A `Timeline` is created from plain values and returns drawings in integer coordinates, which the templates
`overview/_timeline.html` and `overview/_timeline_mini.html` render as SVG. A cell is a day, or a week in a
long follow-up.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.timezone import get_current_timezone_name  # noqa: TID251 the active zone, not the time
from django.utils.translation import gettext, ngettext

from common import clock
from common.dates import day_in_words, weekday_in_words
from common.pieces import piece
from followup.courses.models import Step
from followup.overview.drawing import Bar, Drawing, Mark, shorten, text_width

MAX_DAYS_AS_CELLS = 45
"""Longer follow-ups have a cell per week."""
CELLS_PER_NARROW_ROW = 14
WEEKS_PER_NARROW_ROW = 5
"""Few, so that each has room for a label; more in a follow-up so long that it would fill the page."""
MAX_NARROW_ROWS_OF_WEEKS = 4
LABEL_HEIGHT_PX = 15
LABEL_GAP_PX = 8
"""Between two labels."""
MAX_DOTS = 3
"""At most this many posts of a cell are drawn."""


@dataclass(frozen=True)
class Prompt:
    """A prompt and its first day; `short` is its label where there is little space."""

    on: dt.date
    title: str
    short: str


@dataclass(frozen=True)
class Cell:
    """A day or a week of the timeline."""

    first: dt.date
    last: dt.date
    kind: str
    posts: int
    weekend: bool
    number: str = ""
    hour: bool = False

    @property
    def is_now(self) -> bool:
        return bool(self.number)


@dataclass(frozen=True)
class Timeline:
    """A month as plain values, and its drawings, each computed on first use."""

    first: dt.date
    last: dt.date
    today: dt.date
    prompts: Sequence[Prompt] = ()
    posts: Mapping[dt.date, int] = field(default_factory=dict)
    closed: bool = False
    hours: Collection[dt.date] = ()
    """Days of live hours, past and future."""

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def is_weekly(self) -> bool:
        """Whether a cell is a week."""
        return self.days > MAX_DAYS_AS_CELLS

    @cached_property
    def cells(self) -> list[Cell]:
        """The days, or the weeks of a long follow-up."""
        return [self._cell(index, *span) for index, span in enumerate(self._spans(), 1)]

    @cached_property
    def wide(self) -> Drawing:
        """The whole month in one row, with labels above and a dot below for each post."""
        pitch = min(760 // len(self.cells), 110)
        drawing = Drawing(width=pitch * len(self.cells))
        lift = self._row(drawing, self.cells, top=0, pitch=pitch, dots_inside=False)
        bottom = 84 + lift
        drawing.texts += [
            Mark(0, bottom, day_in_words(self.first), "date"),
            Mark(drawing.width - 4, bottom, day_in_words(self.last), "date strip__date--end"),
        ]
        if self.is_weekly:
            drawing.texts.append(Mark(drawing.width // 2, bottom, _week_legend(), "date strip__date--middle"))
        drawing.height = bottom + 4
        return drawing

    @cached_property
    def narrow(self) -> Drawing:
        """One row per fortnight, or for a few weeks of a long follow-up, readable on a phone."""
        per_row = CELLS_PER_NARROW_ROW
        if self.is_weekly:
            per_row = max(WEEKS_PER_NARROW_ROW, -(-len(self.cells) // MAX_NARROW_ROWS_OF_WEEKS))
        pitch = 24 * CELLS_PER_NARROW_ROW // min(per_row, len(self.cells))
        drawing = Drawing(width=24 * CELLS_PER_NARROW_ROW)
        for start in range(0, len(self.cells), per_row):
            cells = self.cells[start : start + per_row]
            labelled = any(cell.first <= prompt.on <= cell.last for cell in cells for prompt in self.prompts)
            top = drawing.height - (0 if labelled else 20)
            drawing.height = top + 56 + self._row(drawing, cells, top=top, pitch=pitch, dots_inside=True)
        if self.is_weekly:
            drawing.height += 12
            drawing.texts.append(Mark(0, drawing.height - 4, _week_legend(), "date"))
        return drawing

    @cached_property
    def mini(self) -> Drawing:
        """A thin row of cells; those with posts are taller."""
        drawing = Drawing(width=4 * len(self.cells) - 1, height=10)
        for index, cell in enumerate(self.cells):
            height = 10 if cell.is_now else 6 if cell.posts or not _is_past(cell) else 2
            drawing.bars.append(Bar(4 * index, (10 - height) // 2, 3, height, cell.kind))
        return drawing

    @cached_property
    def mini_drawn(self) -> SafeString:
        """`mini` as SVG, kept: the rail of every page has up to nine of them."""
        written = [day for day, posts in self.posts.items() if posts]
        return row_of_days(self.first, self.last, self.today, closed=self.closed, written=written)

    @cached_property
    def position(self) -> str:
        """The position in the month in a few words: "Day 12 of 31"."""
        if self.closed:
            return gettext("Closed")
        if self.today < self.first:
            return gettext("Opens on %(day)s") % {"day": day_in_words(self.first)}
        number = min((self.today - self.first).days + 1, self.days)
        return gettext("Day %(number)d of %(count)d") % {"number": number, "count": self.days}

    @cached_property
    def sentence(self) -> str:
        """The drawing in words, for screen readers."""
        parts = [self.position]
        if not self.closed and self.today >= self.first:
            if prompt := self._current_prompt():
                parts.append(gettext("This week: %(prompt)s") % {"prompt": prompt.title})
            left = (self.last - self.today).days
            parts.append(
                ngettext("%(count)d day left", "%(count)d days left", left) % {"count": left}
                if left > 0
                else gettext("This is the last day")
            )
            if ahead := sorted({day for day in self.hours if day >= self.today}):
                days = ", ".join(weekday_in_words(day) for day in ahead)
                parts.append(gettext("Live hour: %(days)s") % {"days": days})
        written = sum(self.posts.values())
        parts.append(
            ngettext("%(count)d thing written", "%(count)d things written", written) % {"count": written}
            if written
            else gettext("Nothing written yet")
        )
        return ". ".join(parts) + "."

    def _spans(self) -> Iterator[tuple[dt.date, dt.date]]:
        length = 7 if self.is_weekly else 1
        for start in range(0, self.days, length):
            first = self.first + dt.timedelta(start)
            yield first, min(first + dt.timedelta(length - 1), self.last)

    def _cell(self, index: int, first: dt.date, last: dt.date) -> Cell:
        posts = sum(self.posts.get(first + dt.timedelta(n), 0) for n in range((last - first).days + 1))
        weekend = first == last and first.isoweekday() > 5
        in_last_week = first > self.last - dt.timedelta(7)
        hour = any(first <= day <= last for day in self.hours)
        number = ""
        if self.closed:
            kind = "closed"
        elif last < self.today:
            kind = "past"
        elif first <= self.today:
            kind = "last-today" if in_last_week else "today"
            number = str(index if self.is_weekly else self.today.day)
        else:
            kind = "last" if in_last_week else "ahead"
        return Cell(first, last, kind, posts, weekend, number, hour)

    def _current_prompt(self) -> Prompt | None:
        begun = [prompt for prompt in self.prompts if prompt.on <= self.today]
        return begun[-1] if begun and not self.closed else None

    def _row(self, drawing: Drawing, cells: list[Cell], *, top: int, pitch: int, dots_inside: bool) -> int:
        """Draw a row of cells below its labels. Returns by how much a second line of labels lowers it."""
        width = pitch - (2 if pitch < 14 else 3)
        labels = self._label_lines(cells, pitch)
        lift = LABEL_HEIGHT_PX * (len(labels) - 1)
        for line, starts in enumerate(labels):
            drawing.texts += self._labels(starts, top + 13 + LABEL_HEIGHT_PX * line, pitch * len(cells))
        for index, cell in enumerate(cells):
            x, middle = pitch * index, top + 36 + lift
            height = 27 if cell.is_now else 8 if cell.weekend else 15
            wider = max(0, 20 - width) // 2 if cell.is_now else 0
            drawing.bars.append(Bar(x - wider, middle - height // 2, width + 2 * wider, height, cell.kind))
            centre = x + width // 2
            if cell.is_now:
                drawing.texts.append(
                    Mark(centre, middle + (1 if dots_inside and cell.posts else 4), cell.number, "number")
                )
            if cell.hour:
                drawing.rings.append(_ring(cell, centre, middle, width))
            drawing.dots += _dots(cell, centre, middle, dots_inside=dots_inside)
        return lift

    def _label_lines(self, cells: list[Cell], pitch: int) -> list[dict[int, Prompt]]:
        """The prompts of a row by the position of their cells: in one line if all short labels fit, else in
        two by turns, so that each has twice the room."""
        starts = {
            pitch * index: prompt
            for prompt in self.prompts
            for index, cell in enumerate(cells)
            if cell.first <= prompt.on <= cell.last
        }
        end, now = pitch * len(cells), self._current_prompt()
        fit = all(
            text_width(capfirst(prompt.short), bold=prompt is now) <= room
            for prompt, room in zip(starts.values(), _rooms(starts, end).values(), strict=True)
        )
        if fit or len(starts) < 2:
            return [starts]
        by_turns = list(starts.items())
        return [dict(by_turns[0::2]), dict(by_turns[1::2])]

    def _labels(self, starts: Mapping[int, Prompt], y: int, end: int) -> Iterator[Mark]:
        """The labels of a line of prompts. The current one is never shortened; labels that would
        overlap it are left out."""
        now = self._current_prompt()
        widths = _rooms(starts, end)
        titles_fit = all(
            text_width(prompt.title, bold=prompt is now) <= widths[x] for x, prompt in starts.items()
        )
        texts = {x: prompt.title if titles_fit else capfirst(prompt.short) for x, prompt in starts.items()}
        taken = range(end, end)
        for x, prompt in starts.items():
            if prompt is now:
                width = int(text_width(texts[x], bold=True)) + 1
                left = max(0, min(x, end - width))
                taken = range(left, left + width)
                text = shorten(texts[x], end - left, bold=True)
                yield Mark(left, y, text, "label strip__label--now")
        for x, prompt in starts.items():
            if prompt is not now and not taken.start <= x <= taken.stop + LABEL_GAP_PX:
                width = min(widths[x], taken.start - LABEL_GAP_PX - x) if x < taken.start else widths[x]
                if text := shorten(texts[x], width):
                    yield Mark(x, y, text, "label")


@piece
def strip(
    *,
    first: int,
    last: int,
    today: int,
    read_on: int,
    prompts: tuple[tuple[int, str, str], ...],
    days_with_posts: tuple[int, ...],
    posts: tuple[int, ...],
    closed: bool,
    hours: tuple[int, ...],
) -> SafeString:
    """The timeline in two sizes, kept. Dates are ordinals; a prompt is its date, its title and its step.

    `today` is the date of the space, `read_on` that of the reader, on which the words for days depend.
    """
    day = dt.date.fromordinal
    timeline = Timeline(
        first=day(first),
        last=day(last),
        today=day(today),
        prompts=[Prompt(day(on), title, str(Step(step).label)) for on, title, step in prompts],
        posts=dict(zip(map(day, days_with_posts), posts, strict=True)),
        closed=closed,
        hours={day(hour) for hour in hours},
    )
    noon = dt.datetime.combine(day(read_on), dt.time(12), ZoneInfo(get_current_timezone_name()))
    with clock.at(noon.astimezone(dt.UTC)):
        drawing = render_to_string("overview/_timeline.html", {"timeline": timeline})
    return SafeString(drawing)


def row_of_days(
    first: dt.date, last: dt.date, today: dt.date, *, closed: bool, written: Iterable[dt.date]
) -> SafeString:
    """`Timeline.mini` as SVG, kept; `written`: the days on which somebody wrote."""
    days, posted = (first, last, today), sorted(day.toordinal() for day in written)
    return _draw_mini(*(day.toordinal() for day in days), closed=closed, posted=tuple(posted))


@piece
def _draw_mini(first: int, last: int, today: int, *, closed: bool, posted: tuple[int, ...]) -> SafeString:
    timeline = Timeline(
        first=dt.date.fromordinal(first),
        last=dt.date.fromordinal(last),
        today=dt.date.fromordinal(today),
        posts={dt.date.fromordinal(day): 1 for day in posted},
        closed=closed,
    )
    return render_to_string("overview/_timeline_mini.html", {"timeline": timeline})


def _rooms(starts: Mapping[int, Prompt], end: int) -> dict[int, int]:
    """How much room each label has up to the next one in its line."""
    return {x: min((other for other in starts if other > x), default=end) - x - LABEL_GAP_PX for x in starts}


def _week_legend() -> str:
    return gettext("one box is one week")


def _dots(cell: Cell, centre: int, middle: int, *, dots_inside: bool) -> Iterator[Mark]:
    count = min(cell.posts, MAX_DOTS)
    for number in range(count):
        if dots_inside:
            y = middle + (9 if cell.is_now else 0)
            yield Mark(centre + 5 * number - 5 * (count - 1) // 2, y, kind="inside")
        else:
            yield Mark(centre, middle + 19 + 6 * number, kind="below")


def _ring(cell: Cell, centre: int, middle: int, width: int) -> Mark:
    """The mark of a day's live hour: in the middle, or at the corner of the cell with the number."""
    if cell.is_now:
        return Mark(centre + max(width, 20) // 2, middle - 13, kind="now")
    return Mark(centre, middle, kind="past" if _is_past(cell) else "ahead")


def _is_past(cell: Cell) -> bool:
    return cell.kind in {"past", "closed"}
