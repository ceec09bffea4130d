"""Two database connections, of which the second waits for a lock of the first."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from tests.waiting import PATIENCE_SECONDS, wait_until


@contextmanager
def concurrent(work: Callable[[], object]) -> Iterator[Callable[[], None]]:
    """Run `work` on a connection of its own while the block's transaction is open.

    The block calls what it is given once it holds its locks: `work` then starts, and the block continues when
    `work` waits for it. SQLite has one writer at a time, so there `work` runs after the block.
    """
    failures: list[Exception] = []

    def run() -> None:
        try:
            work()
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    other = threading.Thread(target=run)

    def start() -> None:
        if connection.vendor == "postgresql":
            other.start()
            _wait_until_blocked()

    with transaction.atomic():
        yield start
    if connection.vendor == "sqlite":
        other.start()
    other.join(timeout=PATIENCE_SECONDS)
    assert not other.is_alive()
    assert failures == []


def _wait_until_blocked() -> None:
    """Wait until another connection waits for a lock of ours."""
    with connection.cursor() as cursor:

        def is_blocking() -> bool:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))",
                [connection.connection.info.backend_pid],
            )
            return bool(cursor.fetchone()[0])

        wait_until(is_blocking, "A connection that waits for a lock of this one")
