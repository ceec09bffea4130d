"""Who may tell a step, and who may see how far people have come."""

from typing import TYPE_CHECKING

from community.institutes.models import Staff
from community.spaces.models import Membership
from community.spaces.permissions import is_trainer, membership_in, standing_of
from followup.months.models import Month

if TYPE_CHECKING:
    from community.people.models import User


def can_tell_step(user: "User", month: Month) -> bool:
    """Tell a step of one's own: participants, also after the end."""
    membership = membership_in(user, month.space)
    return membership is not None and membership.role == Membership.Role.PARTICIPANT


def can_see_steps(user: "User", month: Month) -> bool:
    """See by name where each participant stands, and who has not come in yet: the trainers."""
    return is_trainer(user, month.space)


def can_see_counts(user: "User", month: Month) -> bool:
    """See how many have come how far: trainers, and coordinators and evaluators of the institute."""
    roles = (Staff.Role.COORDINATOR, Staff.Role.EVALUATOR)
    staff = standing_of(user).staff
    return can_see_steps(user, month) or any((month.space.institute_id, role) in staff for role in roles)
