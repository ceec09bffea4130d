"""What the pages of conversations show, in a fixed number of queries, whatever the number of rows."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce

from community.posts.permissions import can_restore
from community.spaces.models import Space
from community.threads import unread
from community.threads.models import Reply, Thread, ThreadQuerySet

if TYPE_CHECKING:
    from community.people.models import User


def conversations_of(space: Space, reader: "User") -> ThreadQuerySet:
    """The conversations of a space: pinned ones, then those with the newest words.

    What was taken back keeps its place only when somebody replied.
    """
    listed = _listed(space, reader).filter(Q(withdrawn_at=None) | Q(reply_count__gt=0))
    return listed.order_by(F("pinned_at").desc(nulls_last=True), "-last_post_at", "-pk")


def questions_of(space: Space, reader: "User") -> ThreadQuerySet:
    """The questions of a space: those without an answer, the oldest first; then the last answered."""
    waiting = Q(answer=None) | Q(answer__withdrawn_at__isnull=False)
    asked = _listed(space, reader).filter(kind=Thread.Kind.QUESTION, withdrawn_at=None)
    return asked.annotate(
        waiting_since=Case(When(waiting, then=F("created_at"))),
        needs_answer=Case(When(waiting, then=0), default=1),
    ).order_by("needs_answer", "waiting_since", "-answered_at", "-pk")


@dataclass(frozen=True)
class Shown:
    """One page of a thread's replies, as its reader sees them."""

    page: int
    pages: int
    replies: list[Reply]
    first: int
    last: int
    first_new: int | None
    """The number of the first new reply, if it is on this page and this is not the first visit."""


def replies_shown(thread: Thread, reader: "User", page: int) -> Shown:
    """The replies of a page: those that stand, and a line for one that was taken back if others follow it."""
    size = unread.REPLIES_A_PAGE
    pages = unread.page_of_number(thread.last_number)
    page = min(max(page, 1), pages)
    first, last = (page - 1) * size + 1, min(page * size, thread.last_number)
    rows = thread.replies.filter(number__gte=first, number__lte=last).select_related("author", "withdrawn_by")
    replies = list(rows)
    if any(reply.withdrawn_at for reply in replies):
        newest = (
            thread.replies.filter(withdrawn_at=None)
            .order_by("-number")
            .values_list("number", flat=True)
            .first()
        )
        replies = [one for one in replies if _stays(one, thread, reader, newest or 0)]
    seen_to = thread.visits.filter(user=reader).values_list("number", flat=True).first()
    new = [
        one.number
        for one in replies
        if seen_to is not None
        and one.number > seen_to
        and one.author_id != reader.pk
        and one.withdrawn_at is None
    ]
    return Shown(page, pages, replies, first, last, new[0] if new else None)


def _stays(reply: Reply, thread: Thread, reader: "User", newest: int) -> bool:
    reply.thread = thread
    return reply.withdrawn_at is None or reply.number < newest or can_restore(reader, reply)


def _listed(space: Space, reader: "User") -> ThreadQuerySet:
    replies = Reply.objects.filter(thread=OuterRef("pk"), withdrawn_at=None).order_by().values("thread")
    counted = replies.annotate(many=Count("pk")).values("many")
    threads = Thread.objects.visible_to(reader).filter(space=space).select_related("author", "answer")
    return unread.with_reading(threads, reader).annotate(
        reply_count=Coalesce(Subquery(counted, output_field=IntegerField()), 0)
    )
