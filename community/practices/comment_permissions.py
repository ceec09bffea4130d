"""Who may comment on a practice and settle a question about it. None of it ends with the talk in the space: a
comment belongs to the practice, which others go on trying."""

from typing import TYPE_CHECKING

from community.practices.comment_models import Comment
from community.practices.models import Practice
from community.spaces.permissions import can_add_practice, can_keep_order

if TYPE_CHECKING:
    from community.people.models import User


def can_comment(user: "User", practice: Practice) -> bool:
    """Ask and comment: who may add practices to its space, unless it is withdrawn."""
    return can_add_practice(user, practice.space) and not practice.is_withdrawn


def keeps_order(user: "User", comment: Comment) -> bool:
    """Take down and restore comments of others."""
    return can_keep_order(user, comment.practice.space)


def can_settle(user: "User", question: Comment) -> bool:
    """Say which comment answers a question: who asked it, who is asked, and those who keep order."""
    practice = question.practice
    if not question.asks or question.is_withdrawn or not can_comment(user, practice):
        return False
    keeps_order = can_keep_order(user, practice.space)
    return can_settle_with(user, practice, question.author_id, keeps_order=keeps_order)


def can_settle_with(user: "User", practice: Practice, asker: int, *, keeps_order: bool) -> bool:
    """`can_settle` for a published question, of somebody who may comment."""
    return user.pk in (asker, practice.author_id) or keeps_order
