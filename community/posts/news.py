"""Notifications that every kind of post has: thanks to its author, and mentions."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from community.posts.kinds import kind_of
from community.posts.models import Post, PostMark, PostMention
from messaging.chat.models import Reaction
from messaging.notifications import bell, digests, following_queries

if TYPE_CHECKING:
    from community.people.models import User

GATHERED = ("thanks", "thanks-reply")
"""Kinds of notifications that are never worth a mail of their own."""


def register() -> None:
    """Register that thanks are gathered."""
    digests.register_gathered(*GATHERED)


def notify_thanks(post: Post, by: "User") -> None:
    """Notify the author of a post that somebody thanked them for it. Thanks for all that they wrote under one
    title are one item of the bell."""
    kind = kind_of(post)
    head = kind.head(post)
    if following_queries.who_muted(head.KIND, head.pk).filter(user=post.author_id).exists():
        return
    bell.notify_many(
        users=[post.author_id],
        key=_thanks_key(post, by.pk),
        kind="thanks" if head is post else "thanks-reply",
        thing=(head.KIND, head.pk),
        scope=post.home.scope,
        path=kind.path(post),
        context={"title": head.title, "space": post.home.title},
        by=by,
    )


def withdraw_thanks(post: Post, by: "User") -> None:
    """Somebody took their thanks back."""
    bell.withdraw(key=_thanks_key(post, by.pk))


def notify_mentioned(post: Post, users: Iterable[int], *, is_new: bool = True) -> None:
    """Notify users that a post mentions them, each by a notification of their own, since an edit may withdraw
    it. The caller has locked their bells with those of others whom it notifies."""
    kind = kind_of(post)
    head = kind.head(post)
    for user in users:
        bell.notify_many(
            users=[user],
            is_new=is_new,
            key=_mention_key(post, user),
            kind="mention-post",
            thing=(head.KIND, head.pk),
            scope=post.home.scope,
            path=kind.path(post),
            context={"title": head.title, "space": post.home.title},
            by=post.author,
        )


def mentions_changed(post: Post, *, new: list[int], gone: list[int]) -> None:
    """An edited post mentions others than before."""
    keys = [_mention_key(post, user) for user in gone]
    bell.lock_bells(users=new, keys=keys)
    for key in keys:
        bell.withdraw(key=key)
    notify_mentioned(post, new, is_new=False)
    if post.is_withdrawn:
        # A report has hidden it; they are told when it is shown again.
        for user in new:
            bell.withdraw(key=_mention_key(post, user))


def withdraw_all(post: Post) -> None:
    """A post under another was withdrawn: withdraw what was notified of it. Of a post with a title nothing is
    shown to anybody."""
    for key in _lock(post):
        bell.withdraw(key=key)


def restore_all(post: Post) -> None:
    """It was restored."""
    for key in _lock(post):
        bell.restore(key=key)


def _lock(post: Post) -> list[str]:
    """The keys of these notifications. Their bells are locked, and those of all that its kind will change,
    since bells are locked at once."""
    kind = kind_of(post)
    if kind.head(post) is post:
        return []
    thanks = PostMark.objects.filter(post_kind=post.KIND, post_id=post.pk, mark=Reaction.Mark.THANKS)
    keys = [_thanks_key(post, user) for user in thanks.order_by("user_id").values_list("user_id", flat=True)]
    mentioned = PostMention.objects.filter(post_kind=post.KIND, post_id=post.pk)
    keys += [_mention_key(post, user) for user in mentioned.values_list("user_id", flat=True)]
    if keys:
        bell.lock_bells(keys=[*keys, *kind.bell_keys(post)])
    return keys


def _thanks_key(post: Post, user: int) -> str:
    return f"thanks:{post.KIND}:{post.pk}:{user}"


def _mention_key(post: Post, user: int) -> str:
    return f"mention:{post.KIND}:{post.pk}:{user}"
