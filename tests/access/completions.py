"""Access to completions."""

from tests.access import post, row

TICKED = {"enrolments": "=enrolment", "completed_on": "=last_day_of_run"}

ROWS = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    row("completions", "s 444+ +4 44", "pk:run"),
    post("completion_select", "s 444+ +4 44", "pk:run", **TICKED),
    post("completion_upload", "s 444+ +4 44", "pk:run", file="=completion_list"),
    post("completion_paste", "s 444+ +4 44", "pk:run", pasted="Anna Nagy <anna@school.test>"),
    row("completion_batch", "s 444+ +4 44", "pk:batch"),
    row("completion_batch", "s 444+ +4 44", "pk:applied_batch", query="?applied"),
    post("completion_apply", "s 444+ +4 44", "pk:batch"),
    post("completion_discard", "s 444+ +4 44", "pk:batch"),
    post("completion_undo", "s 444+ +4 44", "pk:applied_batch"),
    row("completion_refused", "s 444+ +4 44", "pk:batch"),
]
