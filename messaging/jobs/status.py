"""The last run of each sweep, collected in memory and written to the database at most every few seconds.

Every sweep reports when it ends, so that a long one does not make the others look stale.
"""

import datetime as dt
import threading
from dataclasses import dataclass
from time import monotonic

from common import clock
from messaging.jobs.models import SweepStatus

WRITE_INTERVAL_SECONDS = 5.0
STALE_SECONDS = 90
"""If no sweep has ended for this long, no process runs the jobs. Far above the time box of one sweep."""


@dataclass
class _Report:
    seconds: float = 0.0
    heartbeat_at: dt.datetime | None = None
    succeeded_at: dt.datetime | None = None
    oldest_due_at: dt.datetime | None = None


_lock = threading.Lock()
_reports: dict[str, _Report] = {}
_changed: set[str] = set()
_written_at = float("-inf")


def report_run(kind: str, *, seconds: float, succeeded: bool) -> None:
    """Report that a sweep ended just now."""
    with _lock:
        report = _reports.setdefault(kind, _Report())
        report.seconds, report.heartbeat_at = seconds, clock.now()
        if succeeded:
            report.succeeded_at = report.heartbeat_at
        _changed.add(kind)


def report_oldest_due(kind: str, moment: dt.datetime | None) -> None:
    """Report since when the oldest row of this kind has been due; None if none is left."""
    with _lock:
        _reports.setdefault(kind, _Report()).oldest_due_at = moment


def write(*, at_once: bool = False) -> None:
    """Write the reports since the last write, unless that was less than `WRITE_INTERVAL_SECONDS` ago."""
    global _written_at
    with _lock:
        if not _changed or (not at_once and monotonic() - _written_at < WRITE_INTERVAL_SECONDS):
            return
        rows = [
            SweepStatus(
                kind=kind,
                heartbeat_at=_reports[kind].heartbeat_at,
                succeeded_at=_reports[kind].succeeded_at,
                seconds=_reports[kind].seconds,
                oldest_due_at=_reports[kind].oldest_due_at,
            )
            for kind in sorted(_changed)
        ]
        _changed.clear()
        _written_at = monotonic()
    _upsert([row for row in rows if row.succeeded_at], "succeeded_at")
    # This process has not seen it succeed; another one, or an earlier one, may have.
    _upsert([row for row in rows if not row.succeeded_at])


def is_stale() -> bool:
    """Whether no sweep of any process has ended for `STALE_SECONDS`."""
    latest = clock.now() - dt.timedelta(seconds=STALE_SECONDS)
    return not SweepStatus.objects.filter(heartbeat_at__gt=latest).exists()


def _upsert(rows: list[SweepStatus], *fields: str) -> None:
    if rows:
        SweepStatus.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["kind"],
            update_fields=["heartbeat_at", "seconds", "oldest_due_at", *fields],
        )
