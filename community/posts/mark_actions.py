"""Giving marks to posts and taking them back: a few fixed phrases, toggled with one tap."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext

from common.access import require
from community.posts import news
from community.posts.actions import lock_post
from community.posts.models import Post, PostMark
from community.posts.permissions import can_mark, why_no_mark
from messaging.chat.models import Reaction

if TYPE_CHECKING:
    from community.people.models import User


@transaction.atomic
def mark(*, post: Post, by: "User", mark: str, on: bool) -> None:
    """Give a post a mark, or take it back. Idempotent. The author is notified of thanks.

    Raises Refused when there is no such mark; and for giving one also for one's own post, one that is
    withdrawn, and where `by` may not write or talk has ended. One's own mark can be taken back at any time.
    """
    require(mark in Reaction.Mark.values, gettext("There is no such reaction."))
    post = lock_post(post)
    given = PostMark.objects.filter(post_kind=post.KIND, post_id=post.pk, user=by, mark=mark)
    if not on:
        deleted, _by_model = given.delete()
        if deleted and mark == Reaction.Mark.THANKS:
            news.withdraw_thanks(post, by)
        return
    require(can_mark(by, post), why_no_mark(by, post))
    _mark, is_new = PostMark.objects.get_or_create(post_kind=post.KIND, post_id=post.pk, user=by, mark=mark)
    if is_new and mark == Reaction.Mark.THANKS:
        news.notify_thanks(post, by)
