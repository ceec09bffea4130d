"""Memberships that come with a role at an institute: they end with it, and come back with it."""

from typing import TYPE_CHECKING

from django.db import transaction

from community.institutes import roles
from community.institutes.models import Institute
from community.spaces.actions import end_membership, lower_role, restore_membership
from community.spaces.kinds import roles_where
from community.spaces.models import Membership, Space
from messaging.chat.entries import lock_memberships

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from community.people.models import User


def register() -> None:
    """Register listeners for roles at institutes."""
    roles.on_role_ended(end_with_role)
    roles.on_role_given(restore_with_role)


@transaction.atomic
def end_with_role(user: "User", institute: Institute, role: str) -> None:
    """End the memberships that came with a role at an institute, after that role has ended.

    Where the kind knows another reason for a membership, its role becomes that (`remaining_role`).
    """
    mine = Membership.objects.filter(
        roles_where(lambda here: here.comes_with == role),
        user=user,
        space__institute=institute,
        dismissed_at=None,
    )
    spaces = _lock_for_change_of_several(mine, user)
    for space in spaces:
        if not lower_role(space, user):
            end_membership(space, user, ended_with_role=True)


@transaction.atomic
def restore_with_role(user: "User", institute: Institute, role: str) -> None:
    """Undo `end_with_role` after the role was given again. Explicit dismissals stay."""
    mine = Membership.objects.filter(
        roles_where(lambda here: here.comes_with == role),
        user=user,
        space__institute=institute,
        ended_with_role=True,
    )
    for space in _lock_for_change_of_several(mine, user):
        membership = Membership.objects.select_related("space__room", "user").get(space=space, user=user)
        restore_membership(membership)


def _lock_for_change_of_several(memberships: "QuerySet[Membership]", user: "User") -> list[Space]:
    """Lock these memberships of one user, and all their rooms; returns the spaces."""
    locked = memberships.select_for_update(of=("self",)).select_related("space__room")
    spaces = [one.space for one in locked.order_by("pk")]
    if spaces:
        lock_memberships(user)
    return spaces
