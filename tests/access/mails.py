"""Access to mail preferences, and to the link in a mail, which works without signing in."""

from tests.access import Row, post, row

ROWS: list[Row] = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    row("mail_preferences", "s ++++ ++ ++"),
    post("mail_preferences", "s ++++ ++ ++"),
    row("mail_stop", "+ ++++ ++ ++", "signed:stop_link"),
    post("mail_stop", "+ ++++ ++ ++", "signed:stop_link", frequency="never"),
    post("mail_stop", "+ ++++ ++ ++", "signed:stop_link", **{"List-Unsubscribe": "One-Click"}),
    row("mail_stop", "+ ++++ ++ ++", "signed:mute_link"),
    post("mail_stop", "+ ++++ ++ ++", "signed:mute_link", frequency="never"),
    row("following", "s ++++ ++ ++"),
    row("following", "s ++++ ++ ++", query="?show=muted"),
    post("follow", "s 4++++ 4+4", "kind:thread_kind", "pk:thread"),
    post("follow", "s 44++4 444", "kind:thread_kind", "pk:trainer_only_question"),
    post("follow", "s 44444 444", "kind:thread_kind", "pk:withdrawn_thread"),
    post("follow", "s 4++++ 4+4", "kind:practice_kind", "pk:practice"),
    post("follow", "s 44+++ 4+4", "kind:practice_kind", "pk:practice", closed=True),
    post("follow", "s 44444 444", "kind:space_kind", "pk:space"),
    post("mute", "s 4++++ 4+4", "kind:thread_kind", "pk:thread"),
    post("mute", "s 44+++ 4+4", "kind:practice_kind", "pk:practice", closed=True),
    row("mail_stop", "4 4444 44 44", "signed:word"),
    post("mail_stop", "4 4444 44 44", "signed:word", frequency="never"),
]
