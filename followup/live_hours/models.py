"""Live hours: a trainer is in the chat room at an announced time."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common import clock
from followup.months.models import Month


class LiveHourQuerySet(models.QuerySet["LiveHour"]):
    def not_cancelled(self) -> "LiveHourQuerySet":
        """Those not cancelled."""
        return self.filter(cancelled_at=None)

    def to_come(self) -> "LiveHourQuerySet":
        """Those not cancelled and not over: ahead, or going on."""
        return self.not_cancelled().filter(ends_at__gt=clock.now())

    def going_on(self) -> "LiveHourQuerySet":
        """Those in which somebody is in the room now."""
        return self.to_come().filter(starts_at__lte=clock.now())


class LiveHour(models.Model):
    """A time in which a trainer is in the chat room.

    `reminded_at`, `begun_at` and `ended_at` mark what the jobs have done, so that it is done once.
    """

    month = models.ForeignKey(Month, models.CASCADE, related_name="live_hours")
    title = models.CharField(_("what it is about"), max_length=120)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    announced_at = models.DateTimeField(default=clock.now)
    announced_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reminded_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = LiveHourQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="live_hour_ends_after_it_starts"
            )
        ]
        # What the jobs still have to do something for; all the others are past.
        indexes = [
            models.Index(fields=["starts_at"], condition=models.Q(ended_at=None), name="live_hour_not_ended")
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def is_live(self) -> bool:
        """Whether it is going on."""
        return self.cancelled_at is None and self.starts_at <= clock.now() < self.ends_at

    @property
    def is_ahead(self) -> bool:
        """Whether it has not begun yet."""
        return self.cancelled_at is None and self.starts_at > clock.now()
