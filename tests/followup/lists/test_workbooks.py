"""Workbooks are read like CSV; what would run or unpack to much is not."""

import datetime as dt
import io
import zipfile

import pytest

from followup.lists.encodings import UnreadableError
from followup.lists.matching import Days
from followup.lists.parser import MAX_BYTES, parse
from followup.lists.reasons import UNREADABLE, file_of_refused
from tests.followup.lists.workbook_files import (
    DAY_STYLE,
    MOMENT_STYLE,
    archive,
    formula,
    number,
    text,
    workbook,
)

DAYS = Days(dt.date(2026, 11, 2), dt.date(2026, 11, 21), "Europe/Budapest")
HEADER = [text("Név"), text("E-mail cím"), text("Teljesítés napja")]


def why_refused(raw: bytes) -> str:
    with pytest.raises(UnreadableError) as problem:
        parse(raw, days=DAYS)
    assert problem.value.code in UNREADABLE
    return problem.value.code


def test_days_are_read_from_cells_of_days_of_moments_and_of_bare_numbers():
    rows = [
        [text("Nagy Anna"), text("a@x.test"), number(46346, DAY_STYLE)],
        [text("Kis Béla"), text("b@x.test"), number(46346.75, MOMENT_STYLE)],
        [text("Őri Cili"), text("c@x.test"), number(46346)],
        [text("Tóth Dóra"), text("d@x.test"), text("2026. november 20.")],
        [text("Vas Éva"), text("e@x.test")],
    ]
    listing = parse(workbook([HEADER, *rows]), days=DAYS)
    assert not listing.refused
    assert [row.name for row in listing.good] == ["Nagy Anna", "Kis Béla", "Őri Cili", "Tóth Dóra", "Vas Éva"]
    assert [row.completed_on for row in listing.good] == [dt.date(2026, 11, 20)] * 4 + [None]


def test_the_first_visible_sheet_with_anything_in_it_is_read_with_its_own_line_numbers():
    rows = [[], [text("A képzés résztvevői")], HEADER, [], [text("Nagy Anna"), text("nope"), number(5)]]
    other = [HEADER, [text("Kis Béla"), text("b@x.test")]]
    listing = parse(workbook(other, [], rows, other, hidden=(1,)), days=DAYS)
    assert [(row.line, row.reason, row.cells) for row in listing.rows] == [
        (5, "not-an-address", ["Nagy Anna", "nope", "5"])
    ]


def test_a_formula_is_text_and_never_runs():
    rows = [
        [formula('"Nagy "&"Anna"', "Nagy Anna"), text("a@x.test")],
        [text("=cmd|'/c calc'!A0"), text("nope")],
        [formula("HYPERLINK(1)", "=Kis Béla"), text("b@x.test")],
    ]
    listing = parse(workbook([HEADER, *rows]), days=DAYS)
    assert [row.name for row in listing.good] == ["Nagy Anna", "Kis Béla"]
    written = file_of_refused(listing.header, [("why", row.cells) for row in listing.refused])
    assert "'=cmd|'/c calc'!A0" in written


def test_a_sheet_of_open_document_is_read_too():
    def line(*cells: str) -> str:
        inside = "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in cells
        )
        return f"<table:table-row>{inside}</table:table-row>"

    office = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{office}:office:1.0" xmlns:table="{office}:table:1.0" '
        f'xmlns:text="{office}:text:1.0"><office:body><office:spreadsheet><table:table table:name="One">'
        f"{line('Név', 'E-mail')}{line('Nagy Anna', 'a@x.test')}</table:table>"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("META-INF/manifest.xml", f'<manifest xmlns="{office}:manifest:1.0"/>')
        packed.writestr("content.xml", content)
    assert [row.name for row in parse(output.getvalue(), days=DAYS).good] == ["Nagy Anna"]


def test_numbers_are_written_as_people_write_them():
    rows = [[text("Name"), text("Email")], [number(7), text("a@x.test")], [number(1.5), text("b@x.test")]]
    assert [row.cells[0] for row in parse(workbook(rows), days=DAYS).rows] == ["7", "1.5"]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"PK\x03\x04 no archive", "workbook"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 2000, "workbook"),
        (workbook([[]]), "empty"),
        (workbook([[text("Name")], [text("Anna")]]), "no-columns"),
        (b"PK\x03\x04" + b"x" * MAX_BYTES, "too-large"),
    ],
)
def test_a_workbook_that_cannot_be_read_has_its_reason(raw, code):
    assert why_refused(raw) == code


ONE = "<c><v>1</v></c>"
SHARED = '<c t="s"><v>0</v></c>'


@pytest.mark.parametrize(
    ("raw", "codes"),
    [
        (archive('<row r="50000"><c r="A50000"><v>1</v></c></row>'), {"too-many-rows"}),
        (archive('<row><c r="XFD1"><v>1</v></c></row>'), {"too-many-columns"}),
        # From the first cell to the last there are seventeen thousand million.
        (
            archive(f'<row r="1">{ONE}</row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
            {"workbook", "too-many-rows"},
        ),
        (archive(f"<row>{ONE * 150}</row>" * 3_000), {"no-columns"}),
        # A text of a megabyte in five thousand cells.
        (archive(f"<row>{SHARED}</row>" * 5_000, shared="x" * 1_000_000), {"workbook"}),
    ],
    ids=["rows", "columns", "sparse", "cells", "text"],
)
def test_a_workbook_that_unpacks_to_much_is_refused(raw, codes):
    assert len(raw) < MAX_BYTES
    assert why_refused(raw) in codes
