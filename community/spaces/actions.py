"""Opening spaces, moving their end, and memberships.

Only these functions write memberships and `closes_at`, and in the same transaction the copy that the chat
uses without a query here: the room's members and its end, and the revocation that ends open sockets and old
tickets. Rows are locked in this order: staff, memberships, rooms, members of rooms, bells.
"""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from common import clock
from common.access import SYSTEM, Refused, System, recorded, require
from common.database import if_there_is_room
from community.institutes import roles
from community.institutes.models import Institute, Staff
from community.people import belonging
from community.spaces.kinds import Right, kind_named, kind_of, roles_where
from community.spaces.models import Membership, Space
from community.spaces.permissions import can_dismiss, clear_standing, joining_role, membership_in
from messaging.chat import actions as chat
from messaging.chat.entries import lock_memberships
from messaging.notifications import bell

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from community.people.models import User


def register() -> None:
    """Register listeners for roles at institutes, and what becomes of the memberships of an invited person
    whose account is another."""
    roles.on_role_ended(end_with_role)
    roles.on_role_given(restore_with_role)
    belonging.register(_institutes_of_members)
    for model in ("community.Membership", "messaging.RoomMember"):
        belonging.register_mover(model, _move_memberships)


@transaction.atomic
def open_space(
    *,
    kind: str,
    title: str,
    language: str,
    time_zone: str,
    closes_at: dt.datetime | None = None,
    institute: Institute | None = None,
) -> Space:
    """Create a space, open from now. Raises ValueError for an end that spaces of this kind do not have."""
    _require_end(kind, closes_at)
    return Space.objects.create(
        kind=kind,
        institute=institute,
        title=title,
        language=language,
        closes_at=closes_at,
        time_zone=time_zone,
        opened_at=clock.now(),
        room=chat.open_room(closes_at=closes_at),
    )


@transaction.atomic
def admit(
    *,
    space: Space,
    user: "User",
    role: str,
    by: "User | System",
    awaiting_until: dt.datetime | None = None,
) -> tuple[Membership, bool]:
    """Admit a user, or change their role. Returns the membership and whether it changed.

    A role is never lowered (the ranks of the kind decide): a trainer who is also enrolled remains trainer, a
    confirmed participant is not made to wait again. Raises Refused for a role that comes with one at the
    institute which the person does not have.
    """
    _lock_role_behind(space, user.pk, role)
    membership, created = Membership.objects.select_for_update().get_or_create(
        space=space,
        user=user,
        defaults={
            "role": role,
            "admitted_by": recorded(by),
            "awaiting_until": awaiting_until,
            "admitted_at": clock.now(),
        },
    )
    if created:
        mirror_to_room(membership)
        return membership, True
    before = (membership.role, membership.awaiting_until, membership.dismissed_at)
    readmitted = membership.dismissed_at is not None
    if readmitted:
        membership.dismissed_at, membership.dismissed_by, membership.ended_with_role = None, None, False
        membership.admitted_at, membership.admitted_by = clock.now(), recorded(by)
    kind = kind_of(space)
    if readmitted or kind.role(membership.role).rank < kind.role(role).rank:
        membership.role = role
    if awaiting_until is None or readmitted:
        membership.awaiting_until = awaiting_until
    changed = before != (membership.role, membership.awaiting_until, membership.dismissed_at)
    if changed:
        membership.save()
        mirror_to_room(membership)
    if readmitted:
        bell.recount(user=user, scope=space.scope)
    return membership, changed


@transaction.atomic
def dismiss(*, space: Space, user: "User", by: "User | System") -> bool:
    """End a membership; posts stay. Returns whether the user was a member.

    Like `admit`, it is called by use-cases that have checked the permission.
    """
    # An explicit dismissal wins: a membership that ended with a role is not restored with it afterwards.
    Membership.objects.filter(space=space, user=user, ended_with_role=True).update(
        dismissed_by=recorded(by), ended_with_role=False
    )
    return _end(space, user, dismissed_by=recorded(by))


def _institutes_of_members(users: Iterable[int]) -> "Iterable[tuple[int, int]]":
    mine = Membership.objects.filter(user__in=users, space__institute__isnull=False)
    return mine.values_list("user", "space__institute")


def _move_memberships(invited: "User", account: "User") -> None:
    current = Membership.objects.filter(user=invited, dismissed_at=None).select_related("space__room")
    for each in current.order_by("pk"):
        admit(
            space=each.space,
            user=account,
            role=each.role,
            by=each.admitted_by or SYSTEM,
            awaiting_until=each.awaiting_until,
        )


def _end(space: Space, user: "User", **how: object) -> bool:
    ended = Membership.objects.filter(space=space, user=user, dismissed_at=None).update(
        dismissed_at=clock.now(), **how
    )
    if ended:
        chat.dismiss(room=space.room, user=user)
        bell.recount(user=user, scope=space.scope)
    clear_standing(user)
    return bool(ended)


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
        if not _lower(space, user):
            _end(space, user, ended_with_role=True)


@transaction.atomic
def end_role(*, space: Space, user: "User", role: str, by: "User | System") -> None:
    """End what somebody was here, after the reason for it: they stay as what else they are here, or are
    dismissed. Changes nothing for who is not in this role.

    Like `dismiss` it is called by use-cases that asked whether they may.
    """
    mine = Membership.objects.select_for_update().filter(space=space, user=user, role=role, dismissed_at=None)
    if mine.first() is not None and not _lower(space, user):
        dismiss(space=space, user=user, by=by)


def _lower(space: Space, user: "User") -> bool:
    """Give a member whose role ended the one that remains. Returns whether there is one."""
    role = kind_of(space).remaining_role(space, user)
    if role is None:
        return False
    membership = Membership.objects.select_related("space__room", "user").get(space=space, user=user)
    membership.role = role
    membership.save(update_fields=["role"])
    mirror_to_room(membership)
    bell.recount(user=user, scope=space.scope)
    return True


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
        _restore(membership)


def _lock_for_change_of_several(memberships: "QuerySet[Membership]", user: "User") -> list[Space]:
    """Lock these memberships of one user, and all their rooms; returns the spaces."""
    locked = memberships.select_for_update(of=("self",)).select_related("space__room")
    spaces = [one.space for one in locked.order_by("pk")]
    if spaces:
        lock_memberships(user)
    return spaces


def _restore(membership: Membership) -> None:
    membership.dismissed_at, membership.dismissed_by, membership.ended_with_role = None, None, False
    membership.save(update_fields=["dismissed_at", "dismissed_by", "ended_with_role"])
    mirror_to_room(membership)
    bell.recount(user=membership.user, scope=membership.space.scope)


def _lock_role_behind(space: Space, user_id: int, role: str) -> None:
    """Lock the role at the institute that this role comes with, so that it cannot end concurrently."""
    there = kind_of(space).role(role).comes_with
    if not there:
        return
    staff = Staff.objects.select_for_update().filter(institute=space.institute_id, user=user_id, role=there)
    require(staff.exists(), gettext("Only who coordinates the institute can be its coordinator here."))


def lock_members(*, space: Space, users: "Iterable[User]") -> None:
    """Lock the memberships of several, for actions that change more than one before they commit.

    With them those who are awaiting, whose end in the room moves with the end of the space: an action that
    has locked the room must not wait for another membership.
    """
    wanted = Q(user__in=[user.pk for user in users]) | Q(awaiting_until__isnull=False, dismissed_at=None)
    list(Membership.objects.select_for_update().filter(wanted, space=space).order_by("pk"))


@transaction.atomic
def dismiss_all(*, space: Space, users: "Iterable[User]", by: "User | System") -> None:
    """End the memberships of several. Bells are locked by the person's id everywhere; another order
    could deadlock."""
    in_lock_order = sorted(users, key=lambda user: user.pk)
    lock_members(space=space, users=in_lock_order)
    for user in in_lock_order:
        dismiss(space=space, user=user, by=by)


@transaction.atomic
def await_again(*, space: Space, user: "User", role: str, until: dt.datetime) -> None:
    """The confirmation of a member was undone: they are awaiting as before, if they are still in this
    role."""
    membership = (
        Membership.objects.select_for_update().filter(space=space, user=user, dismissed_at=None).first()
    )
    if membership is not None and membership.role == role:
        membership.awaiting_until = until
        membership.save(update_fields=["awaiting_until"])
        mirror_to_room(membership)


@transaction.atomic
def dismiss_member(*, space: Space, user: "User", by: "User") -> bool:
    """End a membership. Returns whether the user was a member.

    Raises Refused when `by` may not dismiss members, and for the last one who answers questions in an open
    space of a kind that needs one.
    """
    require(can_dismiss(by, space), str(kind_of(space).sentences.may_not_choose))
    require_another_answerer(space=space, user=user)
    return dismiss(space=space, user=user, by=by)


@transaction.atomic
def readmit(*, space: Space, user: "User", by: "User") -> bool:
    """Restore a membership with its role. Returns whether the user had been dismissed.

    Raises Refused when `by` may not dismiss members, and when the role came with one at the institute which
    the user no longer has.
    """
    require(can_dismiss(by, space), str(kind_of(space).sentences.may_not_choose))
    dismissed = Membership.objects.filter(space=space, user=user, dismissed_at__isnull=False)
    if (role := dismissed.values_list("role", flat=True).first()) is None:
        return False
    _lock_role_behind(space, user.pk, role)
    membership = dismissed.select_for_update().first()
    if membership is None:
        return False
    _restore(membership)
    return True


def lock_answerers(space: Space) -> list[int]:
    """Lock the memberships of those who answer questions here, so that none of them leaves before the end of
    the transaction. Returns the ids of the people who can be reached."""
    members = Membership.objects.current().with_right(Right.ANSWER).filter(space=space)
    # PostgreSQL checks the condition again for a row that it had to wait for.
    locked = list(members.select_for_update(of=("self",)).select_related("user").order_by("pk"))
    return [one.user_id for one in locked if one.user.joined_at and not one.user.suspended_at]


def require_another_answerer(*, space: Space, user: "User") -> None:
    """Raise Refused if this user is the only one who answers questions in an open space that needs one."""
    kind = kind_of(space)
    if kind.needs_answerer and space.is_open and lock_answerers(space) == [user.pk]:
        raise Refused(str(kind.sentences.last_answerer) % {"name": user.name})


def admit_writing_staff(*, space: Space, user: "User") -> None:
    """Admit staff of the institute who write here, if a role here comes with theirs. Raises Refused when
    theirs has ended meanwhile."""
    role = joining_role(user, space)
    if role is not None and membership_in(user, space) is None:
        admit(space=space, user=user, role=role.name, by=user)


def record_first_visit(*, space: Space, user: "User") -> None:
    """Record a member's first visit. Others see whether it happened, never when. Idempotent."""
    membership = membership_in(user, space)
    if membership is not None and membership.came_in_at is None:
        membership.came_in_at = clock.now()
        first = Membership.objects.filter(pk=membership.pk, came_in_at=None)
        with if_there_is_room():
            first.update(came_in_at=membership.came_in_at)


@transaction.atomic
def read_along(*, space: Space, user: "User", on: bool) -> None:
    """Turn reminders off (or on again) for a member. Raises Refused when the user is no member."""
    membership = membership_in(user, space)
    if membership is None:
        raise Refused(gettext("Only members of this space can choose this."))
    Membership.objects.filter(pk=membership.pk).update(reads_along=on)
    membership.reads_along = on


@transaction.atomic
def move_end(*, space: Space, closes_at: dt.datetime | None) -> None:
    """Set when talk closes. A moment in the future opens a closed space again.

    Raises ValueError for an end that spaces of this kind do not have.
    """
    _require_end(space.kind, closes_at)
    # Awaiting memberships end with the space at the latest. Locked before the room, see above.
    awaiting = space.memberships.filter(dismissed_at=None, awaiting_until__isnull=False)
    memberships = list(awaiting.select_for_update(of=("self",)).select_related("user").order_by("pk"))
    Space.objects.filter(pk=space.pk).update(closes_at=closes_at)
    space.closes_at = closes_at
    chat.move_end(room=space.room, closes_at=closes_at)
    for membership in memberships:
        membership.space = space
        mirror_to_room(membership)


def _require_end(kind: str, closes_at: dt.datetime | None) -> None:
    if closes_at is not None and not kind_named(kind).ends:
        raise ValueError(f"spaces of kind {kind} have no end")


def mirror_to_room(membership: Membership) -> None:
    """Copy a membership that is not dismissed to the space's room: its role, whether it keeps order, and when
    it ends."""
    space = membership.space
    chat.admit(
        room=space.room,
        user=membership.user,
        role=membership.role,
        keeps_order=Right.KEEP_ORDER in membership.rights,
        until=membership.ends_at(space.closes_at),
    )
    clear_standing(membership.user)
