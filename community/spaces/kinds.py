"""Kinds of spaces. Each is registered once, at start-up, by the subject that owns spaces of that kind.

A kind defines the roles of its members and their rights, who has rights without being a member, whether its
spaces end, and what their pages show in addition. All other code checks rights and never roles, so that it
works in spaces of any kind.
"""

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from common import statements
from common.instances import Instances
from common.statements import statement
from community.institutes.models import Staff

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from community.people.models import User
    from community.spaces.models import Space
    from community.spaces.permissions import Standing

    Words = str | _StrPromise


class Right(enum.Enum):
    """What a user may do in a space. No right implies another."""

    SEE = "see"
    """See the space and read what all its members read."""
    WRITE = "write"
    """Start conversations, reply, chat: while the space is open."""
    CONTRIBUTE = "contribute"
    """Add practices: after the end of talk as well."""
    KEEP_ORDER = "keep order"
    """Pin, take down and keep what others wrote, and accept answers for them."""
    ANSWER = "answer"
    """Answer questions: read private ones, and be notified of every question."""
    MANAGE = "manage"
    """Change the space itself: its end, its announcements."""
    CHOOSE_MEMBERS = "choose members"
    """Dismiss and readmit."""
    SEE_AWAITING = "see awaiting"
    """See whose membership still waits for a confirmation."""
    SEE_ARRIVAL = "see arrival"
    """See which members have never visited; never when somebody did."""


Rights = frozenset[Right]
NO_RIGHTS: Rights = frozenset()


@dataclass(frozen=True)
class Role:
    """A role in spaces of one kind."""

    name: str
    """As stored, and as sent to open pages."""
    label: "Words"
    """Beside the name of a person."""
    heading: "Words"
    """Above the people of this role."""
    rights: Rights
    badge: str = ""
    """The modifier of the badge and the avatar in the style sheets ("answers", "staff"); a role without one
    is not shown beside a name."""
    rank: int = 0
    """Which of two roles stands for who is both in the space: the one with the higher rank."""
    comes_with: str = ""
    """The role at the space's institute that this one requires, and with which it ends."""
    closed_heading: "Words" = ""
    """Above the people of this role in a closed space, if it is another heading."""

    def heading_in(self, space: "Space") -> "Words":
        """Above the people of this role in a space."""
        return self.heading if space.is_open else self.closed_heading or self.heading

    @property
    def answers(self) -> bool:
        """Whether questions are addressed to it."""
        return Right.ANSWER in self.rights


class Tab(NamedTuple):
    """One tab of a space. `name` is the URL name of its page, `new` the number of unread items."""

    name: str
    label: str
    url: str
    new: int = 0


@dataclass(frozen=True)
class Hour:
    """When somebody will be in the room, as text; `is_live` while they are there."""

    line: str
    is_live: bool = False


@dataclass(frozen=True)
class Sentences:
    """Sentences on pages of every space that depend on its kind."""

    nobody_here: "Words"
    """Shown if the list of people is empty."""
    only_choosers_see: "Words"
    """Shown above those who were dismissed."""
    may_not_choose: "Words"
    """Shown when dismissing or readmitting is refused."""
    join_room: "Words"
    """Shown to a user who is no member and may join."""
    no_question_yet: "Words"
    only_answerers: "Words"
    """The option to ask only those who answer."""
    for_answerers: "Words"
    """Shown beside a private question."""
    nobody_answers: "Words"
    """Why nobody can be asked privately now: nobody here answers questions."""
    last_answerer: "Words"
    """Shown when the only one who answers questions here would be dismissed, with their `name`."""


NEUTRAL = Sentences(
    nobody_here=_("No one has been let in yet."),
    only_choosers_see=_("Only people who decide who is here can see this. What these people wrote stays."),
    may_not_choose=_("Only people who keep order in this space decide who is in it."),
    join_room=_(
        "The chat is for people in this space. You can join them; everyone will then see you in "
        "the list of people."
    ),
    no_question_yet=_("Ask everyone here, or only those who answer questions."),
    only_answerers=_("Only those who answer questions here"),
    for_answerers=_("only for those who answer"),
    nobody_answers=_("No one answers questions here at the moment. Ask everyone."),
    last_answerer=_(
        "%(name)s is the only person who answers questions here. Ask someone else to take over first."
    ),
)


@dataclass(frozen=True)
class Overseer:
    """Somebody who reads a space without being a member, and as what."""

    user: "User"
    label: "Words"


class Overseers:
    """Who has rights in spaces of a kind without being a member; nobody in this base class."""

    def spaces(self, user: "User", right: Right) -> Q:
        """A condition for spaces of this kind in which the user has a right; a subquery, never a join."""
        return Q(pk__in=[])

    def rights(self, standing: "Standing", space: "Space") -> Rights:
        """The rights of a user with this standing. It contains SEE exactly where `spaces` finds the space."""
        return NO_RIGHTS

    def people(self, space: "Space") -> list[Overseer]:
        """Everybody for whom `rights` contains SEE in this space, each once."""
        return []


class StaffOversees(Overseers):
    """Staff of the space's institute, by their role there."""

    def __init__(self, rights_by_role: Mapping[str, Rights]) -> None:
        self._rights = rights_by_role

    def spaces(self, user: "User", right: Right) -> Q:
        """Those of the institutes where the user has a role with the right."""
        roles = [role for role, rights in self._rights.items() if right in rights]
        staff = Staff.objects.filter(user=user, role__in=roles)
        return Q(institute__in=staff.values("institute"))

    def rights(self, standing: "Standing", space: "Space") -> Rights:
        """The rights of all the user's roles at the institute."""
        rights = (self._rights[role] for role in self._rights if (space.institute_id, role) in standing.staff)
        return NO_RIGHTS.union(*rights)

    def people(self, space: "Space") -> list[Overseer]:
        """The staff of its institute whose role lets them read it."""
        seeing = [role for role, rights in self._rights.items() if Right.SEE in rights]
        if space.institute_id is None:
            return []
        staff = map(_staff.made_of, _active_staff_of(space.institute_id, seeing))
        by_user: dict[int, Overseer] = {}
        for row in sorted(staff, key=lambda row: (seeing.index(row.role), row.pk)):
            by_user.setdefault(row.user_id, Overseer(row.user, Staff.Role(row.role).label))
        return list(by_user.values())


_staff = Instances(Staff, "user")


@statement(tuple)
def _active_staff_of(institute: int, roles: list[str]) -> QuerySet[Any, Any]:
    staff = Staff.objects.filter(institute=institute, role__among=roles, user__suspended_at=None)
    return staff.values_list(*_staff.columns)


def _no_context(request: HttpRequest, space: "Space") -> dict[str, Any]:
    return {}


def _no_path(space: "Space") -> str:
    return ""


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
    needs_answerer: bool = False
    """Whether the last one who answers questions cannot be dismissed while such a space is open."""
    header: str = "spaces/_header.html"
    """The template at the head of its pages."""
    opening: str = ""
    """The template before the content of its front page."""
    side: str = ""
    """The template beside the content of its pages; it places the `panels` of other subjects."""
    header_context: Callable[[HttpRequest, "Space"], dict[str, Any]] = _no_context
    """The variables of these templates."""
    tabs: Callable[[HttpRequest, "Space"], list[Tab]] = _no_tabs
    """Additional tabs, shown last."""
    hour: Callable[[HttpRequest, "Space"], Hour | None] = _no_hour
    """When somebody will be in the room, for kinds that announce such hours."""
    people_path: Callable[["Space"], str] = _no_path
    """Where the pages of its people are, each under the person's id; "" for kinds without such pages."""
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
    """Register a kind; registering again replaces it. Raises ValueError for a role without the right to see,
    which every member has."""
    if without_see := [role.name for role in kind.roles if Right.SEE not in role.rights]:
        raise ValueError(f"roles without the right to see: {without_see}")
    _kinds[kind.name] = kind
    statements.clear()


def kind_of(space: "Space") -> SpaceKind:
    """The kind of a space; KeyError when no subject registered it."""
    return _kinds[space.kind]


def kind_named(name: str) -> SpaceKind:
    """The kind of that name; KeyError when no subject registered it."""
    return _kinds[name]


def overseen(user: "User", right: Right) -> Q:
    """A condition for all spaces in which the user has a right without being a member."""
    condition = Q(pk__in=[])
    for kind in _kinds.values():
        condition |= Q(kind=kind.name) & kind.overseers.spaces(user, right)
    return condition


def roles_where(matches: Callable[[Role], bool]) -> Q:
    """A condition for memberships whose role, in the kind of their space, matches."""
    condition = Q(pk__in=[])
    for kind in _kinds.values():
        names: Iterable[str] = [role.name for role in kind.roles if matches(role)]
        if names:
            condition |= Q(space__kind=kind.name, role__in=names)
    return condition
