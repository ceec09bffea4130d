"""What of a person is kept with months, and how it lets go of it."""

from typing import TYPE_CHECKING, Any

from django.db import transaction

from common import privacy
from followup.months.models import Extension, LiveHour, Month, StepTold

if TYPE_CHECKING:
    from community.people.models import User

FIELDS = (
    "followup.Month.opener",
    "followup.Extension.extended_by",
    "followup.Extension.answered_by",
    "followup.StepTold.user",
    "followup.LiveHour.announced_by",
    "followup.LiveHour.cancelled_by",
)


def register() -> None:
    """Answer for months."""
    privacy.register("months", export_for, erase, FIELDS)


def export_for(user: "User") -> dict[str, Any]:
    """The steps they told, the months they opened or made longer, and the live hours they announced."""
    told = StepTold.objects.filter(user=user).select_related("month__space").order_by("pk")
    opened = Month.objects.filter(opener=user).select_related("space").order_by("pk")
    extended = Extension.objects.filter(extended_by=user).select_related("month__space").order_by("pk")
    hours = LiveHour.objects.filter(announced_by=user).select_related("month__space").order_by("pk")
    return {
        "steps_told": [
            {
                "space": one.month.space.title,
                "step": one.step,
                "sentence": one.sentence,
                "for_the_trainer_only": one.trainer_only,
                "on": one.told_at.isoformat(),
            }
            for one in told
        ],
        "months_opened": [{"space": one.space.title, "on": one.opened_on.isoformat()} for one in opened],
        "extensions": [
            {"space": one.month.space.title, "to": one.last_day.isoformat(), "reason": one.reason}
            for one in extended
        ],
        "live_hours": [
            {"space": one.month.space.title, "title": one.title, "from": one.starts_at.isoformat()}
            for one in hours
        ],
    }


@transaction.atomic
def erase(user: "User") -> None:
    """Their sentences go; what they did with a month or a live hour stays, without who did it."""
    StepTold.objects.filter(user=user).delete()
    Month.objects.filter(opener=user).update(opener=None)
    Extension.objects.filter(extended_by=user).update(extended_by=None)
    Extension.objects.filter(answered_by=user).update(answered_by=None)
    LiveHour.objects.filter(announced_by=user).update(announced_by=None)
    LiveHour.objects.filter(cancelled_by=user).update(cancelled_by=None)
