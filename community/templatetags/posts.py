"""Permissions of posts, the same that the actions check; and the preview of messages that a post
references."""

from django import template

from community.posts.models import TextPost
from community.posts.permissions import can_edit, can_restore, can_withdraw
from community.posts.queries import Kept

register = template.Library()

register.filter("may_edit", can_edit)
register.filter("may_withdraw", can_withdraw)
register.filter("may_restore", can_restore)


@register.filter
def first_kept(post: TextPost) -> Kept | None:
    """The first message that a post references and that is not withdrawn."""
    return next((kept for kept in post.kept_messages if not kept.withdrawn), None)
