"""What live hours store about a person, and how it is erased."""

from typing import Any

from django.db import transaction

from common import privacy
from community.people.models import User
from followup.live_hours.models import LiveHour

FIELDS = (
    "followup.LiveHour.announced_by",
    "followup.LiveHour.cancelled_by",
)


def register() -> None:
    """Register export and erasure for live hours."""
    privacy.register("live_hours", export_for, erase, FIELDS)


def export_for(user: User) -> dict[str, Any]:
    """The live hours that the user announced."""
    hours = LiveHour.objects.filter(announced_by=user).select_related("month__space").order_by("pk")
    return {
        "announced": [
            {"space": hour.month.space.title, "title": hour.title, "from": hour.starts_at.isoformat()}
            for hour in hours
        ]
    }


@transaction.atomic
def erase(user: User) -> None:
    """Keep the live hours without who announced or cancelled them."""
    LiveHour.objects.filter(announced_by=user).update(announced_by=None)
    LiveHour.objects.filter(cancelled_by=user).update(cancelled_by=None)
