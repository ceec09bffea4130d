"""Access to mail preferences, and to the link in a mail, which works without signing in."""

from tests.access import Row, post, row

ROWS: list[Row] = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    row("mail_preferences", "s ++++ ++ ++"),
    post("mail_preferences", "s ++++ ++ ++"),
    row("mail_stop", "+ ++++ ++ ++", "signed:stop_link"),
    post("mail_stop", "+ ++++ ++ ++", "signed:stop_link", frequency="never"),
    post("mail_stop", "+ ++++ ++ ++", "signed:stop_link", **{"List-Unsubscribe": "One-Click"}),
    row("mail_stop", "4 4444 44 44", "signed:word"),
    post("mail_stop", "4 4444 44 44", "signed:word", frequency="never"),
]
