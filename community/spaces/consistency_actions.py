"""Compares rooms with memberships, and repairs differences.

`Membership` is the source of truth. Differences come from rows written without the actions, or from a bug.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from community.institutes.models import Institute, Staff
from community.people.models import User
from community.spaces.actions import lock_members, mirror_to_room, move_end
from community.spaces.kinds import Right, kind_named, kind_of, roles_where
from community.spaces.models import Membership, Space
from community.spaces.role_actions import end_with_role, restore_with_role
from messaging.chat import actions as chat
from messaging.chat.models import RoomMember


@dataclass(frozen=True)
class Difference:
    """What is wrong about one person in one space, or (without a person) about the space."""

    space: int
    user: int | None
    what: str

    def __str__(self) -> str:
        person = "" if self.user is None else f", person {self.user}"
        return f"space {self.space}{person}: {self.what}"


def find_differences() -> list[Difference]:
    """All differences, in four queries, by space and person."""
    found = _ends() + _roles() + _room_members()
    return sorted(found, key=lambda row: (row.space, row.user or 0, row.what))


def repair() -> list[Difference]:
    """Copy memberships to rooms where they differ, and close the sockets of the users concerned. Returns the
    differences found.

    One transaction for each person, which reads again under its locks: since the differences were found,
    somebody may have been dismissed.
    """
    found = find_differences()
    for space in sorted({row.space for row in found if row.user is None}):
        _repair_end(space)
    for space, user in sorted({(row.space, row.user) for row in found if row.user is not None}):
        _repair_person(space, user)
    return found


@transaction.atomic
def _repair_end(pk: int) -> None:
    space = Space.objects.filter(pk=pk).first()
    if space is not None:
        lock_members(space=space, users=[])
        space = Space.objects.select_for_update(of=("self",)).select_related("room").get(pk=pk)
        move_end(space=space, closes_at=space.closes_at)


@transaction.atomic
def _repair_person(space_pk: int, user_pk: int) -> None:
    institute = Institute.objects.select_for_update(of=("self",)).filter(spaces=space_pk).first()
    list(Staff.objects.select_for_update().filter(institute=institute, user=user_pk).order_by("pk"))
    list(Membership.objects.select_for_update().filter(space=space_pk, user=user_pk))
    # Read after the lock, with the space: its end may have moved while we waited.
    space = Space.objects.select_related("room").filter(pk=space_pk).first()
    user = User.objects.filter(pk=user_pk).first()
    if space is None or user is None:
        return
    membership = Membership.objects.filter(space=space, user=user).first()
    if membership is not None and institute is not None:
        _repair_role(membership, kind_of(space).role(membership.role).comes_with, institute)
        membership.refresh_from_db()
    if membership is not None and membership.dismissed_at is None:
        mirror_to_room(space, [membership])
    else:
        chat.dismiss(room=space.room, user=user)


def _repair_role(membership: Membership, comes_with: str, institute: Institute) -> None:
    if not comes_with:
        return
    user = membership.user
    has_role = Staff.objects.filter(institute=institute, user=user, role=comes_with).exists()
    if membership.dismissed_at is None and not has_role:
        end_with_role(user, institute, comes_with)
    elif membership.ended_with_role and has_role:
        restore_with_role(user, institute, comes_with)


def _ends() -> list[Difference]:
    """Rooms that end at another moment than their space."""
    rows = Space.objects.values_list("pk", "closes_at", "room__closes_at")
    return [Difference(pk, None, "its room ends at another moment") for pk, own, room in rows if own != room]


def _roles() -> list[Difference]:
    """Memberships that should have ended or come back with a role at the institute."""
    staff = set(Staff.objects.values_list("institute_id", "user_id", "role"))
    rows = Membership.objects.filter(roles_where(lambda role: bool(role.comes_with))).values_list(
        "space_id", "space__kind", "user_id", "role", "dismissed_at", "ended_with_role", "space__institute_id"
    )
    found = []
    for space, kind, user, role, dismissed_at, ended, institute in rows:
        has_role = (institute, user, kind_named(kind).role(role).comes_with) in staff
        if dismissed_at is None and not has_role:
            found.append(Difference(space, user, f"is {role} here and not at the institute any more"))
        if ended and has_role:
            found.append(Difference(space, user, f"is {role} at the institute again and not here"))
    return found


RoomRole = tuple[str, bool, dt.datetime | None]
"""The role in a room, whether order is kept with it, and until when."""


def _room_members() -> list[Difference]:
    """Members of rooms that differ from the memberships."""
    expected: dict[tuple[int, int], RoomRole] = {}
    rows = (
        Membership.objects.filter(dismissed_at=None)
        .select_related("space")
        .only("space_id", "user_id", "role", "awaiting_until", "space__kind", "space__closes_at")
    )
    for row in rows.iterator():
        keeps_order = Right.KEEP_ORDER in row.rights
        room_role = row.role, keeps_order, row.ends_at(row.space.closes_at)
        expected[row.space_id, row.user_id] = room_role
    actual: dict[tuple[int, int], RoomRole] = {
        (space, user): (role, keeps_order, until)
        for space, user, role, keeps_order, until in RoomMember.objects.filter(
            dismissed_at=None, room__space__isnull=False
        ).values_list("room__space", "user_id", "role", "keeps_order", "until")
    }
    return [
        Difference(space, user, _what(expected.get((space, user)), actual.get((space, user))))
        for space, user in expected.keys() | actual.keys()
        if expected.get((space, user)) != actual.get((space, user))
    ]


def _what(expected: RoomRole | None, actual: RoomRole | None) -> str:
    if expected is None:
        return "is in the room and not in the space"
    if actual is None:
        return "is in the space and not in its room"
    names = ("role", "right to keep order", "end")
    return ", ".join(
        f"the {name} in the room is {there!s}, should be {here!s}"
        for name, here, there in zip(names, expected, actual, strict=True)
        if here != there
    )
