"""Locking, withdrawing and restoring posts of any kind."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from common import clock
from common.access import require
from common.document_html import Picture
from common.sources import Written, pictures_in, written_together
from community.posts import news
from community.posts.kinds import kind_of
from community.posts.models import KeptMessage, Post, PostQuerySet, TextPost
from community.posts.permissions import can_restore, can_withdraw
from messaging.files.actions import Attached, attach
from messaging.files.shown import shown_to_writer

if TYPE_CHECKING:
    from community.people.models import User
    from messaging.chat.models import Entry

P = TypeVar("P", bound=Post)
NO_FILES = Attached()


def lock_post(post: P) -> P:
    """The row as it is now, locked until the end of the transaction.

    Every action on a post (accept, withdraw, pin, build on) uses the returned object: the one that a view
    loaded may be stale. A reply is always locked after its thread, to avoid deadlocks.
    """
    return post.lock()


@transaction.atomic
def withdraw(*, post: P, by: "User") -> P:
    """Withdraw one's own post, or take down another's. Idempotent.

    Returns the current post. Raises Refused when `by` may not.
    """
    post = lock_post(post)
    require(can_withdraw(by, post), gettext("You can only delete what you wrote yourself."))
    if not post.is_withdrawn:
        post.withdrawn_at, post.withdrawn_by = clock.now(), by
        post.save(update_fields=["withdrawn_at", "withdrawn_by"])
        news.withdraw_all(post)
        kind_of(post).withdrawn(post)
    return post


def withdraw_all(posts: PostQuerySet[P], *, by: "User") -> None:
    """Withdraw all of these posts of one's own that are not withdrawn, each in a transaction of its own, so
    that the locks of several threads cannot deadlock."""
    for post in posts.published().order_by("pk"):
        withdraw(post=post, by=by)


@transaction.atomic
def restore(*, post: P, by: "User") -> P:
    """Publish a withdrawn post again, unchanged. Idempotent.

    Returns the current post. Raises Refused when `by` may not.
    """
    post = lock_post(post)
    if post.is_withdrawn:
        require(can_restore(by, post), gettext("Only the person who removed this can restore it."))
        post.withdrawn_at = post.withdrawn_by = None
        post.save(update_fields=["withdrawn_at", "withdrawn_by"])
        news.restore_all(post)
        kind_of(post).restored(post)
    return post


def written_by(author: int, texts: Mapping[str, str]) -> dict[str, Written]:
    """The texts of a post as it stores them, with the pictures in them that its author uploaded."""
    keys = [UUID(key) for sent in texts.values() for key in pictures_in(sent)]
    shown = shown_to_writer(author, keys)
    pictures = {
        file.key: Picture(file.pk, file.width, file.height, file.alt)
        for file in shown
        if file.is_picture and file.width and file.height
    }
    return written_together(texts, pictures)


def attach_files(post: Post, files: Attached, by: "User") -> bool:
    """Let a post have exactly these files. Called in the transaction that writes it; returns whether anything
    changed. Raises UploadError."""
    return attach(kind=post.KIND, thing_id=post.pk, keys=files.keys, by=by, alts=dict(files.alts))


def reference_messages(*, post: TextPost, messages: "list[Entry]") -> None:
    """Store that a post shows these messages of a room, in their order. The caller has locked the room."""
    KeptMessage.objects.bulk_create(
        KeptMessage(post_kind=post.KIND, post_id=post.pk, message=message) for message in messages
    )
    post.kept_from = messages[0].number
    post.save(update_fields=["kept_from"])
