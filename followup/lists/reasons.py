"""Why a row was refused or a file could not be read, in words; and the file of refused rows to correct."""

import csv
import io
from collections.abc import Iterable, Sequence

from django.db.models import TextChoices
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from followup.lists import columns
from followup.lists.headings import column_of


class Reason(TextChoices):
    """Why a row is refused. `%(about)s` is what the reason refers to."""

    NO_ADDRESS = "no-address", _("The email address is missing.")
    NOT_AN_ADDRESS = "not-an-address", _("“%(about)s” isn’t an email address.")
    TWO_ADDRESSES = "two-addresses", _("There is more than one email address in it.")
    NO_NAME = "no-name", _("The name is missing.")
    HALF_NAME = "half-name", _("Only part of the name is there: %(about)s.")
    UNCLEAR_NAME = "unclear-name", _("It isn’t clear which of these is the name: %(about)s.")
    LONG_NAME = "long-name", _("The name is longer than 120 characters.")
    NO_DATE = "no-date", _("“%(about)s” can’t be read as a date. Write it like 2026-11-21.")
    DAY_OR_MONTH = (
        "day-or-month",
        _("In “%(about)s” the month may come first or second. Write it like 2026-11-21."),
    )
    FUTURE = "future", _("The date %(about)s is in the future.")
    TOO_EARLY = "too-early", _("On %(about)s the course group hadn’t started yet.")
    NO_LANGUAGE = "no-language", _("“%(about)s” isn’t one of our languages: en, hu, pl, lt, ru.")
    OTHER_NAME = "other-name", _("Line %(about)s has the same address with another name.")
    QUOTES = "quotes", _("A quotation mark in this line isn’t closed.")


UNREADABLE = {
    "empty": _("This file is empty."),
    "too-large": _("This file is larger than 4 MB. Please split it."),
    "too-many-rows": _("This file has more than 20,000 rows. Please split it."),
    "no-columns": _(
        "The first line must name the columns, among them “email” and “name”. Missing: %(about)s."
    ),
    "too-wide": _("A line of this file is longer than 20,000 characters. Is it really a list?"),
    "too-many-columns": _("This file has more than 200 columns. Please keep only those you need."),
    "quotes": _("Very many quotation marks in this file aren’t closed. Please save it as CSV again."),
    "half-names": _(
        "“%(about)s” holds only part of the name. Add a column with the other part, or one with full names."
    ),
    "workbook": _("This workbook can’t be read. Save it again as .xlsx, or as CSV."),
    "protected": _("This workbook is password-protected. Please save it without a password."),
    "not-text": _("This isn’t a text file. In your spreadsheet choose “Save as” and CSV."),
    "letters": _(
        "We can’t tell how this file is encoded. In your spreadsheet choose “Save as” and “CSV UTF-8”."
    ),
}


ROLES = {
    columns.EMAIL: _("email address"),
    columns.NAME: _("name"),
    columns.SURNAME: _("surname"),
    columns.GIVEN: _("given name"),
    columns.MIDDLE: _("middle name or patronymic"),
    columns.COMPLETED_ON: _("day of completion"),
    columns.OCCUPATION: _("what the person does"),
    columns.LANGUAGE: _("language"),
    columns.IGNORED: _("not used"),
    "": _("not used"),
}
"""What a column can be taken as."""


def reason_in_words(reason: str, about: str = "") -> str:
    """A reason as a sentence in the reader's language."""
    return str(Reason(reason).label) % {"about": about}


def why_unreadable(code: str, about: str = "") -> str:
    """Why nothing of a file can be read, as a sentence in the reader's language."""
    return str(UNREADABLE[code]) % {"about": about}


def escape_formula(cell: str) -> str:
    """The cell, quoted if a spreadsheet would run it as a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def shown_cells(header: Sequence[str], cells: Sequence[str]) -> list[tuple[str, str]]:
    """The filled cells of a refused row, each with its heading, without the column of reasons that our own
    file of refused rows adds."""
    headings = [*header, *[""] * (len(cells) - len(header))]
    return [
        (heading, cell)
        for heading, cell in zip(headings, cells, strict=False)
        if cell.strip() and column_of(heading) != columns.IGNORED
    ]


def file_of_refused(header: Sequence[str], refused: Iterable[tuple[str, Sequence[str]]]) -> str:
    """The refused rows as CSV, to be corrected and uploaded again: the same columns, and the reason.

    `refused` has the reason in words and the cells of each row. The file begins with a byte order mark, so
    that spreadsheets read it as UTF-8. Spreadsheets in English separate cells by commas; in our other
    languages the comma is the decimal separator, and they use semicolons. The rows of a list without headings
    have an address and a name, below headings of ours.
    """
    header = header or [columns.EMAIL, columns.NAME]
    shown = [index for index, heading in enumerate(header) if column_of(heading) != columns.IGNORED]
    output = io.StringIO()
    separator = "," if (get_language() or "en").startswith("en") else ";"
    writer = csv.writer(output, delimiter=separator, lineterminator="\r\n")
    writer.writerow([*(escape_formula(header[index]) for index in shown), gettext("reason")])
    for reason, cells in refused:
        row = [cells[index] if index < len(cells) else "" for index in shown]
        writer.writerow([*(escape_formula(cell) for cell in row), reason])
    return "\ufeff" + output.getvalue()
