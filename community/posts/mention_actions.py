"""Mentions: "@Full Name" in a post notifies that member, as in the chat.

A mention is a row, written in the transaction of its post. Only members who may read the post are mentioned.
"""

import re
from html import escape
from typing import TYPE_CHECKING

from common.mention_parser import find_mentioned, replace_name
from community.posts import news
from community.posts.actions import lock_post
from community.posts.kinds import kind_of
from community.posts.models import Post, PostMention
from community.spaces.models import Membership, MembershipQuerySet

if TYPE_CHECKING:
    from community.people.models import User

_quoted = re.compile(r"^>.*$", re.MULTILINE)
"""What others said, who were told then."""


def record(post: Post) -> list[int]:
    """Record whom a new post mentions. Returns the ids of those users, whom the caller notifies
    (`news.notify_mentioned`) together with others. No query for a text without an @."""
    found = _mentioned(post)
    PostMention.objects.bulk_create(
        PostMention(post_kind=post.KIND, post_id=post.pk, user_id=user, name=name)
        for user, name in found.items()
    )
    return sorted(found)


def record_again(post: Post) -> None:
    """Update the mentions of an edited post, which is locked: users who are mentioned for the first time are
    notified, mentions that are not in the text any more are deleted, with what was notified of them."""
    rows = PostMention.objects.filter(post_kind=post.KIND, post_id=post.pk)
    before = dict(rows.values_list("user_id", "name"))
    now = _mentioned(post)
    # A member who was renamed since is still mentioned by the earlier name.
    by_earlier_name = find_mentioned(_own(post), before.items())
    gone = sorted(set(before) - set(now) - by_earlier_name)
    new = sorted(set(now) - set(before))
    if not gone and not new:
        return
    rows.filter(user__in=gone).delete()
    PostMention.objects.bulk_create(
        PostMention(post_kind=post.KIND, post_id=post.pk, user_id=user, name=now[user]) for user in new
    )
    news.mentions_changed(post, new=new, gone=gone)


def erase_name(post: Post, user: "User") -> None:
    """Replace this person's name in a post of somebody else that mentions them, except where it mentions
    another of that name too."""
    post = lock_post(post)
    rows = PostMention.objects.filter(post_kind=post.KIND, post_id=post.pk)
    names = dict(rows.values_list("user_id", "name"))
    name = names.pop(user.pk)
    changed = []
    for field in (*post.SOURCES, *post.rendered()):
        before = after = getattr(post, field)
        for spelling in (name, escape(name)):
            after = replace_name(after, spelling, list(names.values()))
        if after != before:
            setattr(post, field, after)
            changed.append(field)
    if changed:
        post.save(update_fields=changed)


def _mentioned(post: Post) -> dict[int, str]:
    own = _own(post)
    if "@" not in own:
        return {}
    names = dict(readers_of(post).values_list("user_id", "user__name"))
    return {user: names[user] for user in find_mentioned(own, names.items()) - {post.author_id}}


def readers_of(post: Post) -> MembershipQuerySet:
    """The members who may read a post, and so can be mentioned in it."""
    reads = kind_of(post).readers(post)
    return Membership.objects.current().filter(reads, space=post.home_id, user__suspended_at=None)


def _own(post: Post) -> str:
    return _quoted.sub("", post.typed)
