"""Opening spaces, moving their end, and memberships.

Only these functions write memberships and `closes_at`, and in the same transaction the copy that the chat
uses without a query here: the room's members and its end, and the revocation that ends open sockets and old
tickets. Rows are locked in this order: staff, memberships, rooms, members of rooms, bells.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from common import clock
from common.access import SYSTEM, Refused, System, recorded, require
from common.database import get_or_create_all, if_there_is_room
from community.institutes.models import Institute, Staff
from community.people import belonging
from community.spaces.kinds import Right, kind_named, kind_of
from community.spaces.models import Membership, Space
from community.spaces.permissions import can_dismiss, clear_standing, joining_role, membership_in
from messaging.chat import actions as chat
from messaging.notifications import bell

if TYPE_CHECKING:
    from community.people.models import User


def register() -> None:
    """Register what becomes of the memberships of an invited person whose account is another."""
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


def admit(
    *,
    space: Space,
    user: "User",
    role: str,
    by: "User | System",
    awaiting_until: dt.datetime | None = None,
) -> tuple[Membership, bool]:
    """Admit one user, see `admit_all`. Returns the membership and whether it changed."""
    [admitted] = admit_all(space=space, users=[user], role=role, by=by, awaiting_until=awaiting_until)
    return admitted


@transaction.atomic
def admit_all(
    *,
    space: Space,
    users: "Iterable[User]",
    role: str,
    by: "User | System",
    awaiting_until: dt.datetime | None = None,
) -> list[tuple[Membership, bool]]:
    """Admit users, or change their role, in a fixed number of statements, and some more for each who is
    readmitted. Returns the memberships in the order of the users' ids, and whether each changed.

    A role is never lowered (the ranks of the kind decide): a trainer who is also enrolled remains trainer, a
    confirmed participant is not made to wait again. Raises Refused for a role that comes with one at the
    institute which the person does not have.
    """
    by_pk = {user.pk: user for user in sorted(users, key=lambda user: user.pk)}
    _lock_role_behind(space, by_pk, role)
    here, created = _lock_or_create(
        space, by_pk, role=role, admitted_by=recorded(by), awaiting_until=awaiting_until
    )
    changed, readmitted = [], []
    for pk, user in by_pk.items():
        membership = here[pk]
        membership.space, membership.user = space, user
        if pk in created:
            continue
        if membership.dismissed_at is not None:
            readmitted.append(membership)
        if _change(membership, role, by, awaiting_until):
            changed.append(membership)
    Membership.objects.bulk_update(changed, _CHANGED_BY_ADMITTING)
    mirror_to_room(space, [*(here[pk] for pk in by_pk if pk in created), *changed])
    if readmitted:
        # Of all, in one order: those who admit them notify the others next, who may come before these.
        bell.lock_bells(users=by_pk.values())
    for membership in readmitted:
        bell.recount(user=membership.user, scope=space.scope)
    new = created.union(membership.user_id for membership in changed)
    return [(here[pk], pk in new) for pk in by_pk]


def _lock_or_create(
    space: Space, users: "Mapping[int, User]", **how: Any
) -> tuple[dict[int, Membership], set[int]]:
    """The memberships of these users, locked, and the ids of those who had none."""
    existing, now = Membership.objects.select_for_update().filter(space=space, user__in=users), clock.now()
    return get_or_create_all(
        users,
        lambda: {membership.user_id: membership for membership in existing.order_by("pk")},
        lambda pk: Membership(space=space, user=users[pk], admitted_at=now, **how),
    )


_CHANGED_BY_ADMITTING = [
    "role",
    "awaiting_until",
    "admitted_at",
    "admitted_by",
    "dismissed_at",
    "dismissed_by",
    "ended_with_role",
]


def _change(
    membership: Membership, role: str, by: "User | System", awaiting_until: dt.datetime | None
) -> bool:
    """Change a membership to that of somebody who is admitted now. Returns whether it is another one then."""
    before = (membership.role, membership.awaiting_until, membership.dismissed_at)
    readmitted, kind = membership.dismissed_at is not None, kind_of(membership.space)
    if readmitted:
        membership.dismissed_at, membership.dismissed_by, membership.ended_with_role = None, None, False
        membership.admitted_at, membership.admitted_by = clock.now(), recorded(by)
    if readmitted or kind.role(membership.role).rank < kind.role(role).rank:
        membership.role = role
    if awaiting_until is None or readmitted:
        membership.awaiting_until = awaiting_until
    return before != (membership.role, membership.awaiting_until, membership.dismissed_at)


@transaction.atomic
def dismiss(*, space: Space, user: "User", by: "User | System") -> bool:
    """End a membership; posts stay. Returns whether the user was a member.

    Like `admit`, it is called by use-cases that have checked the permission.
    """
    # An explicit dismissal wins: a membership that ended with a role is not restored with it afterwards.
    Membership.objects.filter(space=space, user=user, ended_with_role=True).update(
        dismissed_by=recorded(by), ended_with_role=False
    )
    return end_membership(space, user, dismissed_by=recorded(by))


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


def end_membership(space: Space, user: "User", **how: object) -> bool:
    """End a membership, with these columns for how. Returns whether there was one."""
    ended = Membership.objects.filter(space=space, user=user, dismissed_at=None).update(
        dismissed_at=clock.now(), **how
    )
    if ended:
        chat.dismiss(room=space.room, user=user)
        bell.recount(user=user, scope=space.scope)
    clear_standing(user)
    return bool(ended)


@transaction.atomic
def end_role(*, space: Space, user: "User", role: str, by: "User | System") -> None:
    """End what somebody was here, after the reason for it: they stay as what else they are here, or are
    dismissed. Changes nothing for who is not in this role.

    Like `dismiss` it is called by use-cases that asked whether they may.
    """
    mine = Membership.objects.select_for_update().filter(space=space, user=user, role=role, dismissed_at=None)
    if mine.first() is not None and not lower_role(space, user):
        dismiss(space=space, user=user, by=by)


def lower_role(space: Space, user: "User") -> bool:
    """Give a member whose role ended the one that remains. Returns whether there is one."""
    role = kind_of(space).remaining_role(space, user)
    if role is None:
        return False
    membership = Membership.objects.select_related("space__room", "user").get(space=space, user=user)
    membership.role = role
    membership.save(update_fields=["role"])
    mirror_to_room(membership.space, [membership])
    bell.recount(user=user, scope=space.scope)
    return True


def restore_membership(membership: Membership) -> None:
    """Restore a membership that was ended, with its role."""
    membership.dismissed_at, membership.dismissed_by, membership.ended_with_role = None, None, False
    membership.save(update_fields=["dismissed_at", "dismissed_by", "ended_with_role"])
    mirror_to_room(membership.space, [membership])
    bell.recount(user=membership.user, scope=membership.space.scope)


def _lock_role_behind(space: Space, users: Collection[int], role: str) -> None:
    """Lock the roles at the institute that this role comes with, so that they cannot end concurrently."""
    there = kind_of(space).role(role).comes_with
    if not there:
        return
    staff = Staff.objects.filter(institute=space.institute_id, user__in=users, role=there).order_by("pk")
    locked = set(staff.select_for_update().values_list("user_id", flat=True))
    require(
        locked.issuperset(users),
        gettext("Only people who coordinate the institute can be coordinators here."),
    )


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


def expire(*, space: Space, users: "Iterable[User]") -> None:
    """Record as dismissed those of these users who waited too long for a confirmation, for an action that
    admits them next. That one changes their rooms and bells, in the order above."""
    over = Membership.objects.filter(space=space, user__in=users, awaiting_until__lte=clock.now())
    over.filter(dismissed_at=None).update(dismissed_at=clock.now())


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
        mirror_to_room(membership.space, [membership])


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
    _lock_role_behind(space, [user.pk], role)
    membership = dismissed.select_for_update().first()
    if membership is None:
        return False
    restore_membership(membership)
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
    mirror_to_room(space, memberships)


def _require_end(kind: str, closes_at: dt.datetime | None) -> None:
    if closes_at is not None and not kind_named(kind).ends:
        raise ValueError(f"spaces of kind {kind} have no end")


def mirror_to_room(space: Space, memberships: Iterable[Membership]) -> None:
    """Copy memberships of a space that are not dismissed to its room: role, whether they keep order, and when
    they end."""
    memberships, kind = list(memberships), kind_of(space)
    if not memberships:
        return
    chat.admit_all(
        room=space.room,
        seats=[
            chat.Seat(
                user=membership.user,
                role=membership.role,
                keeps_order=Right.KEEP_ORDER in kind.role(membership.role).rights,
                until=membership.ends_at(space.closes_at),
            )
            for membership in memberships
        ],
    )
    for membership in memberships:
        clear_standing(membership.user)
