"""Which practices are new to a reader: those of others that they have not opened."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q

from common.database import if_there_is_room
from community.practices.models import Practice, PracticeQuerySet, PracticeVisit
from community.spaces.models import Space

if TYPE_CHECKING:
    from community.people.models import User


def with_reading(practices: PracticeQuerySet, user: "User") -> PracticeQuerySet:
    """Annotate whether each is new to the reader: `is_new`."""
    return practices.annotate(is_new=ExpressionWrapper(_is_new(user), output_field=BooleanField()))


def unread(practices: PracticeQuerySet, user: "User") -> PracticeQuerySet:
    """Of these practices those that are new to the reader."""
    return practices.filter(_is_new(user))


def unread_practices(user: "User", space_ids: Iterable[int]) -> dict[int, int]:
    """The number of practices new to the reader, by space, in one query; spaces with none are left out."""
    visible = Practice.objects.visible_to(user).filter(space__in=list(space_ids))
    new = unread(visible, user).order_by()
    return dict(new.values("space").annotate(count=Count("pk")).values_list("space", "count"))


def mark_seen(practice: Practice, user: "User") -> None:
    """Record that the reader has opened this practice."""
    with if_there_is_room():
        PracticeVisit.objects.get_or_create(practice=practice, user=user)


def mark_all_seen(space: Space, user: "User") -> None:
    """Mark all practices of this space as read."""
    new = unread(Practice.objects.visible_to(user).filter(space=space), user)
    visits = [PracticeVisit(practice_id=pk, user=user) for pk in new.values_list("pk", flat=True)]
    PracticeVisit.objects.bulk_create(visits, ignore_conflicts=True)


def _is_new(user: "User") -> Q:
    visited = Exists(PracticeVisit.objects.filter(practice=OuterRef("pk"), user=user))
    return Q(~visited) & ~Q(author=user) & Q(withdrawn_at=None, published_at__isnull=False)
