"""Export and erasure of a person's roles at institutes."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext

from common import privacy
from community.institutes.models import Institute, Staff
from community.people.models import User


def register() -> None:
    """Register with the privacy registry."""
    privacy.register("institutes", export_for, erase, ["community.Staff.user"])
    privacy.register_obstacle(missing_coordinators)


def missing_coordinators(user: User) -> Iterator[str]:
    """A sentence for each institute that would have no coordinator without this user. The institutes are
    locked, so that two coordinators cannot both ask to be erased at once."""
    coordinated = Institute.objects.coordinated_by(user).values("pk")
    for institute in Institute.objects.select_for_update().filter(pk__in=coordinated).order_by("pk"):
        if not institute.staff.coordinating_without(user).exists():
            yield gettext(
                "%(institute)s has no other coordinator. Name another one there first, and wait until "
                "they have joined."
            ) % {"institute": institute.name}


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
