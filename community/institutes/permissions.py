"""Who may do what at an institute."""

from typing import TYPE_CHECKING

from community.institutes.models import Institute, Staff

if TYPE_CHECKING:
    from community.people.models import User


def can_manage_institute(user: "User", institute: Institute) -> bool:
    """Edit the institute and its staff: its coordinators, and administrators, who invite the first one.
    Queries the database, so that it can be asked under a lock."""
    if not user.is_authenticated:
        return False
    coordinates = institute.staff.filter(user=user, role=Staff.Role.COORDINATOR)
    return user.is_superuser or coordinates.exists()


def can_create_institute(user: "User") -> bool:
    """Create an institute and name who coordinates it first: administrators."""
    return user.is_authenticated and user.is_superuser
