"""Who may do what at an institute."""

from typing import TYPE_CHECKING

from community.institutes.models import Institute, Staff

if TYPE_CHECKING:
    from community.people.models import User


def can_manage_institute(user: "User", institute: Institute) -> bool:
    """Change its page and its staff: its coordinators."""
    return user.is_authenticated and institute.staff.filter(user=user, role=Staff.Role.COORDINATOR).exists()
