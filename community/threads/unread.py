"""What is new to a reader, exactly.

A conversation is new when its reader, who did not start it, has never opened it; or when others have
replied after the last reply its reader saw. What is withdrawn is not new to anybody.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import (
    BooleanField,
    Count,
    ExpressionWrapper,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce
from django.urls import reverse

from community.spaces.models import Space
from community.threads.models import Reply, Thread, ThreadQuerySet, ThreadVisit

if TYPE_CHECKING:
    from community.people.models import User

REPLIES_A_PAGE = 30


def page_of_number(number: int) -> int:
    """The page of a thread on which the reply with this number stands."""
    return max(0, number - 1) // REPLIES_A_PAGE + 1


def with_reading(threads: ThreadQuerySet, user: "User") -> ThreadQuerySet:
    """Threads with how far the reader came: `seen_to` (or none), `new_replies`, `first_new`, `is_new`."""
    visit = ThreadVisit.objects.filter(thread=OuterRef("pk"), user=user).values("number")[:1]
    new = new_to(
        user, Reply.objects.filter(thread=OuterRef("pk"), number__gt=Coalesce(OuterRef("seen_to"), 0))
    )
    counted = new.order_by().values("thread")
    return threads.annotate(
        seen_to=Subquery(visit),
        new_replies=Coalesce(
            Subquery(counted.annotate(many=Count("pk")).values("many"), output_field=IntegerField()), 0
        ),
        first_new=Subquery(counted.annotate(least=Min("number")).values("least")),
        is_new=ExpressionWrapper(
            Q(seen_to=None, withdrawn_at=None) & ~Q(author=user), output_field=BooleanField()
        ),
    )


def new_to(user: "User", replies: QuerySet[Reply]) -> QuerySet[Reply]:
    """Replies that can be new to this reader at all: those of others that stand."""
    return replies.filter(withdrawn_at=None).exclude(author=user)


def unread(threads: ThreadQuerySet, user: "User") -> ThreadQuerySet:
    """Of these threads those that are new to the reader."""
    return with_reading(threads, user).filter(Q(is_new=True) | Q(new_replies__gt=0))


def unread_threads(user: "User", space_ids: Iterable[int]) -> dict[int, int]:
    """How many conversations are new to the reader, by space, in one query; spaces with none are left out."""
    visible = Thread.objects.visible_to(user).filter(space__in=list(space_ids))
    counts = unread(visible, user).order_by().values("space").annotate(many=Count("pk"))
    return dict(counts.values_list("space", "many"))


def goes_on_at(thread: Thread) -> int | None:
    """The number at which a thread from `with_reading` goes on for who has read in it before, if it does."""
    return thread.first_new if thread.seen_to is not None else None  # type: ignore[attr-defined]


def opens_at(thread: Thread) -> str:
    """The address at which a thread from `with_reading` opens: its first new reply, or its top."""
    url, number = reverse("thread", args=[thread.pk]), goes_on_at(thread)
    return f"{url}?page={page_of_number(number)}#reply-{number}" if number else url


def mark_seen(thread: Thread, user: "User", *, first: int, last: int) -> None:
    """Keep that the reader was shown the thread's opening and its replies from number `first` to `last`.

    A page farther on does not mark what stands unread before it.
    """
    visit, _created = ThreadVisit.objects.get_or_create(thread=thread, user=user)
    between = Reply.objects.filter(thread=thread, number__gt=visit.number, number__lt=first)
    if last > visit.number and not new_to(user, between).exists():
        ThreadVisit.objects.filter(pk=visit.pk, number__lt=last).update(number=last)


def mark_all_seen(space: Space, user: "User") -> None:
    """Keep that the reader needs none of what is new in this space's conversations now."""
    fresh = list(
        unread(Thread.objects.visible_to(user).filter(space=space), user).values_list("pk", "last_number")
    )
    visits = [ThreadVisit(thread_id=pk, user=user, number=number) for pk, number in fresh]
    ThreadVisit.objects.bulk_create(
        visits, update_conflicts=True, unique_fields=["thread", "user"], update_fields=["number"]
    )
