"""Who may extend a month and answer extensions; posting is decided by its space."""

from typing import TYPE_CHECKING

from community.spaces.permissions import can_answer_here, can_manage
from followup.months.models import Extension, Month

if TYPE_CHECKING:
    from community.people.models import User


def can_extend(user: "User", month: Month) -> bool:
    """Set a later end: trainers of the space and coordinators of its institute."""
    return can_manage(user, month.space)


def can_answer(user: "User", extension: Extension) -> bool:
    """Say whether the trainer stays on hand: trainers of the space, if somebody else extended."""
    return can_answer_here(user, extension.month.space) and extension.extended_by_id != user.pk
