"""The live hours of a month."""

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import QuerySet

from common import clock
from common.statements import statement
from followup.live_hours.models import LiveHour
from followup.months.contributors import register_contributors


class ListedHour(NamedTuple):
    """A live hour of a month's list."""

    pk: int
    title: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    cancelled_at: dt.datetime | None
    announced_by: str | None
    """The name of who announced it."""

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    @property
    def is_live(self) -> bool:
        """As `LiveHour.is_live`."""
        return self.cancelled_at is None and self.starts_at <= clock.now() < self.ends_at

    @property
    def is_past(self) -> bool:
        """Whether it belongs to the past; a cancelled one does when its time has come."""
        return self.starts_at <= clock.now() and not self.is_live

    @property
    def is_ahead(self) -> bool:
        """As `LiveHour.is_ahead`."""
        return self.cancelled_at is None and self.starts_at > clock.now()


@statement(ListedHour)
def hours_of(month: int) -> QuerySet[Any, Any]:
    """All hours of a month, also the cancelled ones, the latest first."""
    hours = LiveHour.objects.filter(month=month).order_by("-starts_at", "-pk")
    return hours.values_list("pk", "title", "starts_at", "ends_at", "cancelled_at", "announced_by__name")


def register() -> None:
    """Register those who announced a live hour as contributors."""
    register_contributors(
        "live hours",
        lambda month: set(LiveHour.objects.filter(month=month).values_list("announced_by", flat=True)),
    )
