"""What materials store about a person, and how it is erased."""

from typing import Any

from django.db import transaction

from common import privacy
from community.people.models import User
from followup.materials.models import KIND, Material
from messaging.files.actions import delete_files_of

FIELDS = (
    "followup.Material.added_by",
    "followup.Material.removed_by",
)


def register() -> None:
    """Register export and erasure for materials."""
    privacy.register("materials", export_for, erase, FIELDS)


def export_for(user: User) -> dict[str, Any]:
    """The materials that the user added."""
    added = Material.objects.filter(added_by=user).select_related("run__course").order_by("pk")
    return {
        "added": [
            {
                "course": material.run.course.title,
                "title": material.title,
                "link": material.link,
                "on": material.added_at.isoformat(),
            }
            for material in added
        ]
    }


@transaction.atomic
def erase(user: User) -> None:
    """Keep the materials, which belong to the course group, without who added or removed them. What the
    user added and somebody removed is deleted with its file."""
    removed = Material.objects.filter(added_by=user, removed_at__isnull=False)
    delete_files_of(KIND, removed.values_list("pk", flat=True))
    removed.delete()
    Material.objects.filter(added_by=user).update(added_by=None)
    Material.objects.filter(removed_by=user).update(removed_by=None)
