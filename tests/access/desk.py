"""Access to desk."""

from tests.access import post, row

ROWS = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    row("today", "+ ++++ ++ ++"),
    row("my_months", "s ++++ ++ ++"),
    row("desk", "s 444+ ++ +4"),
    row("desk", "s 444+ ++ +4", query="?state=open"),
    row("desk_months", "s 444+ ++ +4"),
    row("desk_months", "s 444+ ++ +4", closed=True, query="?talk=closed"),
    row("desk_courses", "s 4444 ++ +4"),
    row("desk_institutes", "s 4444 ++ +4"),
    post("draft_discard", "s ++++ ++ ++", "pk:space"),
    post("draft_restore", "s ++++ ++ ++"),
]
