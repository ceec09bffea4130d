"""Who may do what in a space, over the person's standing: two queries for all of it, once per request."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from common.dates import day_in_words
from community.institutes.models import Staff
from community.spaces.models import Membership, Space

if TYPE_CHECKING:
    from community.people.models import User

TRAINER = Membership.Role.TRAINER
COORDINATOR = Staff.Role.COORDINATOR


@dataclass(frozen=True)
class Standing:
    """What somebody is, and where: current memberships by space, roles at institutes."""

    memberships: dict[int, Membership]
    staff: frozenset[tuple[int, str]]


def standing_of(user: "User") -> Standing:
    """The person's standing, kept on the object for the length of a request."""
    standing: Standing | None = user.__dict__.get("_standing")
    if standing is None:
        mine = Membership.objects.current().filter(user=user).select_related("space")
        staff = Staff.objects.filter(user=user).values_list("institute_id", "role")
        standing = Standing({membership.space_id: membership for membership in mine}, frozenset(staff))
        user.__dict__["_standing"] = standing
    return standing


def forget_standing(user: "User") -> None:
    """Load the standing anew when next asked, after it changed."""
    user.__dict__.pop("_standing", None)


def membership_in(user: "User", space: Space) -> Membership | None:
    """The person's current membership in the space."""
    return standing_of(user).memberships.get(space.pk) if user.is_authenticated else None


def is_trainer(user: "User", space: Space) -> bool:
    """Whether the person is on hand here as the trainer."""
    membership = membership_in(user, space)
    return membership is not None and membership.role == TRAINER


def is_coordinator(user: "User", space: Space) -> bool:
    """Whether the person coordinates the institute of this space."""
    return user.is_authenticated and (space.institute_id, COORDINATOR) in standing_of(user).staff


def can_enter(user: "User", space: Space) -> bool:
    """Know of the space at all; a list of spaces asks `visible_to`, which says the same."""
    staff = standing_of(user).staff if user.is_authenticated else frozenset()
    roles = (Staff.Role.COORDINATOR, Staff.Role.EVALUATOR)
    return membership_in(user, space) is not None or any(
        (space.institute_id, role) in staff for role in roles
    )


def can_talk(user: "User", space: Space) -> bool:
    """Start conversations and reply: members and the institute's coordinators, while it is open."""
    return space.is_open and (membership_in(user, space) is not None or is_coordinator(user, space))


def can_add_practice(user: "User", space: Space) -> bool:
    """Practices and try-outs: the same, and after the end as well; doing does not close."""
    return membership_in(user, space) is not None or is_coordinator(user, space)


def can_manage(user: "User", space: Space) -> bool:
    """Pin, take down, extend: trainers of the space and coordinators of its institute."""
    return is_trainer(user, space) or is_coordinator(user, space)


def can_dismiss(user: "User", space: Space) -> bool:
    """End somebody's membership, or let them back in: coordinators of the institute."""
    return is_coordinator(user, space)


def can_see_awaiting(user: "User", space: Space) -> bool:
    """See whose completion is not confirmed yet: trainers, and those of the institute who see completions."""
    roles = (Staff.Role.COORDINATOR, Staff.Role.EVALUATOR)
    staff = standing_of(user).staff
    return is_trainer(user, space) or any((space.institute_id, role) in staff for role in roles)


def why_no_talk(space: Space) -> str:
    """The sentence for who may not start conversations or reply here now."""
    if space.is_open:
        return gettext("You can read here. To write, you would have to be a member of this space.")
    return gettext(
        "Talk here ended on %(day)s. Everything stays readable, and practices can still be added."
    ) % {"day": day_in_words(space.last_day)}


def why_no_practice() -> str:
    """The sentence for who may not add a practice here."""
    return gettext("You can read here. To add a practice, you would have to be a member of this space.")
