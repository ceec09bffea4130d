"""Who keeps order over practices. The rest is in `posts.permissions` and `spaces.permissions`."""

from typing import TYPE_CHECKING

from community.practices.models import Practice
from community.spaces.permissions import can_manage

if TYPE_CHECKING:
    from community.people.models import User


def keeps_order(user: "User", practice: Practice) -> bool:
    """Take down and restore practices of others: trainers and coordinators of its space."""
    return can_manage(user, practice.space)
