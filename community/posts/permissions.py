"""Who may change, withdraw, restore and mark a post. Only marking talk ends when the space closes."""

from typing import TYPE_CHECKING, Protocol

from django.utils.translation import gettext

from community.posts.kinds import kind_of
from community.posts.models import Post
from community.spaces.permissions import can_add_practice, can_talk, why_no_practice, why_no_talk

if TYPE_CHECKING:
    from community.people.models import User


class Written(Protocol):
    """A post, or what a page read of one."""

    @property
    def author_id(self) -> int: ...
    @property
    def is_withdrawn(self) -> bool: ...
    @property
    def was_taken_down(self) -> bool: ...
    @property
    def was_hidden(self) -> bool: ...


def can_edit(user: "User", post: Written) -> bool:
    """Change one's own post, unless it is withdrawn. Who wrote one that a report has hidden may mend it."""
    return post.author_id == user.pk and (not post.is_withdrawn or post.was_hidden)


def can_withdraw(user: "User", post: Post) -> bool:
    """Withdraw one's own post; those who keep order may take down others'."""
    return can_withdraw_with(user, post, keeps_order=kind_of(post).keeps_order(user, post))


def can_withdraw_with(user: "User", post: Written, *, keeps_order: bool) -> bool:
    """`can_withdraw` where it is known whether the user keeps order over this post."""
    return post.author_id == user.pk or keeps_order


def can_restore(user: "User", post: Post) -> bool:
    """Restore a post: its author if the author withdrew it, those who keep order if it was taken down."""
    return can_restore_with(
        user, post, keeps_order=post.was_taken_down and kind_of(post).keeps_order(user, post)
    )


def can_restore_with(user: "User", post: Written, *, keeps_order: bool) -> bool:
    """`can_restore` where it is known whether the user keeps order over this post."""
    if post.was_hidden:
        return False  # that is decided with the report
    return keeps_order if post.was_taken_down else post.author_id == user.pk


def can_mark(user: "User", post: Post) -> bool:
    """Give a mark to what somebody else wrote: where people talk while the space is open, to what they did
    at any time."""
    may = can_talk if kind_of(post).is_talk else can_add_practice
    return post.author_id != user.pk and not post.is_withdrawn and may(user, post.home)


def why_no_mark(user: "User", post: Post) -> str:
    """The sentence for a user who may not."""
    if post.author_id == user.pk:
        return gettext("Reactions are for what others wrote.")
    return why_no_talk(post.home) if kind_of(post).is_talk else why_no_practice()
