"""Who keeps order over practices. The rest is in `posts.permissions` and `spaces.permissions`."""

from typing import TYPE_CHECKING

from community.practices.models import Practice
from community.spaces.permissions import can_keep_order

if TYPE_CHECKING:
    from community.people.models import User


def keeps_order(user: "User", practice: Practice) -> bool:
    """Take down and restore practices of others."""
    return can_keep_order(user, practice.space)
