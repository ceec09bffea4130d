"""Access to being erased: everybody, for themselves."""

from tests.access import post, row

ROWS = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    row("erasure", "s ++++ ++ ++"),
    post("erasure_keep", "s ++++ ++ ++"),
]
