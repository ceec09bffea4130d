"""Pause the jobs while the clock may be wrong.

What a job does cannot be undone: a month that a wrong clock closed stays closed, and its mails are sent. So
the moment up to which the clock was believed is stored, about once a minute. When the clock differs from it
by more than a day, the jobs pause. That is either a wrong clock, which a time server mostly corrects within
minutes, or the installation was switched off for long. Therefore the jobs continue when

- the clock is back near the believed moment, or
- an administrator says that it is right (`manage.py jobs --yes-the-clock-is-right`), or
- it has stayed as it is for `settings.CLOCK_PAUSE_SECONDS`, and no other process believes another time.
"""

import datetime as dt
import logging
import threading
from time import monotonic

from django.conf import settings
from django.db import transaction

from common import clock
from messaging.jobs.due import note_failure, note_success
from messaging.jobs.models import BelievedClock

KIND = "clock"
"""Under which the pause is listed with the jobs that fail."""
LARGEST_STEP = dt.timedelta(days=1)
STORE_INTERVAL = dt.timedelta(minutes=1)

logger = logging.getLogger("aftercourse.jobs")


class ClockJumpedError(Exception):
    """The clock differs from the believed moment by more than `LARGEST_STEP`."""

    def __init__(self, step: dt.timedelta) -> None:
        direction = "ahead of" if step > dt.timedelta(0) else "behind"
        self.strerror = f"the clock is {abs(step).days} days {direction} the last run; the jobs pause"
        super().__init__(self.strerror)


class ClockGuard:
    """Decides for the threads of one process whether jobs may run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._paused_since: float | None = None
        self._believed: dt.datetime | None = None
        """What was believed when the pause began, or by another process since."""

    def allows(self) -> bool:
        """Whether the clock is believed. Raises DatabaseError."""
        if not settings.CLOCK_PAUSE_SECONDS:
            return True
        with self._lock:
            believed = BelievedClock.read()
            step = clock.now() - believed if believed else dt.timedelta(0)
            if abs(step) <= LARGEST_STEP:
                self._believe(believed)
                return True
            if self._paused_since is None or believed != self._believed:
                self._pause(step, believed)
            elif monotonic() - self._paused_since >= settings.CLOCK_PAUSE_SECONDS:
                logger.warning("The clock has stayed as it is; the jobs continue")
                self._believe(None)
                return True
            return False

    def _pause(self, step: dt.timedelta, believed: dt.datetime | None) -> None:
        first = self._paused_since is None
        self._paused_since, self._believed = monotonic(), believed
        if first:
            note_failure(KIND, 0, ClockJumpedError(step))

    def _believe(self, believed: dt.datetime | None) -> None:
        if self._paused_since is not None:
            note_success(KIND, 0)
            self._paused_since = None
        if believed is None or clock.now() - believed >= STORE_INTERVAL:
            BelievedClock.write(clock.now())


guard = ClockGuard()


@transaction.atomic
def confirm() -> None:
    """An administrator says that the clock is right; the jobs of all processes continue."""
    BelievedClock.write(clock.now())
    note_success(KIND, 0)
