"""Who is in a space, for its pages: one query, whatever the number of people."""

from collections.abc import Iterable
from dataclasses import dataclass

from common.searching import fold
from community.spaces.models import Membership, Space


@dataclass(frozen=True)
class Group:
    """People of one role."""

    role: str
    members: list[Membership]


def roles_in(space: Space) -> dict[int, str]:
    """The role of everybody in the space who is not simply a participant, by the person's number."""
    others = Membership.objects.current().filter(space=space).exclude(role=Membership.Role.PARTICIPANT)
    return dict(others.values_list("user_id", "role"))


def groups_of(space: Space) -> list[Group]:
    """The people of a space by role: trainers, participants, the institute's."""
    order = (Membership.Role.TRAINER, Membership.Role.PARTICIPANT, Membership.Role.COORDINATOR)
    here = Membership.objects.current().filter(space=space).select_related("user")
    return _grouped(order, sorted(here, key=lambda one: (fold(one.user.name), one.pk)))


def _grouped(order: Iterable[str], here: Iterable[Membership]) -> list[Group]:
    by_role: dict[str, list[Membership]] = {role: [] for role in order}
    for membership in here:
        by_role[membership.role].append(membership)
    return [Group(role, members) for role, members in by_role.items() if members]


def dismissed_from(space: Space) -> list[Membership]:
    """Those somebody dismissed (no rule of the month did), the last first, so that it can be undone."""
    gone = Membership.objects.filter(space=space, dismissed_by__isnull=False).select_related("user")
    return list(gone.order_by("-dismissed_at", "-pk"))
