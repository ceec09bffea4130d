"""Reads a workbook from standard input and writes the rows of its first sheet with anything in it as JSON.

Run by `workbooks.py` as a process of its own. It bounds its own memory and time before it reads anything.
"""

import datetime as dt
import io
import json
import resource
import sys
from typing import Any

MAX_MEMORY_BYTES = 512 * 1024 * 1024
MAX_CPU_SECONDS = 3
MAX_CELL_CHARS = 2_000
MAX_TEXT_CHARS = 8_000_000


def main(max_lines: int, max_columns: int) -> dict[str, Any]:
    """The rows, each with its number, or the reason why they cannot be read."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        visible = [each.name for each in book.sheets_metadata if each.visible == SheetVisibleEnum.Visible]
        for name in visible:
            sheet = book.get_sheet_by_name(name)
            if sheet.end is None:
                continue
            last_row, last_column = sheet.end
            if last_row >= max_lines:
                return {"reason": "too-many-rows"}
            if last_column >= max_columns:
                return {"reason": "too-many-columns"}
            rows = written(sheet.to_python(skip_empty_area=False))
            if rows:
                return too_long(rows) or {"rows": rows}
    except PasswordError:
        return {"reason": "protected"}
    except CalamineError:
        return {"reason": "workbook"}
    return {"reason": "empty"}


def written(sheet: list[list[Any]]) -> list[tuple[int, list[str]]]:
    """The rows with anything in them, as texts."""
    rows = ((number, [text_of(cell) for cell in cells]) for number, cells in enumerate(sheet, 1))
    return [(number, cells) for number, cells in rows if any(map(str.strip, cells))]


def too_long(rows: list[tuple[int, list[str]]]) -> dict[str, Any] | None:
    if sum(len(cell) for _number, cells in rows for cell in cells) > MAX_TEXT_CHARS:
        return {"reason": "too-large"}
    return None


def text_of(cell: Any) -> str:
    """A value as it is written in a CSV file; a day without an hour is only the day."""
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time(0) else cell.isoformat(" ", "seconds")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)[:MAX_CELL_CHARS]


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    json.dump(main(int(sys.argv[1]), int(sys.argv[2])), sys.stdout)
