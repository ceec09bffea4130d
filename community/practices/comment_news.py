"""Who is notified of comments on a practice, and of answers to a question about it."""

from typing import TYPE_CHECKING

from community.practices.comment_models import Comment
from community.practices.comment_queries import comment_path
from messaging.notifications import bell

if TYPE_CHECKING:
    from collections.abc import Iterable


def notify_comment(comment: Comment, users: "Iterable[int]") -> None:
    """Notify these people of a comment: one notification, which says to each what it is to them."""
    practice = comment.practice
    bell.notify_many(
        users=users,
        is_new=True,
        key=comment_key(comment),
        kind="comment",
        thing=("practice", practice.pk),
        scope=practice.space.scope,
        path=comment_path(comment),
        context={
            "title": practice.title,
            "space": practice.space.title,
            "written_by": practice.author_id,
            "asked": practice.author_id if comment.asks else None,
            "answered": comment.answers.author_id if comment.answers else None,
        },
        by=comment.author,
    )


def withdraw_comment(comment: Comment) -> None:
    """Withdraw the notifications about a comment that was withdrawn."""
    bell.withdraw(key=comment_key(comment))


def restore_comment(comment: Comment) -> None:
    """Restore the notifications about a comment."""
    bell.restore(key=comment_key(comment))


def comment_key(comment: Comment) -> str:
    """The key of the notifications about a comment."""
    return f"comment:{comment.pk}"
