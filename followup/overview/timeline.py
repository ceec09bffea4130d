"""The timeline of a month: its progress, and how much was written in it.

A `Timeline` is created from plain values and returns drawings in integer coordinates, which the templates
`overview/_timeline.html` and `overview/_timeline_mini.html` render as SVG. A cell is a day, or a week in a
long follow-up. One drawing serves all widths: it is stretched, and what only a wide one has room for is
hidden on a narrow one.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone_name  # noqa: TID251 the active zone, not the time
from django.utils.translation import gettext, ngettext

from common import clock
from common.dates import day_in_words, short_day_in_words, span_in_words, weekday_and_day, weekday_in_words
from common.pieces import piece
from followup.courses.models import Step
from followup.overview.drawing import Bar, Drawing, Point
from followup.overview.labels import Prompt, Texts, date_texts, label_lines, narrow_label

MAX_DAYS_AS_CELLS = 45
"""Longer follow-ups have a cell per week."""
MAX_WEEKS_WITH_DAYS = 12
"""In so many weeks at most a cell has room for its seven days."""
MAX_DOTS = 3
"""At most this many posts of a day, or days with posts of a narrow week, are drawn."""
HEIGHT_PX = 26
MIDDLE_PX = 14
UNITS_PER_DAY = 10
UNITS_PER_WEEK = 100


class Cell(NamedTuple):
    """A day or a week of the timeline."""

    first: dt.date
    last: dt.date
    kind: str
    posts: int
    days_with_posts: tuple[int, ...]
    """Which of its days have posts, counted from 0."""
    weekend: bool
    now: bool
    hour_days: tuple[int, ...]
    """Which of its days have a live hour, counted from 0."""

    @property
    def hour(self) -> bool:
        return bool(self.hour_days)

    @property
    def is_past(self) -> bool:
        return self.kind in {"past", "closed"}


class Link(NamedTuple):
    """A cell that can be read, as the timeline links to it; without a URL one that is still to come."""

    url: str
    title: str
    current: bool
    stop: bool
    """Whether the Tab key stops at it: at one of them; the arrow keys lead to the others."""


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
    month: int = 0
    """The id of the month whose days can be read by way of the timeline; 0 for a picture."""
    selected: dt.date | None = None
    """The day that the page shows."""

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
        return [self._cell(*span) for span in self._spans()]

    def cell_of(self, day: dt.date) -> Cell | None:
        """The cell of a day, if it has begun; None for days before the month, after it, and to come."""
        return next((cell for cell in self.readable if cell.first <= day <= cell.last), None)

    @cached_property
    def readable(self) -> list[Cell]:
        """The cells that have begun."""
        return [cell for cell in self.cells if cell.first <= self.today or self.closed]

    @cached_property
    def drawing(self) -> Drawing:
        """The whole month in one row: a dot for each post, a ring for each live hour."""
        unit = UNITS_PER_WEEK if self._shows_days_of_weeks else UNITS_PER_DAY
        margin = unit // 10 if not self._shows_days_of_weeks else 3
        drawing = Drawing(width=unit * len(self.cells), height=HEIGHT_PX)
        for index, cell in enumerate(self.cells):
            x = unit * index
            low = cell.weekend and not (cell.posts or cell.hour)
            height = 24 if cell.now else 6 if low else 14
            bar = Bar(x + margin, MIDDLE_PX - height // 2, unit - 2 * margin, height, cell.kind)
            drawing.bars.append(bar)
            drawing.dots += self._dots(cell, x, unit)
            if self._shows_days_of_weeks:
                places = [x + _place_in_week(day) for day in cell.hour_days]
            else:
                places = [x + unit // 2] if cell.hour else []
            drawing.rings += [Point(place, MIDDLE_PX - 8) for place in places]
            if any(cell.first <= prompt.on <= cell.last for prompt in self.prompts):
                drawing.starts.append(Point(x + margin, 0))
        first_of_last_week = len(self.cells) - (1 if self.is_weekly else min(7, len(self.cells)))
        if not self.closed:
            start = unit * first_of_last_week
            drawing.last_week = Point(start + margin, HEIGHT_PX - 1), drawing.width - start - 2 * margin
        return drawing

    @cached_property
    def label_lines(self) -> list[list[Texts]]:
        """The names of the prompts in one line, or in two by turns, where there is room for all."""
        return label_lines(self._starts, self.prompt_now)

    @cached_property
    def narrow_label(self) -> Texts | None:
        """The name of the current prompt, where there is no room for more."""
        return narrow_label(self._starts, self.prompt_now)

    @cached_property
    def dates(self) -> list[Texts]:
        """The first day, today and the last day."""
        today = self.today if not self.closed and self.first <= self.today <= self.last else None
        now = next((index for index, cell in enumerate(self.cells) if cell.now), 0)
        place = 100 * (now + 0.5) / len(self.cells)
        first, last = short_day_in_words(self.first), short_day_in_words(self.last)
        return date_texts(
            "" if today == self.first else first,
            short_day_in_words(today) if today else "",
            "" if today == self.last else last,
            place,
        )

    @cached_property
    def links(self) -> list[Link]:
        """What each cell links to: those that have begun can be read."""
        stop = self.selected or self.today
        links = [
            Link(
                self.url_of(cell),
                self.cell_in_words(cell),
                current=self.selected is not None and cell.first <= self.selected <= cell.last,
                stop=cell.first <= stop <= cell.last or (cell == self.readable[-1] and stop > cell.last),
            )
            for cell in self.readable
        ]
        return links + [Link("", "", current=False, stop=False)] * (len(self.cells) - len(links))

    def url_of(self, cell: Cell) -> str:
        """The page of a cell."""
        return reverse("month_day", args=[self.month, cell.first.isoformat()])

    def days_in_words(self, cell: Cell) -> str:
        """The days of a cell: "Monday, 9 November" or "9–15 November"."""
        return span_in_words(cell.first, cell.last) if self.is_weekly else weekday_and_day(cell.first)

    def cell_in_words(self, cell: Cell) -> str:
        """The days of a cell and what is marked in it: "Monday, 9 November: 2 things written, live hour"."""
        days, marked = self.days_in_words(cell), []
        if cell.posts:
            marked.append(written_in_words(cell.posts))
        if cell.hour:
            marked.append(gettext("live hour"))
        return f"{days}: {', '.join(marked)}" if marked else days

    @cached_property
    def mini(self) -> Drawing:
        """A thin row of cells; those with posts are taller."""
        drawing = Drawing(width=4 * len(self.cells) - 1, height=10)
        for index, cell in enumerate(self.cells):
            height = 10 if cell.now else 6 if cell.posts or not cell.is_past else 2
            drawing.bars.append(Bar(4 * index, (10 - height) // 2, 3, height, cell.kind))
        return drawing

    @cached_property
    def mini_drawn(self) -> SafeString:
        """`mini` as SVG, kept: the rail of every page has up to nine of them."""
        days = (self.first, self.last, self.today)
        posted = sorted(day.toordinal() for day, posts in self.posts.items() if posts)
        return _draw_mini(*(day.toordinal() for day in days), closed=self.closed, posted=tuple(posted))

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
    def mini_sentence(self) -> str:
        """The small drawing in words, for screen readers."""
        days = sum(1 for day, posts in self.posts.items() if posts and self.first <= day <= self.last)
        written = ngettext(
            "Something was written on %(count)d day", "Something was written on %(count)d days", days
        )
        return f"{self.position}. {written % {'count': days}}." if days else self.position

    @cached_property
    def sentence(self) -> str:
        """The drawing in words, for screen readers."""
        parts = [self.position]
        if not self.closed and self.today >= self.first:
            if prompt := self.prompt_now:
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
        parts.append(written_in_words(written) if written else gettext("Nothing written yet"))
        return ". ".join(parts) + "."

    @property
    def prompt_now(self) -> Prompt | None:
        """The current prompt."""
        begun = [prompt for prompt in self.prompts if prompt.on <= self.today]
        return begun[-1] if begun and not self.closed else None

    @property
    def _shows_days_of_weeks(self) -> bool:
        return self.is_weekly and len(self.cells) <= MAX_WEEKS_WITH_DAYS

    @property
    def _starts(self) -> list[tuple[float, Prompt]]:
        """The prompts with the places of their cells in per cent."""
        found = []
        for prompt in self.prompts:
            index = (prompt.on - self.first).days // (7 if self.is_weekly else 1)
            if 0 <= index < len(self.cells):
                found.append((100 * index / len(self.cells), prompt))
        return found

    def _spans(self) -> Iterator[tuple[dt.date, dt.date]]:
        length = 7 if self.is_weekly else 1
        for start in range(0, self.days, length):
            first = self.first + dt.timedelta(start)
            yield first, min(first + dt.timedelta(length - 1), self.last)

    def _cell(self, first: dt.date, last: dt.date) -> Cell:
        days = [self.posts.get(first + dt.timedelta(n), 0) for n in range((last - first).days + 1)]
        in_last_week = first > self.last - dt.timedelta(7)
        now = False
        if self.closed:
            kind = "closed"
        elif last < self.today:
            kind = "past"
        elif first <= self.today:
            kind, now = "last-today" if in_last_week else "today", True
        else:
            kind = "last" if in_last_week else "ahead"
        return Cell(
            first,
            last,
            kind,
            posts=sum(days),
            days_with_posts=tuple(number for number, count in enumerate(days) if count),
            weekend=first == last and first.isoweekday() > 5,
            now=now,
            hour_days=tuple(sorted((day - first).days for day in self.hours if first <= day <= last)),
        )

    def _dots(self, cell: Cell, x: int, unit: int) -> Iterator[Point]:
        """One for each post of a day, one above the other; one for each day with posts of a week."""
        if self._shows_days_of_weeks:
            for day in cell.days_with_posts:
                yield Point(x + _place_in_week(day), MIDDLE_PX + (3 if day in cell.hour_days else 0))
            return
        count = min(len(cell.days_with_posts) if self.is_weekly else cell.posts, MAX_DOTS)
        # Below the ring, which stands at the upper end of the bar.
        middle = MIDDLE_PX + (4 if cell.hour else 0)
        for number in range(min(count, 2) if cell.hour else count):
            yield Point(x + unit // 2, middle + 5 * number - 5 * (count - 1) // 2)


def _place_in_week(day: int) -> int:
    return 14 + 12 * day


def written_in_words(count: int) -> str:
    """How much was written: "2 things written"."""
    return ngettext("%(count)d thing written", "%(count)d things written", count) % {"count": count}


@piece
def strip(
    *,
    month: int,
    first: int,
    last: int,
    today: int,
    read_on: int,
    prompts: tuple[tuple[int, str, str], ...],
    days_with_posts: tuple[int, ...],
    posts: tuple[int, ...],
    closed: bool,
    hours: tuple[int, ...],
    selected: int,
    explained: bool,
) -> SafeString:
    """The timeline, kept. Dates are ordinals, 0 for none; a prompt is its date, its title and its step.

    `today` is the date of the space, `read_on` that of the reader, on which the words for days depend.
    `explained` adds a button that says what is what.
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
        month=month,
        selected=day(selected) if selected else None,
    )
    noon = dt.datetime.combine(day(read_on), dt.time(12), ZoneInfo(get_current_timezone_name()))
    with clock.at(noon.astimezone(dt.UTC)):
        drawing = render_to_string("overview/_timeline.html", {"timeline": timeline, "explained": explained})
    return SafeString(drawing)


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
