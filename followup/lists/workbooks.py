"""Reads a workbook: .xlsx, and what else calamine knows (.ods, .xls).

A small workbook can unpack to gigabytes, so it is read in a process of its own with bounded memory and time.
A formula is never computed: its last result is a value like others.
"""

import json
import subprocess
import sys
from pathlib import Path

from followup.lists.encodings import UnreadableError
from followup.lists.tables import MAX_COLUMNS, MAX_LINES, Line

TIMEOUT_SECONDS = 20
SIGNATURES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How the files begin: a ZIP archive, and the container of older and of protected workbooks."""
_script = Path(__file__).with_name("workbook_reader.py")


def is_workbook(raw: bytes) -> bool:
    """Whether a file may be a workbook."""
    return raw.startswith(SIGNATURES)


def workbook_lines(raw: bytes) -> list[Line]:
    """The rows of the first sheet with anything in it, which are not empty. Raises UnreadableError."""
    try:
        reader = subprocess.run(
            [sys.executable, "-P", str(_script), str(MAX_LINES), str(MAX_COLUMNS)],
            input=raw,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnreadableError("workbook") from None
    if reader.returncode != 0:
        raise UnreadableError("workbook")
    answer = json.loads(reader.stdout)
    if reason := answer.get("reason"):
        raise UnreadableError(reason)
    return [Line(number, cells) for number, cells in answer["rows"]]
