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
    told = StepTold.objects.filter(user=user).select_related("month__space").order_by("pk")
    return {
        "told": [
            {
                "space": one.month.space.title,
                "step": one.step,
                "sentence": one.sentence,
                "for_the_trainer_only": one.trainer_only,
                "on": one.told_at.isoformat(),
            }
            for one in told
        ]
    }


def erase(user: User) -> None:
    """Delete their sentences."""
    StepTold.objects.filter(user=user).delete()
