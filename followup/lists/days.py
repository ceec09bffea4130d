"""Reads a day from a cell, as spreadsheets, learning platforms and people write it in our five languages."""

import datetime as dt
import re
from collections.abc import Iterable
from enum import Enum
from functools import cache
from zoneinfo import ZoneInfo

from babel.dates import get_day_names, get_month_names

from followup.lists.columns import normalize

LANGUAGES = ("en", "hu", "pl", "lt", "ru")
MAX_LENGTH = 80
SERIALS = range(36_526, 73_051)
"""Numbers that mean days in a workbook: from 2000 to 2099, counted as spreadsheets count them."""
MAX_OFFSET_HOURS = 14
SHORT_MONTHS = {"feb": 2, "sep": 9, "sept": 9, "szep": 9}
ROMAN_MONTHS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_DAY_ZERO = dt.date(1899, 12, 30)

_hour = re.compile(
    r"(?<![\d.:])(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?!\.?\s?\d)(?::\d{2}(?:[.,]\d{1,9})?)?"
    r"\s*(?P<half>[ap]\.?m\b\.?)?\s*(?P<zone>z\b|(?:utc|gmt)?\s*[+-]\d{1,2}(?::?\d{2})?|utc|gmt|[a-z]{3,4}\b)?"
)
_numbers = re.compile(r"(?<!\d)(\d{1,4})\s?[-./]\s?(\d{1,2})\s?[-./]\s?(\d{1,4})(?!\d)")
_slashed = re.compile(r"(?<!\d)(\d{1,2})\s?([-/])\s?(\d{1,2})\s?\2\s?\d{4}(?!\d)")
_compact = re.compile(r"(?<!\d)(20\d{2})(\d{2})(\d{2})(?!\d)")
_number = re.compile(r"(\d+)(?:st|nd|rd|th|m|d|r|г|-?(?:an|en|a|e|i|oji|ojo|go|ое|го))?")
_FILLING = {
    *("r", "roku", "rok", "m", "d", "metu", "diena", "men", "г", "года", "год", "ev", "nap"),
    *("of", "the", "at", "on", "o", "godz", "w", "в", "ora", "h", "val", "kor", "en", "an", "jen"),
}
"""Words and letters that stand in dates and say nothing."""


class Order(Enum):
    """What stands first in days like 03/04/2026 or 03-04-2026. Before dots it is always the day."""

    DAY_FIRST = "day"
    MONTH_FIRST = "month"
    MIXED = "mixed"
    """Some cells of the column prove the one and some the other."""


def order_in(cells: Iterable[str]) -> Order:
    """The order in the days of a column: a number above 12 in one of them is no month."""
    pairs = [pair for cell in cells if (pair := _slashed_pair(cell))]
    day_first = any(first > 12 >= second for first, second in pairs)
    month_first = any(second > 12 >= first for first, second in pairs)
    if month_first:
        return Order.MIXED if day_first else Order.MONTH_FIRST
    return Order.DAY_FIRST


def is_ambiguous(text: str) -> bool:
    """Whether a cell is another day with the month first than with the day first."""
    pair = _slashed_pair(text)
    return pair is not None and max(pair) <= 12 and pair[0] != pair[1]


def _slashed_pair(text: str) -> tuple[int, int] | None:
    found = _slashed.search(text[:MAX_LENGTH])
    return (int(found.group(1)), int(found.group(3))) if found else None


def day_in(
    text: str, *, zone: str = "UTC", from_workbook: bool = False, order: Order = Order.DAY_FIRST
) -> dt.date | None:
    """The day that a cell means, or None; also for one that is ambiguous when the order is mixed.

    2026-11-21, 2026.11.21., 21.11.2026, 21/11/2026, 20261121, the same with the month's name in one of our
    languages, with a weekday, and with an hour. An hour with a zone is put on the clock of `zone`. A workbook
    may also have the bare number of a day.
    """
    if len(text) > MAX_LENGTH or (order is Order.MIXED and is_ambiguous(text)):
        return None
    cell = normalize(text)
    if re.match(r"\d{4}-\d{2}-\d{2}t\d", cell):
        cell = cell.replace("t", " ", 1)
    if from_workbook and (serial := re.fullmatch(r"(\d{5})(?:\.\d+)?", cell)):
        days = int(serial.group(1))
        return _DAY_ZERO + dt.timedelta(days) if days in SERIALS else None
    hour = _hour.search(cell)
    without_hour = cell[: hour.start()] + " " + cell[hour.end() :] if hour else cell
    pair = _slashed_pair(without_hour)
    month_first = pair is not None and (order is Order.MONTH_FIRST or (order is Order.MIXED and pair[1] > 12))
    day = _day(without_hour, month_first)
    return _on_the_clock_of(zone, day, hour) if day and hour else day


def _day(text: str, month_first: bool) -> dt.date | None:
    """The day in a text without its hour."""
    rest = text
    if found := _numbers.search(text) or _compact.search(text):
        first, month, last = found.groups()
        year, day = (first, last) if len(first) == 4 else (last, first)
        if month_first:
            day, month = month, day
        rest = text[: found.start()] + " " + text[found.end() :]
        if len(year) != 4 or len(day) > 2 or re.search(r"\d", rest):
            return None
        words = _words(rest)
    else:
        words = _words(text)
        months = [_months()[word] for word in words if word in _months()]
        numbers = [found.group(1) for word in words if (found := _number.fullmatch(word))]
        years = [number for number in numbers if len(number) == 4]
        days = [number for number in numbers if len(number) <= 2]
        if not (len(months) == len(years) == len(days) == 1 and len(numbers) == 2):
            return None
        year, month, day = years[0], str(months[0]), days[0]
        words = [word for word in words if word not in _months() and not _number.fullmatch(word)]
    if any(word not in _FILLING and word not in _weekdays() for word in words):
        return None
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


def _words(text: str) -> list[str]:
    return re.findall(
        r"[^\W_]+(?:-[^\W\d_]+)?", re.sub(r"(?<=[^\W\d_])-(?=\d)|(?<=\d)-(?=[^\W\d_]{3})", " ", text)
    )


def _on_the_clock_of(zone: str, day: dt.date, hour: re.Match[str]) -> dt.date | None:
    """The day in a zone, if the hour says its own. A hour that is none makes the whole no date."""
    hours, minutes = int(hour["hour"]), int(hour["minute"])
    if hour["half"]:
        hours = hours % 12 + (12 if hour["half"].startswith("p") else 0)
    if hours == 24 and minutes == 0:
        hours = 0
        day += dt.timedelta(1)
    if hours > 23 or minutes > 59:
        return None
    offset = _offset(hour["zone"] or "")
    if offset is None:
        return day
    try:
        moment = dt.datetime.combine(day, dt.time(hours, minutes), dt.timezone(offset))
        return moment.astimezone(ZoneInfo(zone)).date()
    except (OverflowError, ValueError):
        return day


def _offset(zone: str) -> dt.timedelta | None:
    """The distance from UTC that a zone names, or None."""
    found = re.fullmatch(r"(?:utc|gmt)?\s*([+-])(\d{1,2}):?(\d{2})?", zone)
    if found and int(found.group(2)) <= MAX_OFFSET_HOURS:
        distance = dt.timedelta(hours=int(found.group(2)), minutes=int(found.group(3) or 0))
        return -distance if found.group(1) == "-" else distance
    return dt.timedelta(0) if zone in ("z", "utc", "gmt") else None


@cache
def _months() -> dict[str, int]:
    """The names of the months, whole and short, as they stand in dates and by themselves."""
    named = {
        word: number
        for language in LANGUAGES
        for context in ("format", "stand-alone")
        for width in ("abbreviated", "wide")
        for number, name in get_month_names(width, context, language).items()
        if not (word := normalize(name)).isdigit()
    }
    return named | SHORT_MONTHS | {word: number for number, word in enumerate(ROMAN_MONTHS, 1)}


@cache
def _weekdays() -> set[str]:
    return {
        normalize(name)
        for language in LANGUAGES
        for context in ("format", "stand-alone")
        for width in ("abbreviated", "wide")
        for name in get_day_names(width, context, language).values()
    }
