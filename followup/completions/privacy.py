"""What completion lists store about a person, and how it is erased."""

from typing import Any

from django.db import transaction

from common import privacy
from common.addresses import readable_address
from community.people.models import User
from followup.completions.models import CompletionEntry
from followup.courses.models import CompletionBatch

FIELDS = (
    "followup.CompletionBatch.made_by",
    "followup.CompletionBatch.undone_by",
    "followup.CompletionEntry.user",
)


def register() -> None:
    """Register export and erasure for completion lists."""
    privacy.register("completions", export_for, erase, FIELDS)


def export_for(user: User) -> dict[str, Any]:
    """The lists that this user uploaded; their own completions are exported with their enrolments."""
    batches = CompletionBatch.objects.filter(made_by=user).select_related("run__course").order_by("pk")
    return {
        "lists": [{"course": batch.run.course.title, "on": batch.made_at.isoformat()} for batch in batches]
    }


@transaction.atomic
def erase(user: User) -> None:
    """Remove the person from lists and batches.

    Must run while the address is still known, so that lists with it are found.
    """
    if user.email:
        _erase_from_lists({user.email, readable_address(user.email)})
    CompletionEntry.objects.filter(user=user).delete()
    CompletionBatch.objects.filter(made_by=user).update(made_by=None)
    CompletionBatch.objects.filter(undone_by=user).update(undone_by=None)


def _erase_from_lists(spellings: set[str]) -> None:
    for address in spellings:
        CompletionBatch.objects.filter(started_at=None, content__icontains=address).delete()
    for batch in CompletionBatch.objects.exclude(refused=[]):
        remaining = [
            row
            for row in batch.refused
            if not any(address in " ".join(row["cells"]).lower() for address in spellings)
        ]
        if len(remaining) != len(batch.refused):
            CompletionBatch.objects.filter(pk=batch.pk).update(refused=remaining)
