"""Exporting and erasing a person's comments on practices."""

from typing import TYPE_CHECKING, Any

from django.db import transaction

from common import privacy
from community.posts.actions import withdraw_all
from community.posts.models import NO_SEARCH_TEXT
from community.practices.comment_models import Comment
from community.practices.models import Practice
from messaging.files.actions import delete_files_of

if TYPE_CHECKING:
    from community.people.models import User

FIELDS = (
    "community.Comment.answered_by",
    "community.Comment.author",
    "community.Comment.withdrawn_by",
)


def register() -> None:
    """Register with common.privacy."""
    privacy.register("comments", export_for, erase, FIELDS)


def export_for(user: "User") -> dict[str, Any]:
    """Their comments, withdrawn ones included; the title of somebody else's practice only while they may read
    it."""
    readable = set(Practice.objects.visible_to(user).published().values_list("pk", flat=True))
    comments = Comment.objects.filter(author=user).select_related("practice__space").order_by("pk")
    return {
        "comments": [
            {
                "in": comment.practice.space.title,
                "on_practice": comment.practice.title
                if comment.practice_id in readable or comment.practice.author_id == user.pk
                else "",
                "question": comment.asks,
                "text": comment.plain_text("text"),
                "on": comment.created_at.isoformat(),
            }
            for comment in comments
        ]
    }


def erase(user: "User") -> None:
    """Comments stay, under the account without a name, as what was answered would make no sense without them;
    unless the user wants them to go too. The text of withdrawn ones is erased."""
    if user.erasure_takes_posts:
        withdraw_all(Comment.objects.filter(author=user), by=user)
    _erase_texts(user)


@transaction.atomic
def _erase_texts(user: "User") -> None:
    withdrawn = Comment.objects.filter(author=user, withdrawn_at__isnull=False)
    withdrawn.update(text="", html="", **NO_SEARCH_TEXT)
    delete_files_of(Comment.KIND, withdrawn.values_list("pk", flat=True))
