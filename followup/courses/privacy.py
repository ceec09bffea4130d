"""What of a person courses keep, and how they let go of it."""

from typing import Any

from django.db import transaction

from common import privacy
from community.people.models import User
from followup.courses.models import (
    CompletionBatch,
    CompletionEntry,
    Course,
    Enrolment,
    Material,
    Run,
    RunTrainer,
)

FIELDS = (
    "followup.CompletionBatch.made_by",
    "followup.CompletionBatch.undone_by",
    "followup.CompletionEntry.user",
    "followup.Course.published_by",
    "followup.Enrolment.completed_by",
    "followup.Enrolment.user",
    "followup.Material.added_by",
    "followup.Material.removed_by",
    "followup.Run.completed_by",
    "followup.RunTrainer.user",
)


def register() -> None:
    """Answer for courses."""
    privacy.register("courses", export_for, erase, FIELDS)


def export_for(user: User) -> dict[str, Any]:
    """What somebody was enrolled in and completed, and what they trained."""
    enrolments = Enrolment.objects.filter(user=user).select_related("run__course").order_by("pk")
    trained = RunTrainer.objects.filter(user=user).select_related("run__course").order_by("pk")
    return {
        "enrolments": [
            {
                "course": one.run.course.title,
                "from": one.run.starts_on.isoformat(),
                "to": one.run.ends_on.isoformat(),
                "completed_on": one.completed_on and one.completed_on.isoformat(),
            }
            for one in enrolments
        ],
        "trained": [{"course": one.run.course.title, "to": one.run.ends_on.isoformat()} for one in trained],
    }


@transaction.atomic
def erase(user: User) -> None:
    """That somebody without a name completed the course stays, as it stands in the institute's figures.

    Must run while the address is still known, so that lists with it are found.
    """
    if user.email:
        _forget_in_lists(user.email.lower())
    RunTrainer.objects.filter(user=user).delete()
    CompletionEntry.objects.filter(user=user).delete()
    for model, field in (
        (CompletionBatch, "made_by"),
        (CompletionBatch, "undone_by"),
        (Course, "published_by"),
        (Enrolment, "completed_by"),
        (Material, "added_by"),
        (Material, "removed_by"),
        (Run, "completed_by"),
    ):
        model.objects.filter(**{field: user}).update(**{field: None})


def _forget_in_lists(address: str) -> None:
    CompletionBatch.objects.filter(started_at=None, content__icontains=address).delete()
    for batch in CompletionBatch.objects.exclude(refused=[]):
        kept = [row for row in batch.refused if address not in " ".join(row["cells"]).lower()]
        if len(kept) != len(batch.refused):
            CompletionBatch.objects.filter(pk=batch.pk).update(refused=kept)
