"""Who may announce a live hour."""

from typing import TYPE_CHECKING

from community.spaces.permissions import can_manage
from followup.months.models import Month

if TYPE_CHECKING:
    from community.people.models import User


def can_announce(user: "User", month: Month) -> bool:
    """Announce live hours: trainers of the space and coordinators of its institute."""
    return can_manage(user, month.space)
