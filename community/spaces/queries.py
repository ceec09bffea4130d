"""The members of a space, for its pages; no N+1 queries."""

from dataclasses import dataclass

from common.searching import normalize
from community.spaces.kinds import Role, kind_of
from community.spaces.models import Membership, Space


@dataclass(frozen=True)
class Group:
    """People of one role."""

    role: Role
    members: list[Membership]


def roles_in(space: Space) -> dict[int, Role]:
    """The roles shown beside names, by user id."""
    badged = {role.name: role for role in kind_of(space).roles if role.badge}
    members = Membership.objects.current().filter(space=space, role__in=badged)
    return {user: badged[role] for user, role in members.values_list("user_id", "role")}


def groups_of(space: Space) -> list[Group]:
    """The people of a space by role, in the order of the kind's roles, and by name within a role."""
    members = Membership.objects.current().filter(space=space).select_related("user")
    by_role: dict[str, list[Membership]] = {}
    for member in sorted(members, key=lambda member: (normalize(member.user.name), member.pk)):
        by_role.setdefault(member.role, []).append(member)
    return [Group(role, by_role[role.name]) for role in kind_of(space).roles if role.name in by_role]


def dismissed_from(space: Space) -> list[tuple[Membership, Role]]:
    """Members dismissed by a user (not by a rule), newest first, each with their role."""
    dismissed = Membership.objects.filter(space=space, dismissed_by__isnull=False).select_related("user")
    kind = kind_of(space)
    return [(member, kind.role(member.role)) for member in dismissed.order_by("-dismissed_at", "-pk")]
