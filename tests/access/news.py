"""Access to notifications. The notification is of the trainer's reply, for the participant."""

from tests.access import Row, post, row

ROWS: list[Row] = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    row("news", "s ++++ ++ ++"),
    post("news_seen", "s ++++ ++ ++"),
    row("news_open", "s 44+4 44 44", "pk:news"),
    row("news_open", "s 44+4 44 44", "pk:news", closed=True),
]
