"""Who gets what of people."""

from tests.access import row

ROWS = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    row("account_login", "+ ++++ ++ ++"),
]
