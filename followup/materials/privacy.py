"""What materials hold about a person, and how it is erased."""

from typing import Any

from django.db import transaction

from common import privacy
from community.people.models import User
from followup.materials.models import Material

FIELDS = (
    "followup.Material.added_by",
    "followup.Material.removed_by",
)


def register() -> None:
    """Register export and erasure for materials."""
    privacy.register("materials", export_for, erase, FIELDS)


def export_for(user: User) -> dict[str, Any]:
    """The materials somebody added."""
    added = Material.objects.filter(added_by=user).select_related("run__course").order_by("pk")
    return {
        "added": [
            {
                "course": one.run.course.title,
                "title": one.title,
                "link": one.link,
                "on": one.added_at.isoformat(),
            }
            for one in added
        ]
    }


@transaction.atomic
def erase(user: User) -> None:
    """Keep the materials, which belong to the course group, without who added or removed them."""
    Material.objects.filter(added_by=user).update(added_by=None)
    Material.objects.filter(removed_by=user).update(removed_by=None)
