"""Export and erasure of a person's memberships."""

from typing import TYPE_CHECKING, Any

from django.db import transaction

from common import privacy
from common.access import SYSTEM
from community.spaces.actions import dismiss
from community.spaces.models import Membership
from messaging.chat.entries import lock_memberships

if TYPE_CHECKING:
    from community.people.models import User

FIELDS = (
    "community.Membership.user",
    "community.Membership.admitted_by",
    "community.Membership.dismissed_by",
)


def register() -> None:
    """Register with the privacy registry."""
    privacy.register("spaces", export_for, erase, FIELDS)


def export_for(user: "User") -> dict[str, Any]:
    """Where they were a member, and as what."""
    memberships = Membership.objects.filter(user=user).select_related("space").order_by("pk")
    return {
        "memberships": [
            {
                "space": membership.space.title,
                "role": membership.role,
                "from": membership.admitted_at.isoformat(),
                "to": membership.dismissed_at and membership.dismissed_at.isoformat(),
            }
            for membership in memberships
        ]
    }


@transaction.atomic
def erase(user: "User") -> None:
    """Dismiss the user from every space. The rows stay, since figures count them."""
    mine = Membership.objects.select_for_update(of=("self",)).filter(user=user)
    memberships = list(mine.select_related("space__room").order_by("pk"))
    lock_memberships(user)
    for membership in memberships:
        if membership.dismissed_at is None:
            dismiss(space=membership.space, user=user, by=SYSTEM)
    Membership.objects.filter(user=user).update(came_in_at=None, reads_along=False, ended_with_role=False)
