"""What of a person an institute keeps, and how it lets go of it."""

from typing import Any

from common import privacy
from community.institutes.models import Staff
from community.people.models import User


def register() -> None:
    """Answer for institutes."""
    privacy.register("institutes", export_for, erase, ["community.Staff.user"])


def export_for(user: User) -> dict[str, Any]:
    """Where somebody works, and as what."""
    roles = Staff.objects.filter(user=user).select_related("institute").order_by("pk")
    return {
        "staff": [
            {"institute": one.institute.name, "role": one.role, "since": one.since.isoformat()}
            for one in roles
        ]
    }


def erase(user: User) -> None:
    """They do not work here any more."""
    Staff.objects.filter(user=user).delete()
