"""What steps store about a person, and how it is erased."""

from typing import Any

from common import privacy
from community.people.models import User
from followup.steps.models import StepTold

FIELDS = ("followup.StepTold.user",)


def register() -> None:
    """Register export and erasure for steps."""
    privacy.register("steps", export_for, erase, FIELDS)


def export_for(user: User) -> dict[str, Any]:
    """The steps that the user reported in a sentence."""
    reported = StepTold.objects.filter(user=user).select_related("month__space").order_by("pk")
    return {
        "told": [
            {
                "space": reported_step.month.space.title,
                "step": reported_step.step,
                "sentence": reported_step.sentence,
                "for_the_trainer_only": reported_step.trainer_only,
                "on": reported_step.told_at.isoformat(),
            }
            for reported_step in reported
        ]
    }


def erase(user: User) -> None:
    """Delete their sentences."""
    StepTold.objects.filter(user=user).delete()
