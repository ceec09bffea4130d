"""Parses the bytes of a file to rows, each good or refused with a reason. Raises only `UnreadableError`.

A broken row does not affect the rows after it: an unclosed quotation mark makes its own line refused, not
the rest of the file.
"""

import csv
import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from followup.completions import columns
from followup.completions.encodings import UnreadableError, decode
from followup.completions.reasons import Reason

MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 5_000
MAX_NAME_LENGTH = 120
MAX_LINES_PER_ROW = 20
"""Lines that one row may span because of line breaks inside quotation marks."""
SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True)
class Row:
    """One row of a list: a person who completed the course, or the reason why the row is refused."""

    line: int
    cells: list[str]
    address: str = ""
    name: str = ""
    completed_on: dt.date | None = None
    occupation: str = ""
    language: str = ""
    reason: str = ""
    about: str = ""
    """What the reason refers to: the text that could not be read, or another line."""
    user_id: int | None = None
    """A known user, selected on a page instead of named in a file."""

    @property
    def is_good(self) -> bool:
        return not self.reason


@dataclass
class Listing:
    """A whole list: its column names as written in it, its rows in their order, and its decoded text."""

    header: list[str]
    rows: list[Row] = field(default_factory=list)
    text: str = ""

    @property
    def good(self) -> list[Row]:
        return [row for row in self.rows if row.is_good]

    @property
    def refused(self) -> list[Row]:
        return [row for row in self.rows if not row.is_good]


@dataclass(frozen=True)
class Days:
    """The days between which somebody can have completed the course."""

    first: dt.date
    today: dt.date


def parse(raw: bytes, *, days: Days, language: str = "en") -> Listing:
    """Parse the bytes of a file. Raises UnreadableError if nothing of it can be read."""
    if len(raw) > MAX_BYTES:
        raise UnreadableError("too-large")
    return parse_text(decode(raw, language), days=days)


def parse_text(text: str, *, days: Days) -> Listing:
    """Parse the text of a file. Raises UnreadableError if nothing of it can be read."""
    text = text.removeprefix("\ufeff")
    lines = [line for line in re.split(r"(?<=\n)|(?<=\r)(?!\n)", text) if line]
    start, separator, header = _header(lines)
    positions = {
        columns.column_of(heading): position for position, heading in reversed(list(enumerate(header)))
    }
    if missing := [column for column in columns.REQUIRED if column not in positions]:
        raise UnreadableError("no-columns", ", ".join(missing))
    listing, seen = Listing(header, text=text), dict[str, Row]()
    for row in _rows(lines, start, separator, positions, days):
        if len(listing.rows) == MAX_ROWS:
            raise UnreadableError("too-many-rows")
        listing.rows.append(_refuse_other_name(row, seen))
    return listing


def _header(lines: list[str]) -> tuple[int, str, list[str]]:
    """Where the rows begin, what separates their cells, and the names of the columns."""
    separators: tuple[str, ...] = SEPARATORS
    for number, line in enumerate(lines):
        if found := re.fullmatch(r"sep=(.)", line.strip()):
            separators = (found.group(1),)
            continue
        if not line.strip(" \t\r\n,;"):
            continue
        candidates = [(separator, _cells(line, separator)) for separator in separators]
        separator, header = max(candidates, key=lambda candidate: _known_columns(candidate[1]))
        return number + 1, separator, [heading.strip() for heading in header]
    raise UnreadableError("empty")


def _known_columns(header: list[str]) -> int:
    return sum(1 for heading in header if columns.column_of(heading))


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return line.strip("\r\n").split(separator)


class _Lines(Iterator[str]):
    """The lines of one row, as many as its quotation marks span, up to a limit."""

    def __init__(self, lines: list[str], start: int) -> None:
        self.lines, self.start, self.next = lines, start, start

    def __next__(self) -> str:
        if self.next >= len(self.lines) or self.next - self.start >= MAX_LINES_PER_ROW:
            raise StopIteration
        self.next += 1
        return self.lines[self.next - 1]


def _rows(
    lines: list[str], start: int, separator: str, positions: dict[str | None, int], days: Days
) -> Iterator[Row]:
    while start < len(lines):
        source = _Lines(lines, start)
        try:
            cells = next(csv.reader(source, delimiter=separator, strict=True), [])
        except csv.Error:
            # A quotation mark is not closed, or is where none is allowed: refuse this line alone.
            yield Row(start + 1, [lines[start].rstrip("\r\n")], reason=Reason.QUOTES)
            start += 1
            continue
        if any(cell.strip() for cell in cells):
            row = _row(start + 1, cells, positions, days)
            if not row.is_good and _contains_good_row(
                lines[start + 1 : source.next], separator, positions, days
            ):
                yield Row(start + 1, [lines[start].rstrip("\r\n")], reason=Reason.QUOTES)
                start += 1
                continue
            yield row
        start = source.next


def _contains_good_row(
    lines: list[str], separator: str, positions: dict[str | None, int], days: Days
) -> bool:
    """Whether one of these lines, read as the inside of quotation marks, is a good row by itself."""
    return any(_row(0, _cells(line, separator), positions, days).is_good for line in lines)


def _row(line: int, cells: list[str], positions: dict[str | None, int], days: Days) -> Row:
    def cell(column: str) -> str:
        position = positions.get(column)
        return _normalize(cells[position]) if position is not None and position < len(cells) else ""

    address, name = cell("email").removeprefix("mailto:").strip("<>").lower(), cell("name")
    reason, about = (
        _problem_with_person(address, name)
        or _problem_with_day(cell("completed_on"), days)
        or _problem_with_language(cell("language"))
        or ("", "")
    )
    if reason:
        return Row(line, cells, address=address, name=name, reason=reason, about=about)
    return Row(
        line,
        cells,
        address=address,
        name=name,
        completed_on=day_in(cell("completed_on")),
        occupation=columns.occupation_of(cell("occupation")) if cell("occupation") else "",
        language=columns.language_of(cell("language")) or "",
    )


def _problem_with_person(address: str, name: str) -> tuple[str, str] | None:
    if not address:
        return Reason.NO_ADDRESS, ""
    if not _is_address(address):
        return Reason.NOT_AN_ADDRESS, address[:100]
    if not name:
        return Reason.NO_NAME, ""
    return (Reason.LONG_NAME, "") if len(name) > MAX_NAME_LENGTH else None


def _problem_with_day(text: str, days: Days) -> tuple[str, str] | None:
    if not text:
        return None
    day = day_in(text)
    if day is None:
        return Reason.NO_DATE, text[:40]
    if day > days.today:
        return Reason.FUTURE, day.isoformat()
    return (Reason.TOO_EARLY, day.isoformat()) if day < days.first else None


def _problem_with_language(text: str) -> tuple[str, str] | None:
    return (Reason.NO_LANGUAGE, text[:40]) if text and columns.language_of(text) is None else None


def _refuse_other_name(row: Row, seen: dict[str, Row]) -> Row:
    """The row, refused if an earlier one has the same address with another name."""
    if not row.is_good:
        return row
    first = seen.setdefault(row.address, row)
    if columns.normalize(first.name) == columns.normalize(row.name):
        return row
    return Row(row.line, row.cells, row.address, row.name, reason=Reason.OTHER_NAME, about=str(first.line))


def day_in(text: str) -> dt.date | None:
    """A date as our countries write it: 2026-11-21, 2026.11.21., 21.11.2026, 21/11/2026; or None."""
    numbers = re.fullmatch(
        r"(\d{1,4})\s*[-./]\s*(\d{1,2})\s*[-./]\s*(\d{1,4})\.?(?:[ T]00:00(?::00)?)?", text
    )
    if not numbers:
        return None
    first, month, last = numbers.groups()
    if len(first) == 4 and len(last) <= 2:
        year, day = int(first), int(last)
    elif len(last) == 4 and len(first) <= 2:
        year, day = int(last), int(first)
    else:
        return None
    try:
        return dt.date(year, int(month), day)
    except ValueError:
        return None


def _normalize(cell: str) -> str:
    """Normalize a cell: composed characters, single spaces, no invisible characters, no formula guard."""
    text = unicodedata.normalize("NFC", cell)
    text = "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or unicodedata.category(char)[0] != "C"
    )
    text = " ".join(text.split())
    return text[1:].strip() if re.match(r"'[=+\-@]", text) else text


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= 254
