"""Export and erasure of a person's roles at institutes."""

from typing import Any

from common import privacy
from community.institutes.models import Staff
from community.people.models import User


def register() -> None:
    """Register with the privacy registry."""
    privacy.register("institutes", export_for, erase, ["community.Staff.user"])


def export_for(user: User) -> dict[str, Any]:
    """The institutes and roles of a person."""
    roles = Staff.objects.filter(user=user).select_related("institute").order_by("pk")
    return {
        "staff": [
            {"institute": staff.institute.name, "role": staff.role, "since": staff.since.isoformat()}
            for staff in roles
        ]
    }


def erase(user: User) -> None:
    """End every role and the memberships that came with it."""
    Staff.objects.filter(user=user).delete()
