"""Who may do what in a space. Decided by rights (`kinds.Right`), which come from a role in the
space or from overseeing it; at most three queries per request for all checks, one on a page of one space."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, FilteredRelation, Q, QuerySet
from django.utils.translation import gettext

from common.dates import day_in_words
from common.instances import Instances
from common.statements import statement
from community.institutes.models import Staff
from community.spaces.kinds import NO_RIGHTS, Right, Rights, Role, kind_of
from community.spaces.models import Membership, Space

if TYPE_CHECKING:
    from community.people.models import User


class Standing:
    """A user's roles at institutes and current memberships, each loaded when it is asked for.

    A page is about one space, so the membership there is loaded with the roles in one statement. Who asks for
    a second space asks for many: then all memberships are loaded.
    """

    def __init__(self, user: "User") -> None:
        self._user = user
        self._staff: frozenset[tuple[int, str]] | None = None
        self._memberships: dict[int, Membership | None] = {}
        self._asked = False
        self._has_all = False

    @property
    def staff(self) -> frozenset[tuple[int, str]]:
        """The ids of the institutes where the user has roles, with each role."""
        if self._staff is None:
            self._staff = frozenset(_staff_of(self._user))
        return self._staff

    def membership(self, space: Space) -> Membership | None:
        """The user's current membership in the space."""
        if space.pk not in self._memberships and not self._has_all:
            if self._asked:
                mine = Membership.objects.current().filter(user=self._user).select_related("space")
                self._memberships |= {membership.space_id: membership for membership in mine}
                self._has_all = True
            else:
                self._load_with_staff(space)
        return self._memberships.get(space.pk)

    def know(self, space: Space, membership: Membership | None, staff: Iterable[tuple[int, str]]) -> None:
        """Take over what was loaded with the space: the membership there, and all roles at institutes."""
        self._staff = frozenset(staff)
        self._memberships[space.pk] = membership
        self._asked = True

    def _load_with_staff(self, space: Space) -> None:
        rows = _standing_in(self._user, space.pk)
        is_member = bool(rows) and rows[0][2]
        membership = membership_of_row(rows[0][3:], space) if is_member else None
        self.know(space, membership, [(institute, role) for institute, role, *_membership in rows if role])


memberships = Instances(Membership)


def membership_of_row(values: Sequence[Any], space: Space) -> Membership:
    """The membership with these values of `memberships.columns`, in a space that is loaded."""
    membership = memberships.made_of(values)
    membership.space = space
    return membership


@statement(tuple)
def _staff_of(user: "User") -> QuerySet[Any, Any]:
    return Staff.objects.filter(user=user).values_list("institute_id", "role")


@statement(tuple)
def _standing_in(user: "User", space: int) -> QuerySet[Any, Any]:
    current = Membership.objects.current().filter(user=user, space=space)
    here = FilteredRelation("memberships", condition=Q(memberships__space=space))
    fields = [f"here__{name}" for name in memberships.columns]
    rows = get_user_model().objects.filter(pk=user.pk).annotate(here=here)
    return rows.values_list("staff_roles__institute_id", "staff_roles__role", Exists(current), *fields)


def standing_of(user: "User") -> Standing:
    """The user's standing, cached on the object, which lives as long as a request."""
    standing: Standing | None = user.__dict__.get("_standing")
    if standing is None:
        standing = user.__dict__["_standing"] = Standing(user)
    return standing


def clear_standing(user: "User") -> None:
    """Drop the cached standing after it changed."""
    user.__dict__.pop("_standing", None)


def membership_in(user: "User", space: Space) -> Membership | None:
    """The person's current membership in the space."""
    return standing_of(user).membership(space) if user.is_authenticated else None


def rights_in(user: "User", space: Space) -> Rights:
    """All rights of the user in the space, as a member and by overseeing it."""
    if not user.is_authenticated:
        return NO_RIGHTS
    return member_rights_in(user, space) | kind_of(space).overseers.rights(standing_of(user), space)


def member_rights_in(user: "User", space: Space) -> Rights:
    """What the person may do in the space as a member, without what overseeing it brings."""
    membership = membership_in(user, space)
    return NO_RIGHTS if membership is None else membership.rights


def joining_role(user: "User", space: Space) -> Role | None:
    """The role in which the user may join, because they have the role at the space's institute that it comes
    with."""
    staff = standing_of(user).staff if user.is_authenticated else frozenset()
    for role in kind_of(space).roles:
        if role.comes_with and (space.institute_id, role.comes_with) in staff:
            return role
    return None


def can_enter(user: "User", space: Space) -> bool:
    """See the space; `Space.objects.visible_to` is the same check for lists."""
    return Right.SEE in rights_in(user, space)


def can_talk(user: "User", space: Space) -> bool:
    """Start conversations and reply, while the space is open."""
    return space.is_open and Right.WRITE in rights_in(user, space)


def can_add_practice(user: "User", space: Space) -> bool:
    """Add practices and try-outs, after the end of talk as well."""
    return Right.CONTRIBUTE in rights_in(user, space)


def can_keep_order(user: "User", space: Space) -> bool:
    """Pin, take down and keep what others wrote."""
    return Right.KEEP_ORDER in rights_in(user, space)


def can_answer_here(user: "User", space: Space) -> bool:
    """Be among those to whom questions are addressed. Only a member is: who oversees the space does not read
    private questions, and `Thread.visible_to` filters by the same memberships."""
    return Right.ANSWER in member_rights_in(user, space)


def can_manage(user: "User", space: Space) -> bool:
    """Change the space itself."""
    return Right.MANAGE in rights_in(user, space)


def can_dismiss(user: "User", space: Space) -> bool:
    """Dismiss and readmit members."""
    return Right.CHOOSE_MEMBERS in rights_in(user, space)


def can_see_awaiting(user: "User", space: Space) -> bool:
    """See whose membership waits for a confirmation."""
    return Right.SEE_AWAITING in rights_in(user, space)


def can_see_arrival(user: "User", space: Space) -> bool:
    """See which members have not come in yet."""
    return Right.SEE_ARRIVAL in rights_in(user, space)


def why_no_talk(space: Space) -> str:
    """The sentence for a user who may not start conversations or reply here now."""
    if space.is_open:
        return gettext("You can read here, but only members of this space can write.")
    return gettext(
        "The discussion closed on %(day)s. You can still read everything and add what you try."
    ) % {"day": day_in_words(space.last_day)}


def why_no_practice() -> str:
    """The sentence for a user who may not add a practice here."""
    return gettext("You can read here, but only members of this space can add to it.")
