"""Access to files."""

from tests.access import Row, post, row

ROWS: list[Row] = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    row("file", "s 4+++ +4 +4", "pk:file", "name:file_name"),
    row("file", "s 44++ +4 +4", "pk:file", "name:file_name", closed=True),
    row("file", "s 444+ 44 44", "pk:waiting_file", "name:file_name"),
    row("picture", "s 4+++ +4 +4", "pk:picture", "size:picture_size"),
    post("uploads", "s ++++ ++ ++", name="sheet.pdf", size=10, client_id="=client_id"),
    row("upload", "s 44+4 44 44", "key:upload"),
    row("file", "s 4+++ 44 44", "pk:file_of_message", "name:file_name"),
    row("file", "s 44++ 44 44", "pk:file_of_message", "name:file_name", closed=True),
]
