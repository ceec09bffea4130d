"""Who may do what in a space. Decided by rights (`kinds.Right`), which come from a role in the
space or from overseeing it; two queries per request for all checks."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from common.dates import day_in_words
from community.institutes.models import Staff
from community.spaces.kinds import NO_RIGHTS, Right, Rights, Role, kind_of
from community.spaces.models import Membership, Space

if TYPE_CHECKING:
    from community.people.models import User


@dataclass(frozen=True)
class Standing:
    """A user's current memberships by space, and roles at institutes."""

    memberships: dict[int, Membership]
    staff: frozenset[tuple[int, str]]


def standing_of(user: "User") -> Standing:
    """The user's standing, cached on the object, which lives as long as a request."""
    standing: Standing | None = user.__dict__.get("_standing")
    if standing is None:
        mine = Membership.objects.current().filter(user=user).select_related("space")
        staff = Staff.objects.filter(user=user).values_list("institute_id", "role")
        standing = Standing({membership.space_id: membership for membership in mine}, frozenset(staff))
        user.__dict__["_standing"] = standing
    return standing


def clear_standing(user: "User") -> None:
    """Drop the cached standing after it changed."""
    user.__dict__.pop("_standing", None)


def membership_in(user: "User", space: Space) -> Membership | None:
    """The person's current membership in the space."""
    return standing_of(user).memberships.get(space.pk) if user.is_authenticated else None


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
        return gettext("You can read here. To write, you would have to be a member of this space.")
    return gettext(
        "Talk here ended on %(day)s. Everything stays readable, and practices can still be added."
    ) % {"day": day_in_words(space.last_day)}


def why_no_practice() -> str:
    """The sentence for a user who may not add a practice here."""
    return gettext("You can read here. To add a practice, you would have to be a member of this space.")
