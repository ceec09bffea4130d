"""Hiding posts that were reported, in nobody's name, until somebody decides. The subject that takes reports
checks who may."""

from typing import TYPE_CHECKING

from django.db import transaction

from common import clock
from community.posts import news
from community.posts.actions import lock_post
from community.posts.kinds import kind_of
from community.posts.models import Post

if TYPE_CHECKING:
    from community.people.models import User


@transaction.atomic
def hide(*, post: Post) -> bool:
    """Withdraw a reported post in nobody's name; whether it was shown."""
    post = lock_post(post)
    if post.is_withdrawn:
        return False
    post.withdrawn_at = clock.now()
    post.save(update_fields=["withdrawn_at"])
    news.withdraw_all(post)
    kind_of(post).withdrawn(post)
    return True


@transaction.atomic
def show_again(*, post: Post) -> None:
    """Undo `hide`; a post that somebody withdrew stays so. Idempotent."""
    post = lock_post(post)
    if post.was_hidden:
        post.withdrawn_at = None
        post.save(update_fields=["withdrawn_at"])
        news.restore_all(post)
        kind_of(post).restored(post)


@transaction.atomic
def take_down(*, post: Post, by: "User") -> None:
    """Keep a reported post hidden, by who decided that, also if it was shown until now. Idempotent."""
    hide(post=post)
    post = lock_post(post)
    if post.was_hidden:
        post.withdrawn_by = by
        post.save(update_fields=["withdrawn_by"])
