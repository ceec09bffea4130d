"""Who may change, withdraw and restore a post. None of it ends when the space closes."""

from typing import TYPE_CHECKING

from community.posts.kinds import kind_of
from community.posts.models import Post

if TYPE_CHECKING:
    from community.people.models import User


def can_edit(user: "User", post: Post) -> bool:
    """Change one's own post, unless it is withdrawn."""
    return post.author_id == user.pk and not post.is_withdrawn


def can_withdraw(user: "User", post: Post) -> bool:
    """Withdraw one's own post; those who keep order may take down others'."""
    return post.author_id == user.pk or kind_of(post).keeps_order(user, post)


def can_restore(user: "User", post: Post) -> bool:
    """Restore a post: its author if the author withdrew it, those who keep order if it was taken down."""
    if post.was_taken_down:
        return kind_of(post).keeps_order(user, post)
    return post.author_id == user.pk
