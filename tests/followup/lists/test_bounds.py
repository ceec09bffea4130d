"""Hostile lists cost little: they are refused before they are taken apart."""

import contextlib
import datetime as dt
import time
from collections.abc import Callable

import pytest

from followup.lists.encodings import UnreadableError
from followup.lists.matching import Days
from followup.lists.parser import MAX_BYTES, parse, parse_pasted
from followup.lists.tables import MAX_COLUMNS, MAX_LINE_CHARS, MAX_LINES, MAX_ROWS

DAYS = Days(dt.date(2026, 11, 2), dt.date(2026, 11, 21))
HEADER = b"email,name,completed_on,language\n"


SHARE = 16
"""The lists are a sixteenth of the largest that is taken apart, so that the tests are quick."""


def filled(piece: bytes, before: bytes = HEADER) -> bytes:
    """A file as large as one may be, of the same piece again and again."""
    return before + piece * ((MAX_BYTES - len(before)) // len(piece))


def rows(row: str) -> bytes:
    """A share of as many rows as a list may have. `%s` in the row stands for what is different in each."""
    size = len((row % (("00000",) * row.count("%s"))).encode()) + 1
    count = min(MAX_ROWS, (MAX_BYTES - len(HEADER)) // size) // SHARE
    lines = (row % ((f"{number:05}",) * row.count("%s")) for number in range(count))
    return HEADER + "\n".join(lines).encode()


HOSTILE = {
    "empty lines": filled(b"\n"),
    "carriage returns": filled(b"\r"),
    "commas": filled(b","),
    "commas of a header": filled(b",", b""),
    "headings": filled(b"email,", b"") + b"\n",
    "one long cell": filled(b"x"),
    "quotation marks": filled(b'"'),
    "a quotation mark in each line": rows('"' + "x" * 400),
    "a quotation mark in each long line": filled(b'"' + b"x" * 19_000 + b"\n"),
    "quoted line breaks": HEADER + (b'"' + b"\n" * 18 + b'"\n') * (500 // SHARE),
    "rows inside quotation marks": HEADER
    + (b'"\n' + b"a@x.test,,2026-11-20,en\n" * 18 + b'"\n') * (490 // SHARE),
    "rows without an address": rows("," + "Anna " * 80),
    "long addresses that are none": rows("x" * 390 + "@x.test,Anna"),
    "long words before the @": rows("x" * 200 + " <" + "x" * 200 + "@x.test>,Anna"),
    "international domains": rows("a@ő%s." + "őűáéśžščя"[:8] * 2 + ".őű" * 6 + ".hu,Anna"),
    "long international domains": rows("a@ő%s" + "ő" * 40 + "." + "ű" * 40 + ".hu,Anna"),
    "domains of many labels": rows("a%s@" + "ő" * 30 + ".ű" * 30 + ".hu,Anna"),
    "domains that are none": rows("a@" + "ő%s" * 10 + "." + "-" * 30 + ",Anna"),
    "many addresses in a cell": rows("a%s@x.test " * 30 + ",Anna"),
    "many addresses in one place": rows("<a@x.test>" * 40 + ",Anna"),
    "names of marks": rows("a%s@x.test," + "- " * 200),
    "names of numbers": rows("a%s@x.test," + "1. " * 130),
    "brackets": rows("a%s@x.test," + "(" * 400),
    "commas in a name": rows('a%s@x.test,"' + "Anna," * 79 + '"'),
    "commas and semicolons": rows("a%s@x.test" + ";An,Na" * 66),
    "accents": rows("a%s@x.test," + "a" + "\u0301" * 190),
    "dates that are none": rows("a%s@x.test,Anna," + "1." * 39),
    "long dates": rows("a%s@x.test,Anna,Saturday 21 November 2026 14:30 +01:00"),
    "wide rows": rows("a%s@x.test,Anna" + "," * 180),
    "a wide header": b"email,name" + b",x" * 190 + b"\n" + b"a@x.test,Anna" + b",a@x.test" * 190 + b"\n",
    "titles": filled(b"a b c;d,e\tf\n" * 9 + b"x\n", b""),
}


def seconds_of(work: Callable[[], object]) -> float:
    """The time of the processor that some work takes, whether the list is refused or not."""
    began = time.process_time()
    with contextlib.suppress(UnreadableError):
        work()
    return time.process_time() - began


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_list_takes_little_of_the_processor(raw):
    assert len(raw) <= MAX_BYTES
    # Each takes a third of this at most, and time on a busy machine is counted generously.
    assert seconds_of(lambda: parse(raw, days=DAYS)) < 1.2
    people = raw.removeprefix(HEADER).decode()
    assert seconds_of(lambda: parse_pasted(people)) < 1.2


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"x" * (MAX_BYTES + 1), "too-large"),
        (HEADER + b"\n" * (MAX_LINES + 1), "too-many-rows"),
        (HEADER + b"a@x.test,Anna\n" * (MAX_ROWS + 1), "too-many-rows"),
        (HEADER + b"," * (MAX_LINE_CHARS + 1), "too-wide"),
        (b"email,name" + b",x" * MAX_COLUMNS + b"\n", "too-many-columns"),
        (HEADER + b'"Anna\n' * 300, "quotes"),
    ],
)
def test_what_is_too_large_in_a_direction_is_refused(raw, code):
    with pytest.raises(UnreadableError) as problem:
        parse(raw, days=DAYS)
    assert problem.value.code == code


def test_empty_cells_at_the_end_of_a_header_are_no_columns():
    [row] = parse(b"email,name" + b"," * 300 + b"\na@x.test,Anna" + b"," * 300 + b"\n", days=DAYS).rows
    assert row.is_good
