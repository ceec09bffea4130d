"""Delete obsolete rows. Each subject registers a rule for its own rows, with the age at which they are
deleted; docs/operations.md has a table of all rules, and a test compares it with the registered ones."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from common import clock
from messaging.jobs import loop
from messaging.jobs.due import close_broken_connection, note_failure, note_success, out_of_time
from messaging.jobs.models import Failure

INTERVAL = dt.timedelta(hours=1)
ROWS_PER_BATCH = 200
"""Rows per transaction: few, because SQLite has one writer at a time and requests must get their turn."""
KEEP_FAILURES = dt.timedelta(days=7)
"""How long a failure is kept after its next attempt was due and did not happen: its row is no longer due."""

Rule = Callable[[int], int]
_rules: dict[str, Rule] = {}
_last_rule = ""
"""The rule that this process reached last."""


def register() -> None:
    """Register the sweep of all rules, and the rules for rows that no subject owns."""
    loop.register("housekeeping", sweep, every=INTERVAL, thread="housekeeping")
    register_rule("sessions", _delete_ended_sessions)
    register_rule("failures", _delete_stale_failures)


def register_rule(name: str, rule: Rule) -> None:
    """Apply a rule every hour. It takes the size of a batch, deletes at most as many rows and returns how
    many; it is called again while it deletes full batches."""
    _rules[name] = rule


def registered() -> tuple[str, ...]:
    """The names of all rules."""
    return tuple(_rules)


def sweep() -> int:
    """Apply all rules. Returns how many rows were deleted.

    A rule that fails does not delay the others; nor does one that uses up the time box, since the next run
    starts after it.
    """
    global _last_rule
    done = 0
    for name, rule in _rules_in_turn():
        if out_of_time():
            break
        _last_rule = name
        try:
            while True:
                deleted = rule(ROWS_PER_BATCH)
                done += deleted
                if deleted < ROWS_PER_BATCH or out_of_time():
                    break
        except Exception as error:
            close_broken_connection()
            note_failure(name, 0, error)
        else:
            note_success(name, 0)
    return done


def _rules_in_turn() -> list[tuple[str, Rule]]:
    names = list(_rules)
    first = names.index(_last_rule) + 1 if _last_rule in names else 0
    return [(name, _rules[name]) for name in names[first:] + names[:first]]


def delete_batch(rows: "QuerySet[Any]", size: int) -> int:
    """Delete at most `size` of these rows; returns how many."""
    ids = list(rows.values_list("pk", flat=True)[:size])
    rows.model._default_manager.filter(pk__in=ids).delete()
    return len(ids)


def update_batch(rows: "QuerySet[Any]", size: int, **values: Any) -> int:
    """Update at most `size` of these rows; returns how many. They must not match `rows` any more
    afterwards."""
    ids = list(rows.values_list("pk", flat=True)[:size])
    return rows.model._default_manager.filter(pk__in=ids).update(**values)


def _delete_ended_sessions(size: int) -> int:
    return delete_batch(Session.objects.filter(expire_date__lt=clock.now()), size)


def _delete_stale_failures(size: int) -> int:
    return delete_batch(Failure.objects.filter(next_attempt_at__lt=clock.now() - KEEP_FAILURES), size)
