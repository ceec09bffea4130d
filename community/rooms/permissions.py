"""Who may join the room of a space."""

from typing import TYPE_CHECKING

from community.spaces.models import Space
from community.spaces.permissions import is_coordinator

if TYPE_CHECKING:
    from community.people.models import User


def can_join_room(user: "User", space: Space) -> bool:
    """Become a member of the room by pressing Join: coordinators of the institute who are not in it yet."""
    return is_coordinator(user, space)
