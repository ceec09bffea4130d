"""Access to files."""

from tests.access import Row, row

ROWS: list[Row] = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    row("file", "s 4+++ +4 +4", "pk:file", "name:file_name"),
    row("file", "s 44++ +4 +4", "pk:file", "name:file_name", closed=True),
]
