"""Access to practices. Each was written by the participant."""

from tests.access import Row, post, row

WORDS = {"title": "T", "tried": "B", "happened": "C", "outcome": "worked", "language": "en"}
ROWS: list[Row] = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    row("space_practices", "s 4++++ 4+4", "pk:space"),
    row("space_practices", "s 44+++ 4+4", "pk:space", closed=True),
    post("space_practices_read", "s 4++++ 4+4", "pk:space"),
    row("practice_new", "s 4++++ 434", "pk:space"),
    row("practice_new", "s 44+++ 434", "pk:space", closed=True),
    post("practice_new", "s 4++++ 434", "pk:space", **WORDS),
    post("practice_new", "s 44+++ 434", "pk:space", closed=True, **WORDS),
    row("practice", "s 4++++ 4+4", "pk:practice"),
    row("practice", "s 44+++ 4+4", "pk:practice", closed=True),
    row("practice", "s 44+44 444", "pk:withdrawn_practice"),
    row("practice_try", "s 4++++ 434", "pk:practice"),
    post("practice_try", "s 44+++ 434", "pk:practice", closed=True, **WORDS),
    row("practice_edit", "s 43+33 434", "pk:practice"),
    post("practice_edit", "s 44+33 434", "pk:practice", closed=True, **WORDS),
    post("practice_withdraw", "s 43+++ 434", "pk:practice"),
    post("practice_withdraw", "s 44+++ 434", "pk:practice", closed=True),
    post("practice_restore", "s 44+44 444", "pk:withdrawn_practice"),
    post("practice", "s 4++++ 434", "pk:practice", text="How long did it take?"),
    post("practice", "s 44+++ 434", "pk:practice", closed=True, text="How long did it take?"),
    # The participant asked about a write-up of another, and a third person wrote an answer.
    row("comment_edit", "s 43+33 434", "pk:comment"),
    row("comment_edit", "s 44+33 434", "pk:comment", closed=True),
    post("comment_edit", "s 44+33 434", "pk:comment", closed=True, text="Mended"),
    post("comment_withdraw", "s 43+++ 434", "pk:comment"),
    post("comment_withdraw", "s 44+++ 434", "pk:comment", closed=True),
    post("comment_restore", "s 43+33 434", "pk:withdrawn_comment"),
    post("comment_accept", "s 43+++ 434", "pk:answering_comment"),
    post("comment_accept", "s 44+++ 434", "pk:answering_comment", closed=True),
    post("comment_unaccept", "s 43+++ 434", "pk:answering_comment"),
]
