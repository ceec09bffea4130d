"""Who is notified of comments on a practice, and of answers to a question about it."""

from community.posts import news as post_news
from community.practices.comment_models import Comment
from community.practices.comment_queries import comment_path
from messaging.notifications import bell


def notify_comment(comment: Comment, users: list[int], *, mentioned: list[int]) -> None:
    """Notify these people of a comment: one notification, which says to each what it is to them; and those
    whom it mentions of that alone."""
    practice = comment.practice
    if mentioned:
        bell.lock_bells(users=[*users, *mentioned])
    bell.notify_many(
        users=set(users).difference(mentioned),
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
    post_news.notify_mentioned(comment, mentioned)


def withdraw_comment(comment: Comment) -> None:
    """Withdraw the notifications about a comment that was withdrawn."""
    bell.withdraw(key=comment_key(comment))


def restore_comment(comment: Comment) -> None:
    """Restore the notifications about a comment."""
    bell.restore(key=comment_key(comment))


def comment_key(comment: Comment) -> str:
    """The key of the notifications about a comment."""
    return f"comment:{comment.pk}"
