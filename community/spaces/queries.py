"""The members of a space, for its pages; no N+1 queries."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from common.collation import sorted_by_name
from common.searching import name_matches
from common.statements import statement
from community.spaces.kinds import Overseer, Right, Role, kind_named, kind_of
from community.spaces.models import Membership, MembershipQuerySet, Space

if TYPE_CHECKING:
    from community.people.models import User


@dataclass(frozen=True)
class Group:
    """People of one role."""

    role: Role
    members: list[Membership]


def roles_in(space: Space) -> dict[int, Role]:
    """The roles shown beside names, by user id."""
    badged = {role.name: role for role in kind_of(space).roles if role.badge}
    return {user: badged[role] for user, role in _badged_members(space.pk, kind=space.kind)}


@statement(tuple)
def _badged_members(space: int, *, kind: str) -> QuerySet[Any, Any]:
    badged = [role.name for role in kind_named(kind).roles if role.badge]
    members = Membership.objects.current().filter(space=space, role__in=badged)
    return members.values_list("user_id", "role")


def groups_of(space: Space, searched: str = "") -> list[Group]:
    """The people of a space by role, in the order of the kind's roles, and by name within a role; with
    `searched`, those whose name it matches."""
    members = Membership.objects.current().filter(space=space).select_related("user").order_by("pk")
    found = [member for member in members if name_matches(member.user.name, searched)]
    by_role: dict[str, list[Membership]] = {}
    for member in sorted_by_name(found, lambda member: member.user.name):
        by_role.setdefault(member.role, []).append(member)
    return [Group(role, by_role[role.name]) for role in kind_of(space).roles if role.name in by_role]


@dataclass(frozen=True)
class Answerers:
    """Who answers questions in a space: those who are there, and those who were invited and have not joined
    yet."""

    here: "list[User]"
    invited: "list[User]"


def people_answering(members: MembershipQuerySet) -> MembershipQuerySet:
    """Of these memberships those of people who answer questions now, whether they have joined yet or not."""
    return members.current().with_right(Right.ANSWER).filter(user__suspended_at=None)


def answerers_of(space: Space) -> Answerers:
    """Who answers questions in a space now, by name."""
    members = people_answering(Membership.objects.filter(space=space)).select_related("user").order_by("pk")
    people = sorted_by_name([member.user for member in members], lambda user: user.name)
    return Answerers(
        here=[user for user in people if user.joined_at],
        invited=[user for user in people if not user.joined_at],
    )


def has_answerer(space: Space) -> bool:
    """Whether somebody answers questions in a space now, so that a private one has a reader."""
    return Membership.objects.current().answering().filter(space=space).exists()


def overseers_of(space: Space, searched: str = "") -> list[Overseer]:
    """Who reads the space without being a member, by name: nobody reads along unseen."""
    members = Membership.objects.current().filter(space=space).values_list("user_id", flat=True)
    inside = set(members)
    found = [
        overseer
        for overseer in kind_of(space).overseers.people(space)
        if overseer.user.pk not in inside and name_matches(overseer.user.name, searched)
    ]
    return sorted_by_name(found, lambda overseer: overseer.user.name)


def dismissed_from(space: Space) -> list[tuple[Membership, Role]]:
    """Members dismissed by a user (not by a rule), newest first, each with their role."""
    dismissed = Membership.objects.filter(space=space, dismissed_by__isnull=False).select_related("user")
    kind = kind_of(space)
    return [(member, kind.role(member.role)) for member in dismissed.order_by("-dismissed_at", "-pk")]
