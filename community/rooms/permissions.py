"""Who may enter and join the room of a space."""

from typing import TYPE_CHECKING

from community.spaces.models import Space
from community.spaces.permissions import joining_role, membership_in

if TYPE_CHECKING:
    from community.people.models import User


def can_join_room(user: "User", space: Space) -> bool:
    """Become a member of the space and its room with the Join button, without being admitted by somebody."""
    return joining_role(user, space) is not None


def can_enter_room(user: "User", space: Space) -> bool:
    """Open the room's page: to read it as a member, or to join."""
    return membership_in(user, space) is not None or can_join_room(user, space)
