"""Export and erasure of a user's posts in conversations."""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from common import clock, privacy
from community.posts.actions import withdraw_all
from community.posts.models import NO_SEARCH_TEXT, TextPost
from community.posts.queries import load_kept_messages
from community.spaces.models import Space
from community.threads.models import Reply, Thread, ThreadVisit
from community.unread.actions import advance
from community.unread.models import Unread
from messaging.files.actions import delete_files_of
from messaging.notifications.privacy import erase_titles

if TYPE_CHECKING:
    from community.people.models import User

FIELDS = (
    "community.Thread.author",
    "community.Thread.answered_by",
    "community.Thread.pinned_by",
    "community.Thread.withdrawn_by",
    "community.Reply.author",
    "community.Reply.withdrawn_by",
    "community.ThreadVisit.user",
    "community.Unread.user",
)


def register() -> None:
    """Register with common.privacy."""
    privacy.register("threads", export_for, erase, FIELDS)


def export_for(user: "User") -> dict[str, Any]:
    """Everything they wrote, withdrawn posts included. Of the messages that their posts reference only the
    number, unless the user still sees the space: others wrote them, and may have edited them since."""
    threads = list(Thread.objects.filter(author=user).select_related("space").order_by("pk"))
    replies = list(Reply.objects.filter(author=user).select_related("thread__space").order_by("pk"))
    load_kept_messages([*threads, *replies])
    # The title of somebody else's thread is exported only while the person may read it.
    visible = Thread.objects.visible_to(user).published()
    titled = Thread.objects.filter(Q(author=user) | Q(pk__in=visible.values("pk")), replies__author=user)
    readable = set(titled.values_list("pk", flat=True))
    visible_spaces = set(Space.objects.visible_to(user).values_list("pk", flat=True))
    return {
        "conversations": [
            {
                "in": post.space.title,
                "kind": post.kind,
                "seen_by": post.audience,
                "title": post.title,
                "text": post.plain_text("text"),
                **_kept(post, visible_spaces),
                "on": post.created_at.isoformat(),
            }
            for post in threads
        ],
        "replies": [
            {
                "in": post.thread.space.title,
                "to": post.thread.title if post.thread_id in readable else "",
                "text": post.plain_text("text"),
                **_kept(post, visible_spaces),
                "tried": post.tried,
                "on": post.created_at.isoformat(),
            }
            for post in replies
        ],
    }


def _kept(post: TextPost, visible_spaces: set[int]) -> dict[str, Any]:
    texts = [text for kept in post.kept_messages if (text := kept.as_plain_text())]
    return {"kept": texts if post.home.pk in visible_spaces else [], "messages_kept": len(post.kept_messages)}


def erase(user: "User") -> None:
    """Posts that everyone could read stay, under the account without a name, so that conversations make
    sense; unless the user wants them to go too. What others replied stays.

    The text of withdrawn posts and of private questions is erased, and read positions are deleted.
    """
    if user.erasure_takes_posts:
        withdraw_all(Reply.objects.filter(author=user), by=user)
        withdraw_all(Thread.objects.filter(author=user), by=user)
    _erase_texts(user)


@transaction.atomic
def _erase_texts(user: "User") -> None:
    private = Q(audience=Thread.Audience.ANSWERERS)
    hidden = Thread.objects.filter(private, Q(author=user) | Q(replies__author=user))
    spaces = set(hidden.values_list("space", flat=True))
    empty = {"text": "", "html": "", **NO_SEARCH_TEXT}
    Thread.objects.filter(Q(author=user) & private, withdrawn_at=None).update(
        withdrawn_at=clock.now(), withdrawn_by=user
    )
    withdrawn = Thread.objects.filter(author=user, withdrawn_at__isnull=False)
    withdrawn.update(title="", **empty)
    delete_files_of(Thread.KIND, withdrawn.values_list("pk", flat=True))
    erase_titles("thread", withdrawn.values_list("pk", flat=True))
    replies = Reply.objects.filter(author=user)
    replies.filter(thread__audience=Thread.Audience.ANSWERERS, withdrawn_at=None).update(
        withdrawn_at=clock.now(), withdrawn_by=user
    )
    gone = replies.filter(withdrawn_at__isnull=False)
    gone.update(**empty)
    delete_files_of(Reply.KIND, gone.values_list("pk", flat=True))
    ThreadVisit.objects.filter(user=user).delete()
    Unread.objects.filter(user=user).delete()
    advance(spaces)
