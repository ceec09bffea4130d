"""Process rows that are due, one after the other, so that none of them delays the others.

A row that fails is retried with back-off. The failure is a row of its own (`Failure`), so the models of the
subjects need no columns for it. It is in `/metrics/` and on the administrator's page until it succeeds.
"""

import datetime as dt
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any

from django.db import close_old_connections, connection
from django.db.models import F, Min, QuerySet

from common import clock
from common.errors import describe
from messaging.jobs import status
from messaging.jobs.models import Failure

RETRY_DELAYS = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360))
"""Delays after each failure of a row. The last one is repeated without end: no due row is ever dropped."""
LOGGED_DELAY = dt.timedelta(minutes=1)
"""With a shorter delay only the 1st, 2nd, 4th, 8th ... failure is logged."""
ROWS_PER_QUERY = 200

logger = logging.getLogger("aftercourse.jobs")
_time_box: ContextVar[tuple[float, threading.Event | None] | None] = ContextVar("time_box", default=None)


def sweep_rows(
    kind: str, rows: "QuerySet[Any, Any]", do: Callable[[int], int], *, due_at: str, field: str = "pk"
) -> int:
    """Call `do` with the id of each due row, in the order of `rows`. Returns the sum of what it returned.

    `rows` are all due rows of this kind; the query must use an index. `do` claims its row (a row lock in its
    transaction, or a conditional update with a lease), so that several processes may sweep at once, and
    returns 0 if another process has the row. What it raises is logged, the first time with a traceback, and
    the row is retried later (`RETRY_DELAYS`). `due_at` names the column with the moment a row became due;
    `field` the column with the id that `do` takes, if that is not the primary key. Ends early when the time
    box of the sweep is over.
    """
    return sweep_groups(kind, rows, lambda ids: do(ids[0]), size=1, due_at=due_at, field=field)


def sweep_groups(
    kind: str,
    rows: "QuerySet[Any, Any]",
    do: Callable[[list[int]], int],
    *,
    size: int,
    due_at: str,
    field: str = "pk",
) -> int:
    """Call `do` as `sweep_rows` does, but with the ids of up to `size` due rows at once. If it raises, it is
    called with each of them alone, so that the others are done; when the time box is over, with the first."""
    due = rows.exclude(**{f"{field}__in": Failure.objects.waiting(kind)}).values_list(field, flat=True)
    done, seen = 0, set[int]()
    while not out_of_time() and (ids := [pk for pk in dict.fromkeys(due[:ROWS_PER_QUERY]) if pk not in seen]):
        failed = set(Failure.objects.filter(kind=kind, row_id__in=ids).values_list("row_id", flat=True))
        for group in _groups(ids, size, alone=failed):
            if out_of_time():
                break
            seen.update(group)
            done += _do(kind, group, do, failed_before=group[0] in failed)
    status.report_oldest_due(kind, rows.order_by().aggregate(oldest=Min(due_at))["oldest"])
    return done


def _groups(ids: list[int], size: int, alone: set[int]) -> Iterator[list[int]]:
    """These ids in groups, each of those that failed before alone."""
    together = [row_id for row_id in ids if row_id not in alone]
    if size == 1 or not together:
        yield from ([row_id] for row_id in ids)
        return
    for start in range(0, len(together), size):
        yield together[start : start + size]
    yield from ([row_id] for row_id in ids if row_id in alone)


def _do(kind: str, ids: list[int], do: Callable[[list[int]], int], *, failed_before: bool) -> int:
    try:
        done = do(ids)
    except Exception as error:
        close_broken_connection()
        if len(ids) > 1:
            return _do_alone(kind, ids, do)
        note_failure(kind, ids[0], error)
        return 0
    if failed_before:
        note_success(kind, ids[0])
    return done


def _do_alone(kind: str, ids: list[int], do: Callable[[list[int]], int]) -> int:
    """Do these rows one by one until the time box is over. At least one, since the group may have used up the
    time, and would in each sweep."""
    done = 0
    for row_id in ids:
        done += _do(kind, [row_id], do, failed_before=False)
        if out_of_time():
            break
    return done


def note_failure(
    kind: str, row_id: int, error: BaseException, delays: tuple[dt.timedelta, ...] = RETRY_DELAYS
) -> dt.timedelta:
    """Record a failure; returns the delay until the next attempt. `row_id` 0 is the sweep as a whole."""
    now, sentence = clock.now(), describe(error)[:300]
    failure, is_new = Failure.objects.get_or_create(
        kind=kind,
        row_id=row_id,
        defaults={
            "first_failed_at": now,
            "last_failed_at": now,
            "next_attempt_at": now + delays[0],
            "error": sentence,
        },
    )
    if is_new:
        logger.error("%s %s failed; next attempt in %s", kind, row_id, delays[0], exc_info=error)
        return delays[0]
    delay = delays[min(failure.attempts, len(delays) - 1)]
    Failure.objects.filter(pk=failure.pk).update(
        attempts=F("attempts") + 1, last_failed_at=now, next_attempt_at=now + delay, error=sentence
    )
    attempts = failure.attempts + 1
    if delay >= LOGGED_DELAY or attempts.bit_count() == 1:
        logger.warning(
            "%s %s failed again, attempt %s (%s); next attempt in %s", kind, row_id, attempts, sentence, delay
        )
    return delay


def note_success(kind: str, row_id: int) -> None:
    """Delete the failure of a row, if it has one."""
    deleted, _models = Failure.objects.filter(kind=kind, row_id=row_id).delete()
    if deleted:
        logger.info("%s %s succeeded after it had failed", kind, row_id)


@contextmanager
def time_box(seconds: float, stop: threading.Event | None = None) -> Iterator[None]:
    """Limit the code inside to `seconds` and until `stop` is set. It has to check `out_of_time` between two
    rows."""
    token = _time_box.set((monotonic() + seconds, stop))
    try:
        yield
    finally:
        _time_box.reset(token)


def out_of_time() -> bool:
    """Whether the time box is over. Always False outside of one."""
    if (box := _time_box.get()) is None:
        return False
    deadline, stop = box
    return monotonic() >= deadline or (stop is not None and stop.is_set())


def close_broken_connection() -> None:
    """Close the database connection if it is unusable, so that the next statement opens a new one."""
    if not connection.in_atomic_block:
        close_old_connections()
