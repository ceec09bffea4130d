"""From the bytes of a file to lines of cells: CSV in the dialects of spreadsheets, or a workbook.

What is too large in any direction is refused before it is taken apart, since it would cost much time.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from followup.lists.columns import EMAIL
from followup.lists.encodings import UnreadableError

MAX_ROWS = 20_000
MAX_LINES = 2 * MAX_ROWS
"""Lines of a file, empty ones and those inside quotation marks included."""
MAX_LINE_CHARS = 20_000
MAX_COLUMNS = 200
MAX_LINES_PER_ROW = 20
"""Lines that one row may span because of line breaks inside quotation marks."""
MAX_BROKEN_ROWS = 100
"""Rows with a quotation mark that is not closed. Each is read up to its limit of lines, which takes time."""
HEADER_WITHIN_LINES = 10
"""Titles may stand above the names of the columns."""
SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True)
class Line:
    """A row of a table, with the number of its line in the file."""

    number: int
    cells: list[str]
    is_broken: bool = False
    """A quotation mark in it is not closed, or is where none is allowed: `cells` has the whole line."""


@dataclass(frozen=True)
class Text:
    """A text cut into physical lines, whose columns are separated by one character, with the header among
    them."""

    lines: list[str]
    separator: str
    header: list[str]
    start: int

    def sample(self, count: int) -> list[list[str]]:
        """The cells of the first lines below the header, each taken by itself."""
        return [_cells(line, self.separator) for line in self.lines[self.start : self.start + count]]


def text_table(text: str, columns_in: Callable[[Sequence[str]], set[str]]) -> Text:
    """Find the header of a text and its separator.

    `columns_in` tells which columns some cells name. The header is the first line that names two, or else the
    first line that is not empty. Raises UnreadableError if the text is empty or too large.
    """
    text = text.removeprefix("\ufeff")
    if text.count("\n") + text.count("\r") - text.count("\r\n") > MAX_LINES:
        raise UnreadableError("too-many-rows")
    lines = list(io.StringIO(text, newline=""))
    if max(map(len, lines), default=0) > MAX_LINE_CHARS:
        raise UnreadableError("too-wide")
    separators: tuple[str, ...] = SEPARATORS
    headers: list[tuple[int, str, list[str]]] = []
    for number, line in enumerate(lines):
        if found := re.fullmatch(r"sep=(.)", line.strip()):
            separators = (found.group(1),)
            continue
        if not line.strip(" \t\r\n,;"):
            continue
        candidates = [(separator, _cells(line, separator)) for separator in separators]
        separator, cells = max(candidates, key=lambda candidate: _fit(columns_in(candidate[1]), candidate[1]))
        headers.append((number + 1, separator, cells))
        if len(columns_in(cells)) > 1 or len(headers) == HEADER_WITHIN_LINES:
            break
    if not headers:
        raise UnreadableError("empty")
    start, separator, header = headers[-1] if len(columns_in(headers[-1][2])) > 1 else headers[0]
    return Text(lines, separator, trimmed_header(header), start)


def _fit(columns: set[str], cells: list[str]) -> tuple[bool, int, float]:
    """How well a line fits as a header when it is cut like this: "surname, given name" is one column."""
    return EMAIL in columns, len(columns), len(columns) / max(len(cells), 1)


def trimmed_header(header: Sequence[str]) -> list[str]:
    """The names of the columns without empty ones at the end. Raises UnreadableError if they are too many."""
    names = [name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise UnreadableError("too-many-columns")
    return names


def text_rows(text: Text, is_good: Callable[[list[str]], bool]) -> Iterator[Line]:
    """The rows below the header of a text.

    A broken row does not affect the rows after it: if a row that spans several lines is not good and one of
    these lines is a good row by itself, the quotation mark was not meant. Raises UnreadableError if there are
    too many of these.
    """
    good_alone: dict[int, bool] = {}

    def is_good_alone(number: int) -> bool:
        if number not in good_alone:
            good_alone[number] = is_good(_cells(text.lines[number], text.separator))
        return good_alone[number]

    number, broken = text.start, 0
    while number < len(text.lines):
        row = _Row(text.lines, number)
        try:
            cells = next(csv.reader(row, delimiter=text.separator, strict=True), [])
        except csv.Error:
            cells = None
        if cells is not None and row.next - number > 1 and not is_good(cells):
            cells = None if any(map(is_good_alone, range(number + 1, row.next))) else cells
        if cells is None:
            broken += 1
            if broken > MAX_BROKEN_ROWS:
                raise UnreadableError("quotes")
            yield Line(number + 1, [text.lines[number].rstrip("\r\n")], is_broken=True)
            number += 1
            continue
        if any(cell.strip() for cell in cells):
            yield Line(number + 1, cells[:MAX_COLUMNS])
        number = row.next


class _Row(Iterator[str]):
    """The lines of one row, as many as its quotation marks span, up to a limit."""

    def __init__(self, lines: list[str], start: int) -> None:
        self.lines, self.start, self.next = lines, start, start

    def __next__(self) -> str:
        if self.next >= len(self.lines) or self.next - self.start >= MAX_LINES_PER_ROW:
            raise StopIteration
        self.next += 1
        return self.lines[self.next - 1]


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return line.strip("\r\n").split(separator)
