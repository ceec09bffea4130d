"""Access to spaces."""

from tests.access import Row, post, row

ROWS: list[Row] = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    row("space_people", "s 4++++ 4+4", "pk:space"),
    row("space_people", "s 44+++ 4+4", "pk:space", closed=True),
    post("member_dismiss", "s 4333+ 434", "pk:space", "member:member"),
    post("member_readmit", "s 4333+ 434", "pk:space", "member:member"),
]
