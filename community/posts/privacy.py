"""Exporting and erasing what ties a person to posts of others: the marks they gave, and mentions of them."""

from typing import TYPE_CHECKING, Any

from common import privacy
from community.posts.models import PostMark, PostMention

if TYPE_CHECKING:
    from community.people.models import User

FIELDS = ("community.PostMark.user", "community.PostMention.user")


def register() -> None:
    """Register with common.privacy."""
    privacy.register("posts", export_for, erase, FIELDS)


def export_for(user: "User") -> dict[str, Any]:
    """The marks they gave."""
    marks = PostMark.objects.filter(user=user).order_by("pk")
    return {
        "marks_on_posts": [
            {"mark": mark.mark, "kind": mark.post_kind, "number": mark.post_id, "on": mark.at.isoformat()}
            for mark in marks
        ]
    }


def erase(user: "User") -> None:
    """Delete both."""
    PostMark.objects.filter(user=user).delete()
    PostMention.objects.filter(user=user).delete()
