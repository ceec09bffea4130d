"""Who may do what with practices. Doing never closes; one's own words can always be mended or taken back."""

from typing import TYPE_CHECKING

from community.practices.models import Practice
from community.spaces.permissions import can_manage

if TYPE_CHECKING:
    from community.people.models import User


def can_edit(user: "User", practice: Practice) -> bool:
    """Mend one's own practice; what was taken back is restored first."""
    return practice.author_id == user.pk and practice.withdrawn_at is None


def can_withdraw(user: "User", practice: Practice) -> bool:
    """Take back one's own; trainers and coordinators may take one down."""
    return practice.author_id == user.pk or can_manage(user, practice.space)


def can_restore(user: "User", practice: Practice) -> bool:
    """Put back what one has taken back; what was taken down, those who might have taken it down."""
    if practice.withdrawn_by_id == practice.author_id:
        return practice.author_id == user.pk
    return can_manage(user, practice.space)
