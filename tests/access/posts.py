"""Access to what every kind of post has. Each post was written by the participant, answers by the trainer."""

from tests.access import Row, post, row

THANKS = {"mark": "thanks"}
ROWS: list[Row] = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    row("post_more", "s 4++++ 4+4", "kind:thread_kind", "pk:thread"),
    row("post_more", "s 44+++ 4+4", "kind:thread_kind", "pk:thread", closed=True),
    row("post_more", "s 44++4 444", "kind:thread_kind", "pk:trainer_only_question"),
    row("post_more", "s 44444 444", "kind:thread_kind", "pk:withdrawn_thread"),
    row("post_more", "s 4++++ 4+4", "kind:reply_kind", "pk:answer"),
    row("post_more", "s 44444 444", "kind:reply_kind", "pk:withdrawn_answer"),
    row("post_more", "s 4++++ 4+4", "kind:practice_kind", "pk:practice"),
    row("post_more", "s 44444 444", "kind:practice_kind", "pk:withdrawn_practice"),
    row("post_more", "s 4++++ 4+4", "kind:comment_kind", "pk:comment"),
    row("post_more", "s 44444 444", "kind:comment_kind", "pk:withdrawn_comment"),
    row("post_more", "s 44444 444", "kind:space_kind", "pk:space"),
    row("post_people", "s 4++++ 4+4", "kind:thread_kind", "pk:thread"),
    row("post_people", "s 44++4 444", "kind:thread_kind", "pk:trainer_only_question"),
    row("post_people", "s 44444 444", "kind:reply_kind", "pk:withdrawn_answer"),
    row("space_post_people", "s 4++++ 4+4", "pk:space"),
    row("space_post_people", "s 44+++ 4+4", "pk:space", closed=True),
    post("post_mark", "s 4+3++ 434", "kind:thread_kind", "pk:thread", **THANKS),
    post("post_mark", "s 44333 434", "kind:thread_kind", "pk:thread", closed=True, **THANKS),
    post("post_mark", "s 443+4 444", "kind:thread_kind", "pk:trainer_only_question", **THANKS),
    post("post_mark", "s 4++3+ 434", "kind:reply_kind", "pk:answer", **THANKS),
    post("post_mark", "s 44333 434", "kind:reply_kind", "pk:answer", closed=True, **THANKS),
    post("post_mark", "s 4+3++ 434", "kind:practice_kind", "pk:practice", **THANKS),
    post("post_mark", "s 443++ 434", "kind:practice_kind", "pk:practice", closed=True, **THANKS),
    post("post_mark", "s 44444 444", "kind:practice_kind", "pk:withdrawn_practice", **THANKS),
    # What the script of the editor asks for: one's own words as HTML.
    post("text_as_html", "s ++++ ++ ++", text="a"),
]
