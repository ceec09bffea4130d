"""Parses a file or a pasted list to rows, each good or refused with a reason. Raises only `UnreadableError`.

A broken row does not affect the rows after it: an unclosed quotation mark makes its own line refused, not
the rest of the file.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from typing import Any

from common.addresses import normalize_address, readable_address
from common.text import clean_line, has_letter
from followup.lists import columns
from followup.lists.columns import COMPLETED_ON, EMAIL, LANGUAGE, OCCUPATION
from followup.lists.days import Order, day_in, is_ambiguous, order_in
from followup.lists.encodings import UnreadableError, decode
from followup.lists.headings import column_of
from followup.lists.matching import SAMPLE_ROWS, Columns, Days, match_columns
from followup.lists.naming import clean_name, is_left, join_name, turn_name
from followup.lists.pasted import people_in
from followup.lists.reasons import Reason
from followup.lists.tables import (
    HEADER_WITHIN_LINES,
    MAX_COLUMNS,
    MAX_ROWS,
    Line,
    text_rows,
    text_table,
    trimmed_header,
)
from followup.lists.workbooks import is_workbook, workbook_lines

MAX_BYTES = 4 * 1024 * 1024
MAX_NAME_LENGTH = 120
MAX_CELL_CHARS = 1_000
"""Characters of a cell that are read."""


@dataclass(frozen=True)
class Row:
    """One row of a list: a person, or the reason why the row is refused."""

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
    written: str = ""
    """The name as it stands in the list, if it was turned."""
    is_left: bool = False
    """Whether the name has its surname first, for all we know, and was not turned."""

    @property
    def is_good(self) -> bool:
        return not self.reason


@dataclass
class Listing:
    """A whole list: its column names as written, what they were taken as, and its rows in their order.

    A list without headings has neither; the cells of its rows are an address and a name.
    """

    header: list[str]
    rows: list[Row] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    """What each column was taken as (`columns.EMAIL` and so on); empty for one that is not used."""
    is_month_first: bool = False
    """Whether days like 03/04/2026 were read with the month first."""

    @property
    def good(self) -> list[Row]:
        return [row for row in self.rows if row.is_good]

    @property
    def refused(self) -> list[Row]:
        return [row for row in self.rows if not row.is_good]

    @property
    def turned(self) -> list[tuple[str, str]]:
        """The names that were turned, as they stand in the list and as they were taken."""
        return [(row.written, row.name) for row in self.good if row.written]

    @property
    def left(self) -> list[str]:
        """The names below a heading that says surname first that were not turned."""
        return [row.name for row in self.good if row.is_left]

    def to_json(self) -> dict[str, Any]:
        """What `from_json` makes the list of again. Good rows leave out their cells."""
        rows = []
        for row in self.rows:
            stored = {name: value for name, value in asdict(row).items() if value}
            if row.completed_on:
                stored["completed_on"] = row.completed_on.isoformat()
            if row.is_good:
                stored.pop("cells", None)
            rows.append(stored)
        return {
            "header": self.header,
            "roles": self.roles,
            "is_month_first": self.is_month_first,
            "rows": rows,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Listing":
        """The list that was stored."""
        rows = []
        for row in stored["rows"]:
            day = row.get("completed_on")
            rows.append(
                Row(**{"cells": [], **row, "completed_on": dt.date.fromisoformat(day) if day else None})
            )
        return cls(stored["header"], rows, stored["roles"], stored.get("is_month_first", False))


def parse(raw: bytes, *, days: Days | None = None, language: str = "en") -> Listing:
    """Parse the bytes of a file. `language` is the institute's; without `days`, dates are not checked.

    Raises UnreadableError if nothing of it can be read.
    """
    if len(raw) > MAX_BYTES:
        raise UnreadableError("too-large")
    if is_workbook(raw):
        return _parse_workbook(raw, days, language)
    return parse_text(decode(raw, language), days=days, language=language)


def parse_text(text: str, *, days: Days | None = None, language: str = "en") -> Listing:
    """Parse the text of a file. Raises UnreadableError if nothing of it can be read."""
    table = text_table(text, columns_in)
    reading = _Reading(table.header, table.sample(SAMPLE_ROWS), days, language)
    lines = text_rows(table, lambda cells: reading.row(Line(0, cells)).is_good)
    return reading.listing(lines)


def parse_pasted(text: str, *, days: Days | None = None, language: str = "en") -> Listing:
    """Parse what somebody pasted: rows copied from a spreadsheet with the names of their columns, or people,
    one a line, as they stand in a mail. Raises UnreadableError if nothing of it can be read."""
    if len(text) > MAX_BYTES:
        raise UnreadableError("too-large")
    if text.count("@") > 2 * MAX_ROWS:
        raise UnreadableError("too-many-rows")
    table = text_table(text, columns_in)
    if EMAIL in (named := columns_in(table.header)) and len(named) > 1:
        return parse_text(text, days=days, language=language)
    listing, seen = Listing([]), dict[str, Row]()
    for number, line in enumerate(table.lines, 1):
        for person in people_in(line, language):
            if len(listing.rows) == MAX_ROWS:
                raise UnreadableError("too-many-rows")
            reason, about = person.reason, person.about
            if not reason:
                reason, about = _problem_with_name(person.name) or ("", "")
            row = Row(number, [], person.address, person.name, reason=reason, about=about)
            row = _refuse_other_name(row, seen)
            if person.reason:
                row = replace(row, cells=list(person.typed))
            elif not row.is_good:
                row = replace(row, cells=[readable_address(row.address), row.name])
            listing.rows.append(row)
    return listing


def columns_in(header: Sequence[str]) -> set[str]:
    """The columns that these cells name."""
    return {column for heading in header[:MAX_COLUMNS] if (column := column_of(heading))}


def _parse_workbook(raw: bytes, days: Days | None, language: str) -> Listing:
    lines = workbook_lines(raw)
    top = lines[:HEADER_WITHIN_LINES]
    start = next((number for number, line in enumerate(top) if len(columns_in(line.cells)) > 1), 0)
    header, below = trimmed_header(lines[start].cells), lines[start + 1 :]
    sample = [line.cells for line in below[:SAMPLE_ROWS]]
    return _Reading(header, sample, days, language, from_workbook=True).listing(below)


class _Reading:
    """Reads the rows of one table."""

    def __init__(
        self,
        header: list[str],
        sample: Sequence[Sequence[str]],
        days: Days | None,
        language: str,
        from_workbook: bool = False,
    ) -> None:
        self.header, self.days, self.language, self.from_workbook = header, days, language, from_workbook
        self.columns: Columns = match_columns(
            header, sample, language=language, days=days, from_workbook=from_workbook
        )
        self.order = self.order_of(sample)

    def listing(self, lines: Iterable[Line]) -> Listing:
        """The list of these lines. Raises UnreadableError if they are too many."""
        lines = list(islice(lines, MAX_ROWS + 1))
        if len(lines) > MAX_ROWS:
            raise UnreadableError("too-many-rows")
        self.order = self.order_of([line.cells for line in lines])
        listing, seen = Listing(self.header, roles=self.columns.roles), dict[str, Row]()
        listing.is_month_first = self.order is Order.MONTH_FIRST
        for line in lines:
            row = Row(line.number, line.cells, reason=Reason.QUOTES) if line.is_broken else self.row(line)
            listing.rows.append(_refuse_other_name(row, seen))
        return listing

    def order_of(self, rows: Sequence[Sequence[str]]) -> Order:
        """What stands first in the days of these rows."""
        position = self.columns.positions.get(COMPLETED_ON)
        if position is None or self.days is None:
            return Order.DAY_FIRST
        return order_in(_cell(cells, position) for cells in rows)

    def row(self, line: Line) -> Row:
        """One row, good or refused."""

        def cell(column: str) -> str:
            return _cell(line.cells, self.columns.positions.get(column))

        written, address, problem = self.person(line.cells, cell(EMAIL))
        name = turn_name(written, self.columns.heading, self.language)
        day, day_problem = self.day(cell(COMPLETED_ON))
        spoken = cell(LANGUAGE)
        language = columns.language_of(spoken) if spoken else ""
        problem = problem or day_problem or ((Reason.NO_LANGUAGE, spoken[:40]) if language is None else None)
        if problem:
            reason, about = problem
            return Row(line.number, line.cells, address, name, reason=reason, about=about)
        occupation = cell(OCCUPATION)
        return Row(
            line.number,
            line.cells,
            address,
            name,
            completed_on=day,
            occupation=columns.occupation_of(occupation) if occupation else "",
            language=language or "",
            written=written if name != written else "",
            is_left=name == written and is_left(name, self.columns.heading, self.language),
        )

    def person(self, cells: Sequence[str], typed: str) -> tuple[str, str, tuple[str, str] | None]:
        """The name as it is written and the address in a row, and what is wrong with them."""
        parts = {position: clean_name(_cell(cells, position)) for position in self.columns.names}
        name = join_name(list(parts.values()))
        try:
            address = normalize_address(typed)
        except ValueError:
            address = ""
            if typed.count("@") in (1, 2) and len(found := list(people_in(typed, self.language))) == 1:
                # The cell has a name as well: Anna Nagy <anna@school.example>.
                address, name = found[0].address, name or found[0].name
        if not typed:
            return name, address, (Reason.NO_ADDRESS, "")
        if not address:
            return name, address, (Reason.NOT_AN_ADDRESS, typed[:100])
        if has_letter(name) and any(not has_letter(parts[position]) for position in self.columns.needed):
            return name, address, (Reason.HALF_NAME, name[:80])
        return name, address, _problem_with_name(name)

    def day(self, text: str) -> tuple[dt.date | None, tuple[str, str] | None]:
        """The day in a cell, and what is wrong with it."""
        if not text or self.days is None:
            return None, None
        day = day_in(text, zone=self.days.zone, from_workbook=self.from_workbook, order=self.order)
        if day is None:
            is_unclear = self.order is Order.MIXED and is_ambiguous(text)
            return None, (Reason.DAY_OR_MONTH if is_unclear else Reason.NO_DATE, text[:40])
        if day > self.days.today:
            return None, (Reason.FUTURE, day.isoformat())
        return day, (Reason.TOO_EARLY, day.isoformat()) if day < self.days.first else None


def _problem_with_name(name: str) -> tuple[str, str] | None:
    if not has_letter(name):
        return Reason.NO_NAME, ""
    return (Reason.LONG_NAME, "") if len(name) > MAX_NAME_LENGTH else None


def _refuse_other_name(row: Row, seen: dict[str, Row]) -> Row:
    """The row, refused if an earlier one has the same address with another name."""
    if not row.is_good:
        return row
    first = seen.setdefault(row.address, row)
    if columns.normalize(first.name) == columns.normalize(row.name):
        return row
    return Row(row.line, row.cells, row.address, row.name, reason=Reason.OTHER_NAME, about=str(first.line))


def _cell(cells: Sequence[str], position: int | None) -> str:
    """A cell in one line without what cannot be seen, and without the guard of a formula."""
    if position is None or position >= len(cells):
        return ""
    text = clean_line(cells[position][:MAX_CELL_CHARS])
    return text[1:].strip() if text[:1] == "'" and text[1:2] in tuple("=+-@") else text
