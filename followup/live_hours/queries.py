"""Live hours that are going on or ahead."""

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext

from common import clock
from common.statements import statement
from community.rooms.extensions import HeaderLink, register_links
from community.spaces.models import Space
from community.spaces.permissions import can_manage
from followup.live_hours.models import LiveHour
from followup.months.contributors import register_contributors
from followup.months.models import Month

if TYPE_CHECKING:
    from community.people.models import User


def upcoming_hours(months: Collection[int]) -> list[LiveHour]:
    """The hours of these months that are going on or ahead, the nearest first; one query."""
    hours = LiveHour.objects.to_come().filter(month__in=months).select_related("announced_by")
    return list(hours.order_by("starts_at", "pk"))


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
    def is_ahead(self) -> bool:
        """As `LiveHour.is_ahead`."""
        return self.cancelled_at is None and self.starts_at > clock.now()


@statement(ListedHour)
def hours_of(month: int) -> QuerySet[Any, Any]:
    """All hours of a month, also the cancelled ones, the latest first."""
    hours = LiveHour.objects.filter(month=month).order_by("-starts_at", "-pk")
    return hours.values_list("pk", "title", "starts_at", "ends_at", "cancelled_at", "announced_by__name")


def room_links(user: "User", space: Space) -> list[HeaderLink]:
    """The button with which those who may announce hours begin one now, or end the one that is going on."""
    if space.kind != Month.SPACE_KIND or not space.is_open or not can_manage(user, space):
        return []
    month = Month.objects.get(space=space)
    live = next((hour for hour in upcoming_hours([month.pk]) if hour.is_live), None)
    if live is None:
        url = reverse("live_now", kwargs={"pk": month.pk})
        return [HeaderLink(gettext("I am in the room now"), url, "radio", posts=True)]
    url = reverse("live_hour_cancel", kwargs={"pk": month.pk, "hour_pk": live.pk})
    return [HeaderLink(gettext("End the live hour"), url, "x", posts=True)]


def register() -> None:
    """Register those who announced a live hour as contributors, and the button in the room."""
    register_contributors(
        "live hours",
        lambda month: set(LiveHour.objects.filter(month=month).values_list("announced_by", flat=True)),
    )
    register_links(room_links)
