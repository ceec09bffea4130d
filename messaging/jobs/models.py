"""The state of the jobs: the last run of each sweep, the rows that fail, and the clock they believe."""

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from common import clock

if TYPE_CHECKING:
    from django.db.models import QuerySet


class SweepStatus(models.Model):
    """The last run of a sweep in any process. `/metrics/` and the administrator's page show it."""

    kind = models.CharField(max_length=30, unique=True)
    heartbeat_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    seconds = models.FloatField(default=0)
    oldest_due_at = models.DateTimeField(null=True, help_text="of the rows that were left after it")
    next_run_at = models.DateTimeField(
        null=True, help_text="only of a sweep that does not run in every round"
    )

    def __str__(self) -> str:
        return self.kind


class BelievedClock(models.Model):
    """The moment up to which the jobs believe the clock; see `clock_guard`. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_believed_clock")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"

    @classmethod
    def read(cls) -> dt.datetime | None:
        """The moment; None before the first run of the jobs."""
        return cls.objects.values_list("at", flat=True).first()

    @classmethod
    def write(cls, at: dt.datetime) -> None:
        """Store another moment."""
        cls.objects.update_or_create(pk=1, defaults={"at": at})


class FailureQuerySet(models.QuerySet["Failure"]):
    def waiting(self, kind: str) -> "QuerySet[Failure, int]":
        """The ids of the rows of this kind whose next attempt is not due yet, for a subquery."""
        return self.filter(kind=kind, next_attempt_at__gt=clock.now()).values_list("row_id", flat=True)


class Failure(models.Model):
    """A due row that failed, and when it is attempted again. Deleted when it succeeds.

    `row_id` is the id of a row of the subject that registered the kind, or 0 for the sweep as a whole. The
    error has no personal data in it (`common.errors`).
    """

    kind = models.CharField(_("job"), max_length=30)
    row_id = models.BigIntegerField(_("row"))
    attempts = models.PositiveIntegerField(_("attempts"), default=1)
    first_failed_at = models.DateTimeField(_("fails since"), default=clock.now)
    last_failed_at = models.DateTimeField(_("last attempt"), default=clock.now)
    next_attempt_at = models.DateTimeField(_("next attempt"))
    error = models.CharField(_("error"), max_length=300)

    objects = FailureQuerySet.as_manager()

    class Meta:
        verbose_name = _("job that fails")
        verbose_name_plural = _("jobs that fail")
        constraints = [models.UniqueConstraint(fields=["kind", "row_id"], name="failure_once")]
        indexes = [models.Index(fields=["kind", "next_attempt_at"], name="failure_next_attempt")]

    def __str__(self) -> str:
        return f"{self.kind} {self.row_id}"
