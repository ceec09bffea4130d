"""Run the sweeps. A subject registers a sweep for its own due rows, which queries, claims and processes them.

Any number of processes may run the loop at once and any of them may be killed: a claim or a constraint on the
row, never this loop, prevents that it is processed twice.
"""

import datetime as dt
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from django.db import connection
from django.db.models import Q

from common import clock
from common.errors import describe
from messaging.jobs import clock_guard, status
from messaging.jobs.due import close_broken_connection, note_failure, note_success, out_of_time, time_box
from messaging.jobs.models import SweepStatus

INTERVAL_SECONDS = 5.0
"""Pause between two rounds."""
SWEEP_SECONDS = 20.0
"""The time box of one sweep, after which the next sweep runs."""
STOP_SECONDS = 4.0
"""How long a thread may finish its current row after it was told to stop."""
RETRY_DELAYS = tuple(dt.timedelta(seconds=seconds) for seconds in (5, 15, 30, 60))
"""Delays after a sweep failed as a whole. Short, because mostly the database was unavailable."""
MAIN = "main"
"""The thread of all sweeps that do not need one of their own."""

logger = logging.getLogger("aftercourse.jobs")


@dataclass(frozen=True)
class Sweep:
    """A registered sweep; see `register`."""

    kind: str
    run: Callable[[], int]
    thread: str = MAIN
    every: dt.timedelta | None = None
    retry_delays: tuple[dt.timedelta, ...] = RETRY_DELAYS


_sweeps: dict[str, Sweep] = {}
_retry_at: dict[str, float] = {}
"""When sweeps that failed as a whole run again, on the monotonic clock."""
_succeeded: set[str] = set()
"""Sweeps whose last run in this process did not fail."""


def register(
    kind: str,
    run: Callable[[], int],
    *,
    thread: str = MAIN,
    every: dt.timedelta | None = None,
    retry_delays: tuple[dt.timedelta, ...] = RETRY_DELAYS,
) -> None:
    """Run a sweep in every round; it returns the number of rows processed. Replaces a sweep of this kind.

    A sweep that waits for something other than the database names a `thread` of its own, so that it delays no
    other one. With `every` it runs once in this interval, in one process. `retry_delays` are the delays after
    it raised.
    """
    _sweeps[kind] = Sweep(kind, run, thread, every, retry_delays)


def registered() -> tuple[str, ...]:
    """All kinds, in the order in which a round runs them."""
    return tuple(_sweeps)


def interval_of(kind: str) -> float:
    """Seconds between two runs of a sweep: its own interval, or that of the rounds."""
    sweep = _sweeps.get(kind)
    return sweep.every.total_seconds() if sweep and sweep.every else INTERVAL_SECONDS


def run_once(
    thread: str | None = None,
    stop: threading.Event | None = None,
    allows: Callable[[], bool] = lambda: True,
) -> int:
    """Run all sweeps once, or only those of one thread. Returns how many rows they processed.

    `allows` is asked before each sweep, since the clock may be set meanwhile. When `stop` is set it returns
    after the row being processed. A sweep that raises is logged, retried later (`RETRY_DELAYS`) and does not
    delay the others.
    """
    done = 0
    for sweep in list(_sweeps.values()):
        if stop is not None and stop.is_set():
            break
        if thread in (None, sweep.thread) and allows() and _should_run(sweep):
            done += _run(sweep, stop)
            status.write()
    if thread is None:
        status.write(at_once=True)
    return done


def run_forever(stop: threading.Event, interval: float = INTERVAL_SECONDS) -> None:
    """Run rounds until `stop` is set: the main sweeps in this thread, the others in threads of their own.

    Returns when all have finished their current row, or after `STOP_SECONDS`: a row that is still claimed
    then is claimed by another worker after its lease.
    """
    names = sorted({sweep.thread for sweep in _sweeps.values()} - {MAIN})
    threads = [
        threading.Thread(target=_run_rounds, args=(name, stop, interval), name=f"jobs-{name}", daemon=True)
        for name in names
    ]
    for each in threads:
        each.start()
    _run_rounds(MAIN, stop, interval)
    until = monotonic() + STOP_SECONDS
    for each in threads:
        each.join(max(0.0, until - monotonic()))


def _run_rounds(thread: str, stop: threading.Event, interval: float) -> None:
    failed = 0
    while not stop.is_set():
        try:
            run_once(thread, stop, clock_guard.guard.allows)
            failed = 0
        except Exception as error:
            # The database is unavailable, or failures could not be written.
            failed += 1
            close_broken_connection()
            logger.error(
                "A round of jobs failed (%s); the next one follows",
                describe(error),
                exc_info=error if failed == 1 else None,
            )
        stop.wait(interval * min(1 + failed, 4))
    connection.close()


def _should_run(sweep: Sweep) -> bool:
    """Whether to run it now. A sweep with an interval is claimed by a conditional update."""
    if monotonic() < _retry_at.get(sweep.kind, 0.0):
        return False
    if sweep.every is None:
        return True
    now = clock.now()
    statuses = SweepStatus.objects.filter(kind=sweep.kind)
    if not statuses.exists():
        SweepStatus.objects.bulk_create([SweepStatus(kind=sweep.kind)], ignore_conflicts=True)
    # Further ahead than it can be: it was set while the clock was wrong.
    impossible = Q(next_run_at__gt=now + 2 * sweep.every)
    due = statuses.filter(Q(next_run_at=None) | Q(next_run_at__lte=now) | impossible)
    return due.exists() and due.update(next_run_at=now + sweep.every) > 0


def _run(sweep: Sweep, stop: threading.Event | None) -> int:
    started, done, succeeded = monotonic(), 0, False
    try:
        with time_box(SWEEP_SECONDS, stop):
            done = sweep.run()
            if sweep.every is not None and done and out_of_time():
                # More rows than fit into one time box: continue next round. Without `done` it was slow.
                SweepStatus.objects.filter(kind=sweep.kind).update(next_run_at=None)
        _note_success(sweep.kind)
        succeeded = True
    except Exception as error:
        _note_failure(sweep, error)
    status.report_run(sweep.kind, seconds=monotonic() - started, succeeded=succeeded)
    return done


def _note_success(kind: str) -> None:
    _retry_at.pop(kind, None)
    if kind not in _succeeded:
        note_success(kind, 0)
        _succeeded.add(kind)


def _note_failure(sweep: Sweep, error: Exception) -> None:
    kind, delays = sweep.kind, sweep.retry_delays
    _succeeded.discard(kind)
    _retry_at[kind] = monotonic() + delays[0].total_seconds()
    close_broken_connection()
    # Raises if the database is unavailable, which ends the round.
    delay = note_failure(kind, 0, error, delays)
    _retry_at[kind] = monotonic() + delay.total_seconds()
