"""The members of a space, for its pages; no N+1 queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from django.db.models import BigIntegerField, QuerySet, Value

from common.collation import sorted_by_name
from common.expressions import is_set
from common.names import initials
from common.searching import PLAIN_LETTERS, name_matches
from common.statements import statement
from community.people.models import Occupation
from community.spaces.kinds import Right, Role, kind_of, roles_where
from community.spaces.models import Membership, MembershipQuerySet, Space

if TYPE_CHECKING:
    from community.people.models import User


PEOPLE_PER_PAGE = 60


class Person(NamedTuple):
    """Somebody in the list of people: plain values, of which a kept piece can be drawn."""

    user: int
    name: str
    occupation: str
    membership: int = 0
    role: str = ""
    joined: bool = True
    awaiting: bool = False
    came_in: bool = True
    picture: int | None = None
    """The number of the file that shows them."""

    @property
    def initials(self) -> str:
        return initials(self.name)

    @property
    def occupation_label(self) -> str:
        return str(Occupation(self.occupation).label) if self.occupation else ""


@dataclass(frozen=True)
class Group:
    """People of one role."""

    role: Role
    heading: str
    members: tuple[Person, ...]


class Mentionable(TypedDict):
    """A member who can be mentioned."""

    id: int
    name: str
    initials: str
    role: str


class Mentionables(TypedDict):
    """What a page's script gets: the members, and the letters by which it finds them."""

    members: list[Mentionable]
    letters: dict[str, str]


class BadgedMember(NamedTuple):
    """A member whose role is shown beside their name."""

    user_id: int
    role: str


def roles_in(space: Space) -> dict[int, Role]:
    """The roles shown beside names, by user id."""
    known: list[BadgedMember] | None = space.__dict__.get("_badged")
    badged = _badged_in(space.pk) if known is None else known
    kind = kind_of(space)
    return {member.user_id: kind.role(member.role) for member in badged}


def know_badged(space: Space, members: list[BadgedMember]) -> None:
    """Keep the members with a badge that were loaded with the space of a page, for `roles_in`."""
    space.__dict__["_badged"] = members


def badged_members(members: MembershipQuerySet) -> MembershipQuerySet:
    """Of these memberships the current ones whose role has a badge."""
    return members.current().filter(roles_where(lambda role: bool(role.badge)))


@statement(BadgedMember)
def _badged_in(space: int) -> QuerySet[Any, Any]:
    return badged_members(Membership.objects.filter(space=space)).values_list("user_id", "role")


@dataclass(frozen=True)
class People:
    """The people of a space, all or those whose name was searched for."""

    members: list[Person]
    """By role in the order of the kind's roles, and by name within a role."""
    overseers: list[tuple[Person, str]]
    """Who reads the space without being a member, by name, and as what: nobody reads along unseen."""
    count: int
    """How many members the space has."""


def people_of(space: Space, searched: str = "") -> People:
    """The people of a space; with `searched`, those whose name it matches."""
    members = _members_of(space.pk)
    order = {role.name: number for number, role in enumerate(kind_of(space).roles)}
    by_name = sorted_by_name(_matching(members, searched), lambda person: person.name)
    inside = {person.user for person in members}
    overseers = {
        _as_person(overseer.user): str(overseer.label)
        for overseer in kind_of(space).overseers.people(space)
        if overseer.user.pk not in inside
    }
    return People(
        members=sorted(by_name, key=lambda person: order.get(person.role, len(order))),
        overseers=[
            (person, overseers[person])
            for person in sorted_by_name(_matching(overseers, searched), lambda person: person.name)
        ],
        count=len(members),
    )


def _as_person(user: "User") -> Person:
    return Person(user.pk, user.name, user.occupation, picture=user.picture)


def groups_of(space: Space, members: Iterable[Person]) -> list[Group]:
    """These members by role, in the order of the kind's roles."""
    by_role: dict[str, list[Person]] = {}
    for person in members:
        by_role.setdefault(person.role, []).append(person)
    return [
        Group(role, str(role.heading_in(space)), tuple(by_role[role.name]))
        for role in kind_of(space).roles
        if role.name in by_role
    ]


def _matching(people: Iterable[Person], searched: str) -> Iterable[Person]:
    return [person for person in people if name_matches(person.name, searched)] if searched else people


@statement(Person)
def _members_of(space: int) -> QuerySet[Any, Any]:
    members = Membership.objects.current().filter(space=space).order_by("pk")
    return members.values_list(
        "user_id",
        "user__name",
        "user__occupation",
        "pk",
        "role",
        is_set("user__joined_at"),
        is_set("awaiting_until"),
        is_set("came_in_at"),
        "user__picture",
    )


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
    return bool(_somebody_answering(space.pk))


@statement(int)
def _somebody_answering(space: int) -> QuerySet[Any, Any]:
    return Membership.objects.current().answering().filter(space=space).values_list("pk")[:1]


def dismissed_from(space: Space) -> list[tuple[Person, str]]:
    """Members dismissed by a user (not by a rule), newest first, and what they were."""
    kind = kind_of(space)
    return [(person, str(kind.role(person.role).label)) for person in _dismissed_from(space.pk)]


@statement(Person)
def _dismissed_from(space: int) -> QuerySet[Any, Any]:
    dismissed = Membership.objects.filter(space=space, dismissed_by__isnull=False)
    yes, no = Value(True), Value(False)
    none = Value(None, output_field=BigIntegerField())
    rows = dismissed.order_by("-dismissed_at", "-pk")
    return rows.values_list("user_id", "user__name", "user__occupation", "pk", "role", yes, no, yes, none)


def mentionable(members: QuerySet[Any], reader: "User") -> Mentionables:
    """Which of these members, of a space or of its room, the reader can mention: the others, in the order of
    the reader's language."""
    rows = members.exclude(user=reader).order_by("user_id").values_list("user_id", "user__name", "role")
    found = [Mentionable(id=pk, name=name, initials=initials(name), role=role) for pk, name, role in rows]
    return Mentionables(members=sorted_by_name(found, lambda one: one["name"]), letters=PLAIN_LETTERS)
