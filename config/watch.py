"""Watches, in a serving process, what is wrong without any request failing: nobody runs the jobs."""

import logging
import threading
from time import monotonic

from django.db import DatabaseError, close_old_connections

from messaging.jobs import status

INTERVAL_SECONDS = 60.0
LOG_INTERVAL_SECONDS = 600.0

logger = logging.getLogger("aftercourse.health")


class Watch:
    """A thread that logs it, once in ten minutes at most."""

    def __init__(self) -> None:
        self._started_at = monotonic()
        self._logged_at = float("-inf")

    def start(self) -> None:
        """Start the thread. It ends with the process."""
        threading.Thread(target=self._run, name="watch", daemon=True).start()

    def look(self) -> None:
        """Look once. Says nothing while everything has just been started, or the database is away."""
        now = monotonic()
        if now - self._started_at < status.STALE_SECONDS or now - self._logged_at < LOG_INTERVAL_SECONDS:
            return
        try:
            is_stale = status.is_stale()
        except DatabaseError:
            return
        if is_stale:
            self._logged_at = now
            logger.error(
                "No job has run for %s seconds, so no mail leaves and no month opens: start `manage.py jobs`",
                status.STALE_SECONDS,
            )

    def _run(self) -> None:
        wait = threading.Event().wait
        while not wait(INTERVAL_SECONDS):
            self.look()
            close_old_connections()
