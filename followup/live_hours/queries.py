"""Live hours that are going on or ahead."""

from collections.abc import Collection

from followup.live_hours.models import LiveHour
from followup.months.contributors import register_contributors


def upcoming_hours(months: Collection[int]) -> list[LiveHour]:
    """The hours of these months that are going on or ahead, the nearest first; one query."""
    hours = LiveHour.objects.to_come().filter(month__in=months).select_related("announced_by")
    return list(hours.order_by("starts_at", "pk"))


def register() -> None:
    """Register those who announced a live hour as contributors."""
    register_contributors(
        "live hours",
        lambda month: set(LiveHour.objects.filter(month=month).values_list("announced_by", flat=True)),
    )
