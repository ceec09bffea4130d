"""Who may report a step, and who may see the steps of others."""

from typing import TYPE_CHECKING

from community.spaces.permissions import can_see_arrival, can_see_awaiting, membership_in
from followup.courses.roles import SpaceRole
from followup.months.models import Month

if TYPE_CHECKING:
    from community.people.models import User


def can_report_step(user: "User", month: Month) -> bool:
    """Report a step of one's own: participants, also after the end."""
    membership = membership_in(user, month.space)
    return membership is not None and membership.role == SpaceRole.PARTICIPANT


def can_see_steps(user: "User", month: Month) -> bool:
    """See the steps of each participant by name, and who has not come in yet: the trainers."""
    return can_see_arrival(user, month.space)


def can_see_counts(user: "User", month: Month) -> bool:
    """See how many took each step: trainers, and coordinators and evaluators of the institute."""
    return can_see_awaiting(user, month.space)
