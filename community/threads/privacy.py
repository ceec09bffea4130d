"""What of a person is kept in conversations, and how it lets go of it."""

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from common import clock, privacy
from community.posts.models import NO_SEARCH_TEXT
from community.threads.models import Reply, Thread, ThreadVisit

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
)


def register() -> None:
    """Answer for conversations."""
    privacy.register("threads", export_for, erase, FIELDS)


def export_for(user: "User") -> dict[str, Any]:
    """Everything they said, what they took back included."""
    threads = Thread.objects.filter(author=user).select_related("space").order_by("pk")
    replies = Reply.objects.filter(author=user).select_related("thread__space").order_by("pk")
    # What a conversation of somebody else is called is theirs: only while one may read it.
    visible = Thread.objects.visible_to(user).published()
    titled = Thread.objects.filter(Q(author=user) | Q(pk__in=visible.values("pk")), replies__author=user)
    readable = set(titled.values_list("pk", flat=True))
    return {
        "conversations": [
            {
                "in": one.space.title,
                "kind": one.kind,
                "seen_by": one.audience,
                "title": one.title,
                "text": one.text,
                "on": one.created_at.isoformat(),
            }
            for one in threads
        ],
        "replies": [
            {
                "in": one.thread.space.title,
                "to": one.thread.title if one.thread_id in readable else "",
                "text": one.text,
                "tried": one.tried,
                "on": one.created_at.isoformat(),
            }
            for one in replies
        ],
    }


@transaction.atomic
def erase(user: "User") -> None:
    """What they said to everyone stays, under the account without a name, so that conversations hold.

    What they had taken back, and what was between them and the trainer, goes for good. How far they read too.
    """
    private = Q(audience=Thread.Audience.TRAINER)
    gone = {"text": "", "html": "", **NO_SEARCH_TEXT}
    Thread.objects.filter(Q(author=user) & private, withdrawn_at=None).update(
        withdrawn_at=clock.now(), withdrawn_by=user
    )
    Thread.objects.filter(author=user, withdrawn_at__isnull=False).update(title="", **gone)
    mine = Reply.objects.filter(author=user)
    mine.filter(thread__audience=Thread.Audience.TRAINER, withdrawn_at=None).update(
        withdrawn_at=clock.now(), withdrawn_by=user
    )
    mine.filter(withdrawn_at__isnull=False).update(**gone)
    ThreadVisit.objects.filter(user=user).delete()
