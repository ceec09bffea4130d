"""Who may do what in conversations. Reading is `visible_to`; withdrawing is in `posts.permissions`."""

from typing import TYPE_CHECKING

from community.spaces.models import Space
from community.spaces.permissions import can_answer_here, can_keep_order, can_talk
from community.threads.models import Reply, Thread

if TYPE_CHECKING:
    from community.people.models import User


def can_take_part(user: "User", thread: Thread) -> bool:
    """Read and write in it: a private question is between its author and the members who answer."""
    return not thread.for_answerers_only or thread.author_id == user.pk or can_answer_here(user, thread.space)


def can_reply(user: "User", thread: Thread) -> bool:
    """Reply while talk is open, unless the thread is withdrawn."""
    return can_talk(user, thread.space) and can_take_part(user, thread) and not thread.is_withdrawn


def keeps_order(user: "User", post: Thread | Reply) -> bool:
    """Take down and restore posts of others, in threads one takes part in."""
    thread = post if isinstance(post, Thread) else post.thread
    return can_keep_order(user, thread.space) and can_take_part(user, thread)


def can_accept(user: "User", thread: Thread) -> bool:
    """Accept an answer, while talk is open: the author of the question and those who keep order."""
    if not thread.is_question or not thread.space.is_open or thread.is_withdrawn:
        return False
    return thread.author_id == user.pk or keeps_order(user, thread)


def can_open_to_everyone(user: "User", thread: Thread) -> bool:
    """Show one's own private question to everybody, while talk is open and nobody else has replied."""
    return (
        thread.for_answerers_only
        and thread.author_id == user.pk
        and not thread.is_withdrawn
        and can_talk(user, thread.space)
        and not thread.replies.published().exclude(author=user.pk).exists()
    )


def can_pin(user: "User", thread: Thread) -> bool:
    """Pin a conversation, unless it is private."""
    return can_keep_order(user, thread.space) and not thread.for_answerers_only and not thread.is_withdrawn


def can_keep_messages(user: "User", space: Space) -> bool:
    """Keep messages of the room as a conversation or answer, while talk is open."""
    return space.is_open and can_keep_order(user, space)
