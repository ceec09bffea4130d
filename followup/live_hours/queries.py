"""Live hours that are ahead."""

from collections.abc import Collection

from followup.live_hours.models import LiveHour


def upcoming_hours(months: Collection[int]) -> list[LiveHour]:
    """The hours of these months that are going on or ahead, the nearest first; one query."""
    hours = LiveHour.objects.to_come().filter(month__in=months).select_related("announced_by")
    return list(hours.order_by("starts_at", "pk"))
