"""Who may do what in conversations. Seeing is `visible_to`; these say what one may do with what one sees."""

from typing import TYPE_CHECKING

from community.spaces.models import Space
from community.spaces.permissions import can_manage, can_talk, is_trainer
from community.threads.models import Reply, Thread

if TYPE_CHECKING:
    from community.people.models import User


def can_take_part(user: "User", thread: Thread) -> bool:
    """Belong to those it is meant for: a question to the trainer is between its author and the trainers."""
    return not thread.for_trainer_only or thread.author_id == user.pk or is_trainer(user, thread.space)


def can_reply(user: "User", thread: Thread) -> bool:
    """Reply while talk is open, unless the thread was taken back."""
    return can_talk(user, thread.space) and can_take_part(user, thread) and thread.withdrawn_at is None


def can_edit(user: "User", post: Thread | Reply) -> bool:
    """Mend one's own words, always; what was taken back is restored first."""
    return post.author_id == user.pk and post.withdrawn_at is None


def can_withdraw(user: "User", post: Thread | Reply) -> bool:
    """Take back one's own words, always; trainers and coordinators may take words down."""
    thread = thread_of(post)
    own = post.author_id == user.pk
    return own or (can_manage(user, thread.space) and can_take_part(user, thread))


def can_restore(user: "User", post: Thread | Reply) -> bool:
    """Put back what one has taken back; what was taken down, any who might have."""
    if post.withdrawn_by_id == post.author_id:
        return post.author_id == user.pk
    thread = thread_of(post)
    return can_manage(user, thread.space) and can_take_part(user, thread)


def can_accept(user: "User", thread: Thread) -> bool:
    """Say which reply is the answer: who asked, trainers and coordinators, while talk is open."""
    if not thread.is_question or not thread.space.is_open or thread.withdrawn_at is not None:
        return False
    return thread.author_id == user.pk or (can_manage(user, thread.space) and can_take_part(user, thread))


def can_pin(user: "User", thread: Thread) -> bool:
    """Keep a conversation on top: trainers and coordinators; not one that only some can see."""
    return can_manage(user, thread.space) and not thread.for_trainer_only and thread.withdrawn_at is None


def can_keep_messages(user: "User", space: Space) -> bool:
    """Keep messages of the room as a conversation or answer: trainers, coordinators, while talk is open."""
    return space.is_open and can_manage(user, space)


def thread_of(post: Thread | Reply) -> Thread:
    """The thread a post belongs to, which may be itself."""
    return post if isinstance(post, Thread) else post.thread
