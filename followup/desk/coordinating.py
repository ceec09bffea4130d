"""What waits for who keeps an institute's course groups: completions, and months that open or close."""

import datetime as dt
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, OuterRef, QuerySet

from common import clock
from followup.courses.models import CompletionBatch, Run
from followup.desk.places import SOON
from followup.desk.run_queries import (
    INSIDERS,
    KEEPERS,
    State,
    institutes_of,
    runs_kept_by,
    with_counts,
    with_state,
)
from followup.months.models import Month

if TYPE_CHECKING:
    from community.people.models import User

SHOWN = 8
"""How many of a kind Today lists; the desk has the rest."""
REMEMBERED = dt.timedelta(days=14)
"""How long refused rows are held out to be mended."""


class Coordinating:
    """The coordinator's and the office's part of Today: the same few queries for any number of institutes."""

    def __init__(self, user: "User") -> None:
        self.user = user

    @property
    def has_part(self) -> bool:
        """Whether this person keeps course groups at all."""
        return bool(institutes_of(self.user, KEEPERS))

    @cached_property
    def waiting(self) -> list[Run]:
        """Course groups that are over and have no completion list, the longest waiting first."""
        return list(self._runs.filter(state=State.WAITING).order_by("ends_on", "pk")[:SHOWN])

    @cached_property
    def opening(self) -> list[Run]:
        """Course groups whose last day is near; their month opens after it."""
        near = self._runs.filter(state__in=[State.UPCOMING, State.RUNNING], ends_on__lte=F("soon"))
        return list(near.order_by("ends_on", "pk")[:SHOWN])

    @cached_property
    def closing(self) -> list[Month]:
        """Months that close within the week."""
        inside = Month.objects.filter(space__institute__in=institutes_of(self.user, INSIDERS & KEEPERS))
        near = inside.open().filter(space__closes_at__lte=clock.now() + SOON)
        return list(near.select_related("space__institute").order_by("space__closes_at", "pk")[:SHOWN])

    @cached_property
    def refused(self) -> list[CompletionBatch]:
        """The newest list of a course group, where rows of it were refused and nothing came after."""
        later = CompletionBatch.objects.filter(
            run=OuterRef("run"), undone_at=None, started_at__gt=OuterRef("started_at")
        )
        recent = CompletionBatch.objects.filter(
            run__in=runs_kept_by(self.user), undone_at=None, applied_at__gt=clock.now() - REMEMBERED
        )
        left = recent.exclude(refused=[]).exclude(Exists(later)).select_related("run__course")
        return list(left.order_by("-applied_at")[:SHOWN])

    @property
    def waits(self) -> bool:
        """Whether there is anything to see to."""
        return self.has_part and bool(self.waiting or self.refused or self.opening or self.closing)

    @cached_property
    def _runs(self) -> QuerySet[Any]:
        return with_counts(with_state(runs_kept_by(self.user))).select_related("course__institute")
