"""What the pages of conversations show, and what is new to a reader: a fixed number of queries each.

A thread is new when its reader, who did not start it, has never opened it; or when others have replied after
the last reply its reader saw. Withdrawn posts are never new.
"""

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce

from common.database import if_there_is_room
from common.paths import path_of
from community.spaces.models import Space
from community.threads.models import Reply, Thread, ThreadQuerySet, ThreadVisit
from community.unread.actions import advance_own

if TYPE_CHECKING:
    from community.people.models import User

REPLIES_PER_PAGE = 30


def page_of_number(number: int) -> int:
    """The page of a thread that has the reply with this number."""
    return max(0, number - 1) // REPLIES_PER_PAGE + 1


def with_reading(threads: ThreadQuerySet, user: "User") -> ThreadQuerySet:
    """Annotate what the reader has read: `seen_to` (or None), `new_replies`, `first_new`, `is_new`."""
    visit = ThreadVisit.objects.filter(thread=OuterRef("pk"), user=user).values("number")[:1]
    new = new_to(
        user, Reply.objects.filter(thread=OuterRef("pk"), number__gt=Coalesce(OuterRef("seen_to"), 0))
    )
    counted = new.order_by().values("thread")
    return threads.annotate(
        seen_to=Subquery(visit),
        new_replies=Coalesce(
            Subquery(counted.annotate(count=Count("pk")).values("count"), output_field=IntegerField()), 0
        ),
        first_new=Subquery(counted.annotate(least=Min("number")).values("least")),
        is_new=ExpressionWrapper(
            Q(seen_to=None, withdrawn_at=None) & ~Q(author=user), output_field=BooleanField()
        ),
    )


def new_to(user: "User", replies: QuerySet[Reply]) -> QuerySet[Reply]:
    """Replies that can be new to this reader: published ones of others."""
    return replies.filter(withdrawn_at=None).exclude(author=user)


def wrote_in(user: "User") -> Q:
    """The threads that somebody started or wrote in."""
    replies = Reply.objects.published().filter(thread=OuterRef("pk"), author=user)
    return Q(author=user) | Q(Exists(replies))


def unread(threads: ThreadQuerySet, user: "User") -> ThreadQuerySet:
    """Of these threads those that have something new to the reader."""
    return with_reading(threads, user).filter(Q(is_new=True) | Q(new_replies__gt=0))


def having_news(threads: ThreadQuerySet, user: "User") -> ThreadQuerySet:
    """As `unread`, with nothing annotated: cheaper to count."""
    visit = ThreadVisit.objects.filter(thread=OuterRef("pk"), user=user).values("number")[:1]
    replies = Reply.objects.filter(thread=OuterRef("pk"), number__gt=Coalesce(OuterRef("seen_to"), 0))
    never_opened = Q(seen_to=None, withdrawn_at=None) & ~Q(author=user)
    return threads.alias(seen_to=Subquery(visit)).filter(never_opened | Exists(new_to(user, replies)))


def url_at_first_new(thread: int, seen_to: int | None, first_new: int | None) -> str:
    """The URL of a thread for a reader, by what `with_reading` says: at its first new reply, or its top."""
    if seen_to is None or first_new is None:
        return path_of("thread", thread)
    return url_at_number(thread, first_new)


def url_at_number(thread: int, number: int) -> str:
    """The URL of a reply: its page of the thread, and its anchor."""
    return f"{path_of('thread', thread)}?page={page_of_number(number)}#reply-{number}"


def mark_seen(thread: Thread, user: "User", *, first: int, last: int) -> None:
    """Record that the reader saw the thread's opening and its replies from number `first` to `last`.

    A later page is not recorded while there are unread replies before it.
    """
    with if_there_is_room():
        visit, changed = ThreadVisit.objects.get_or_create(thread=thread, user=user)
        between = Reply.objects.filter(thread=thread, number__gt=visit.number, number__lt=first)
        if last > visit.number and not new_to(user, between).exists():
            changed |= bool(ThreadVisit.objects.filter(pk=visit.pk, number__lt=last).update(number=last))
        if changed:
            advance_own(user, thread.space_id)


@transaction.atomic
def mark_all_seen(space: Space, user: "User") -> None:
    """Mark everything in this space's threads as read."""
    unread_rows = list(
        unread(Thread.objects.visible_to(user).filter(space=space), user).values_list("pk", "last_number")
    )
    visits = [ThreadVisit(thread_id=pk, user=user, number=number) for pk, number in unread_rows]
    ThreadVisit.objects.bulk_create(
        visits, update_conflicts=True, unique_fields=["thread", "user"], update_fields=["number"]
    )
    advance_own(user, space.pk)
