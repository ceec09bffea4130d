"""Exporting and erasing what ties a person to posts of others: the marks they gave, and mentions of them."""

from typing import TYPE_CHECKING, Any

from common import privacy
from community.posts import mention_actions, quotations
from community.posts.kinds import kind_named
from community.posts.models import PostMark, PostMention

if TYPE_CHECKING:
    from community.people.models import User

FIELDS = ("community.PostMark.user", "community.PostMention.user")


def register() -> None:
    """Register with common.privacy."""
    privacy.register("posts", export_for, erase, FIELDS)


def export_for(user: "User") -> dict[str, Any]:
    """The marks they gave, and where they were mentioned."""
    mentions = PostMention.objects.filter(user=user).order_by("pk")
    marks = PostMark.objects.filter(user=user).order_by("pk")
    return {
        "marks_on_posts": [
            {"mark": mark.mark, "kind": mark.post_kind, "number": mark.post_id, "on": mark.at.isoformat()}
            for mark in marks
        ],
        "mentions_in_posts": [{"kind": each.post_kind, "number": each.post_id} for each in mentions],
    }


def erase(user: "User") -> None:
    """Delete the marks they gave; a placeholder replaces their name where others mentioned or quoted them."""
    for mention in PostMention.objects.filter(user=user).order_by("pk"):
        post = kind_named(mention.post_kind).model.objects.get(pk=mention.post_id)
        mention_actions.erase_name(post, user)
    quotations.erase_name(user)
    PostMark.objects.filter(user=user).delete()
    PostMention.objects.filter(user=user).delete()
