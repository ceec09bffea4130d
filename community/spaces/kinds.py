"""Kinds of spaces. Each is registered once, at start-up, by the subject that owns spaces of that kind.

A kind says which roles its members have and with which rights, who has rights without being a member, whether
such a space ends, and what its pages show beside that which every space has. Everything else asks for rights
and never for a role, so that it works in a space of any kind.
"""

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from community.institutes.models import Staff

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from community.people.models import User
    from community.spaces.models import Space
    from community.spaces.permissions import Standing

    Words = str | _StrPromise


class Right(enum.Enum):
    """What somebody may do in a space. Rights do not include each other."""

    SEE = "see"
    """Know of the space and read what all its members read."""
    WRITE = "write"
    """Start conversations, reply, chat: while the space is open."""
    CONTRIBUTE = "contribute"
    """Add practices: after the end of talk as well."""
    KEEP_ORDER = "keep order"
    """Pin, take down and keep what others wrote, and accept answers for them."""
    ANSWER = "answer"
    """Be asked: read what is asked of those who answer only, and hear of every question."""
    MANAGE = "manage"
    """Change the space itself: its end, its announcements."""
    CHOOSE_MEMBERS = "choose members"
    """Dismiss and readmit."""
    SEE_AWAITING = "see awaiting"
    """See whose membership still waits for a confirmation."""
    SEE_ARRIVAL = "see arrival"
    """See who has not come in yet; never when somebody did."""


Rights = frozenset[Right]
NO_RIGHTS: Rights = frozenset()


@dataclass(frozen=True)
class Role:
    """What somebody is in a space of one kind."""

    name: str
    """As it is stored, and told to pages that are open."""
    label: "Words"
    """Beside the name of a person."""
    heading: "Words"
    """Above the people of this role."""
    rights: Rights
    badge: str = ""
    """The modifier of the badge and the picture in the style sheets ("answers", "staff"); a role without one
    is not said beside a name."""
    rank: int = 0
    """Which of two roles stands for who is both in the space: the one with the higher rank."""
    comes_with: str = ""
    """The role at the space's institute without which nobody has this one. It ends with that."""


@dataclass(frozen=True)
class Tab:
    """One tab of a space: its word and where it leads. `name` is the URL name of the tab's page, `new` its
    number of unread things."""

    name: str
    label: str
    url: str
    new: int = 0


@dataclass(frozen=True)
class Hour:
    """When somebody will be in the room, in words for the reader; `is_live` while they are there."""

    line: str
    is_live: bool = False


@dataclass(frozen=True)
class Sentences:
    """What pages of every space say in words that depend on its kind."""

    nobody_here: "Words"
    """Where the list of people is empty."""
    only_choosers_see: "Words"
    """Above those who were dismissed."""
    may_not_choose: "Words"
    """Refuses to dismiss or readmit."""
    join_room: "Words"
    """Offers to join to who is no member and may."""
    no_question_yet: "Words"
    only_answerers: "Words"
    """The choice to ask those who answer alone."""
    for_answerers: "Words"
    """Marks such a question."""


NEUTRAL = Sentences(
    nobody_here=_("Nobody was let in so far."),
    only_choosers_see=_("Only those who decide who is here see this. What these people wrote stays."),
    may_not_choose=_("Only those who keep order in this space decide who is in it."),
    join_room=_(
        "The room is for those who are in this space. You can join them; everybody then sees you among the"
        " people here."
    ),
    no_question_yet=_("Ask everyone here, or only those who answer questions."),
    only_answerers=_("Only those who answer questions here"),
    for_answerers=_("only for those who answer"),
)


class Overseers:
    """Who has rights in spaces of a kind without being a member: nobody, unless a subclass knows somebody."""

    def spaces(self, user: "User", right: Right) -> Q:
        """A condition for spaces of this kind in which the person has a right; a subquery, never a join."""
        return Q(pk__in=[])

    def rights(self, standing: "Standing", space: "Space") -> Rights:
        """The rights of somebody with this standing. SEE is among them exactly where `spaces` finds the
        space."""
        return NO_RIGHTS


class StaffOversees(Overseers):
    """Staff of the space's institute, by their role there."""

    def __init__(self, rights_by_role: Mapping[str, Rights]) -> None:
        self._rights = rights_by_role

    def spaces(self, user: "User", right: Right) -> Q:
        """Those of the institutes where the person works in a role with the right."""
        roles = [role for role, rights in self._rights.items() if right in rights]
        staff = Staff.objects.filter(user=user, role__in=roles)
        return Q(institute__in=staff.values("institute"))

    def rights(self, standing: "Standing", space: "Space") -> Rights:
        """What each of the person's roles at the institute brings."""
        held = (self._rights[role] for role in self._rights if (space.institute_id, role) in standing.staff)
        return NO_RIGHTS.union(*held)


def _no_context(request: HttpRequest, space: "Space") -> dict[str, Any]:
    return {}


def _no_tabs(request: HttpRequest, space: "Space") -> list[Tab]:
    return []


def _no_hour(request: HttpRequest, space: "Space") -> Hour | None:
    return None


def _no_role(space: "Space", user: "User") -> str | None:
    return None


@dataclass(frozen=True)
class SpaceKind:
    """Everything that differs from one kind of space to another."""

    name: str
    roles: tuple[Role, ...]
    """In the order in which the list of people shows them."""
    overseers: Overseers = field(default_factory=Overseers)
    ends: bool = False
    """Whether talk in such a space closes at a moment."""
    header: str = "spaces/_header.html"
    """The template at the head of its pages."""
    header_context: Callable[[HttpRequest, "Space"], dict[str, Any]] = _no_context
    tabs: Callable[[HttpRequest, "Space"], list[Tab]] = _no_tabs
    """Tabs after those of every space."""
    hour: Callable[[HttpRequest, "Space"], Hour | None] = _no_hour
    """When somebody will be in the room, for kinds that announce such hours."""
    remaining_role: Callable[["Space", "User"], str | None] = _no_role
    """What somebody still is here, for a reason of the kind's own, when the role that they had ends; None
    when they leave."""
    sentences: Sentences = NEUTRAL

    def role(self, name: str) -> Role:
        """The role of that name; KeyError when the kind has none."""
        for role in self.roles:
            if role.name == name:
                return role
        raise KeyError(f"spaces of kind {self.name} have no role {name!r}")

    def names_with(self, right: Right) -> list[str]:
        """The names of the roles that have a right."""
        return [role.name for role in self.roles if right in role.rights]


_kinds: dict[str, SpaceKind] = {}


def register(kind: SpaceKind) -> None:
    """Let a subject own the spaces of a kind; registering again replaces it. Raises ValueError for a role
    that does not see the space: whoever is a member does."""
    if blind := [role.name for role in kind.roles if Right.SEE not in role.rights]:
        raise ValueError(f"roles without the right to see: {blind}")
    _kinds[kind.name] = kind


def kind_of(space: "Space") -> SpaceKind:
    """The kind of a space; KeyError when no subject registered it."""
    return _kinds[space.kind]


def kind_named(name: str) -> SpaceKind:
    """The kind of that name; KeyError when no subject registered it."""
    return _kinds[name]


def overseen(user: "User", right: Right) -> Q:
    """A condition for all spaces in which the person has a right without being a member."""
    found = Q(pk__in=[])
    for kind in _kinds.values():
        found |= Q(kind=kind.name) & kind.overseers.spaces(user, right)
    return found


def roles_where(wanted: Callable[[Role], bool]) -> Q:
    """A condition for memberships whose role, in the kind of their space, is one of the wanted."""
    found = Q(pk__in=[])
    for kind in _kinds.values():
        names: Iterable[str] = [role.name for role in kind.roles if wanted(role)]
        if names:
            found |= Q(space__kind=kind.name, role__in=names)
    return found
