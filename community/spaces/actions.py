"""Opening, moving the end of and entering a space. Only these functions write memberships and `closes_at`,
and with them the room's."""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext

from common import clock
from common.access import Refused, require
from community.institutes.models import Institute
from community.spaces.models import Membership, Space
from community.spaces.permissions import can_dismiss, forget_standing, is_coordinator, membership_in
from messaging.chat import actions as chat
from messaging.notifications import bell

if TYPE_CHECKING:
    from community.people.models import User


@transaction.atomic
def open_space(
    *, kind: str, institute: Institute, title: str, language: str, closes_at: dt.datetime | None
) -> Space:
    """A new space, open from now."""
    return Space.objects.create(
        kind=kind,
        institute=institute,
        title=title,
        language=language,
        closes_at=closes_at,
        time_zone=institute.time_zone,
        opened_at=clock.now(),
        room=chat.open_room(closes_at=closes_at),
    )


@transaction.atomic
def admit(
    *,
    space: Space,
    user: "User",
    role: str,
    by: "User | None",
    awaiting_until: dt.datetime | None = None,
) -> tuple[Membership, bool]:
    """Let somebody in, or change what they are there. Returns the membership and whether it changed.

    Who stands higher stays there: a trainer who is also enrolled remains trainer, a confirmed participant is
    not made to wait again.
    """
    membership, created = Membership.objects.select_for_update().get_or_create(
        space=space,
        user=user,
        defaults={
            "role": role,
            "admitted_by": by,
            "awaiting_until": awaiting_until,
            "admitted_at": clock.now(),
        },
    )
    if created:
        _into_room(membership)
        return membership, True
    before = (membership.role, membership.awaiting_until, membership.dismissed_at)
    back = membership.dismissed_at is not None
    if back:
        membership.dismissed_at = membership.dismissed_by = None
        membership.admitted_at, membership.admitted_by = clock.now(), by
    if back or membership.role == Membership.Role.PARTICIPANT:
        membership.role = role
    if awaiting_until is None or back:
        membership.awaiting_until = awaiting_until
    changed = before != (membership.role, membership.awaiting_until, membership.dismissed_at)
    if changed:
        membership.save()
        _into_room(membership)
    if back:
        bell.recount(user=user, scope=space.scope)
    return membership, changed


@transaction.atomic
def dismiss(*, space: Space, user: "User", by: "User | None") -> bool:
    """End somebody's membership; what they wrote stays. Returns whether they were a member.

    Like `admit` it is called by use-cases that asked whether they may, or by a rule of the month (no `by`).
    """
    ended = Membership.objects.filter(space=space, user=user, dismissed_at=None).update(
        dismissed_at=clock.now(), dismissed_by=by
    )
    if ended:
        chat.dismiss(room=space.room, user=user)
        bell.recount(user=user, scope=space.scope)
    forget_standing(user)
    return bool(ended)


def hold_members(*, space: Space, users: "Iterable[User]") -> None:
    """Hold several memberships at once, until the end of the transaction: before the room, as for one."""
    held = Membership.objects.select_for_update().filter(space=space, user__in=[user.pk for user in users])
    list(held.order_by("pk"))


@transaction.atomic
def dismiss_all(*, space: Space, users: "Iterable[User]", by: "User | None") -> None:
    """End the memberships of several, in the order in which bells are held everywhere, so that nobody waits
    in a circle."""
    going = sorted(users, key=lambda user: user.pk)
    hold_members(space=space, users=going)
    for user in going:
        dismiss(space=space, user=user, by=by)


@transaction.atomic
def await_again(*, space: Space, user: "User", until: dt.datetime) -> None:
    """The confirmation of a member was undone: they are awaiting as before, and nobody else notices."""
    membership = (
        Membership.objects.select_for_update().filter(space=space, user=user, dismissed_at=None).first()
    )
    if membership is not None and membership.role == Membership.Role.PARTICIPANT:
        membership.awaiting_until = until
        membership.save(update_fields=["awaiting_until"])
        _into_room(membership)


@transaction.atomic
def remove_member(*, space: Space, user: "User", by: "User") -> bool:
    """A coordinator ends somebody's membership."""
    require(can_dismiss(by, space), gettext("Only the institute's coordinators decide who is in this space."))
    return dismiss(space=space, user=user, by=by)


@transaction.atomic
def return_member(*, space: Space, user: "User", by: "User") -> bool:
    """A coordinator lets somebody back in as what they were. Returns whether they had been dismissed."""
    require(can_dismiss(by, space), gettext("Only the institute's coordinators decide who is in this space."))
    gone = Membership.objects.filter(space=space, user=user).exclude(dismissed_at=None)
    membership = gone.select_for_update().first()
    if membership is None:
        return False
    membership.dismissed_at = membership.dismissed_by = None
    membership.save(update_fields=["dismissed_at", "dismissed_by"])
    _into_room(membership)
    bell.recount(user=user, scope=space.scope)
    return True


def admit_writing_staff(*, space: Space, user: "User") -> None:
    """Put the institute's coordinator who writes here into the list of people, as what they are."""
    if membership_in(user, space) is None and is_coordinator(user, space):
        admit(space=space, user=user, role=Membership.Role.COORDINATOR, by=user)


def come_in(*, space: Space, user: "User") -> None:
    """Keep that a member has been here. Their trainers see whether, nobody sees when."""
    membership = membership_in(user, space)
    if membership is not None and membership.came_in_at is None:
        membership.came_in_at = clock.now()
        Membership.objects.filter(pk=membership.pk, came_in_at=None).update(came_in_at=membership.came_in_at)


@transaction.atomic
def read_along(*, space: Space, user: "User", on: bool) -> None:
    """A member chooses to read along only, and is not nudged; or takes that back."""
    membership = membership_in(user, space)
    if membership is None:
        raise Refused(gettext("Only members of this space can choose this."))
    Membership.objects.filter(pk=membership.pk).update(reads_along=on)
    membership.reads_along = on


@transaction.atomic
def move_end(*, space: Space, closes_at: dt.datetime) -> None:
    """Set the moment from which talk is closed. A later moment than now opens a closed space again."""
    Space.objects.filter(pk=space.pk).update(closes_at=closes_at)
    space.closes_at = closes_at
    chat.move_end(room=space.room, closes_at=closes_at)


def _into_room(membership: Membership) -> None:
    """Whoever is in the space is in its room, as the same and for as long."""
    chat.admit(
        room=membership.space.room,
        user=membership.user,
        role=membership.role,
        until=membership.awaiting_until,
    )
    forget_standing(membership.user)
