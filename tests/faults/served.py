"""`manage.py serve` with a fault: `python -m tests.faults.served FAULT serve --port 8000`.

The product has no switches for faults: its functions are patched here, before it starts.
"""

import os
import random
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

FAULTY_CALL = 6
"""The call of a patched function in which the server is killed."""
MAX_HINT_DELAY_SECONDS = 0.4


def kill_this_process() -> None:
    """Kill this process (SIGKILL)."""
    os.kill(os.getpid(), signal.SIGKILL)


def kill_in(owner: Any, name: str) -> None:
    """Kill the process at the start of a call of this function."""
    function = getattr(owner, name)
    calls = 0

    def patched(*args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == FAULTY_CALL:
            kill_this_process()
        return function(*args, **options)

    setattr(owner, name, patched)


def kill_in_commit(*, afterwards: bool) -> None:
    """Kill the process after a batch of messages was inserted, before or after its commit."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    from messaging.live import publish

    entries, commit = publish.entries, BaseDatabaseWrapper._commit  # type: ignore[attr-defined]
    batches = 0

    def counting_entries(*args: Any, **options: Any) -> Any:
        nonlocal batches
        batches += 1
        return entries(*args, **options)

    def killing_commit(self: BaseDatabaseWrapper) -> None:
        if batches >= FAULTY_CALL and not afterwards:
            kill_this_process()
        commit(self)
        if batches >= FAULTY_CALL:
            kill_this_process()

    publish.entries = counting_entries
    BaseDatabaseWrapper._commit = killing_commit  # type: ignore[attr-defined]


def kill_before_answer() -> None:
    """Kill the process after the commit, before the senders are answered."""
    from messaging.chat.writer import Writer

    kill_in(Writer, "_answer")


def kill_before_hint() -> None:
    """Kill the process after the commit, before hints reach the hub here or another process."""
    from messaging.live import publish

    kill_in(publish, "_send")


def make_hints_faulty() -> None:
    """Lose three hints of ten, duplicate two, delay and reorder all."""
    import asyncio

    from messaging.live import lifecycle

    on_hints, chance = lifecycle.on_hints, random.Random(1)

    def faulty(hints: Any) -> None:
        for hint in hints:
            if chance.random() < 0.3:
                continue
            for _time in range(2 if chance.random() < 0.2 else 1):
                asyncio.get_running_loop().call_later(
                    chance.uniform(0, MAX_HINT_DELAY_SECONDS), on_hints, [hint]
                )

    lifecycle.on_hints = faulty


def limit_database_size(limit: str) -> None:
    """Limit the pages of SQLite to the number in a file; an empty file is no limit."""
    from django.db.backends.signals import connection_created

    file = Path(limit)

    def within(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        pages = int(file.read_text() or 2**30)
        context["connection"].connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()
        return execute(sql, params, many, context)

    def opened(connection: Any, **options: Any) -> None:
        connection.execute_wrappers.append(within)

    connection_created.connect(opened, weak=False)


FAULTS: dict[str, Callable[..., None]] = {
    "killed before the commit": partial(kill_in_commit, afterwards=False),
    "killed after the commit": partial(kill_in_commit, afterwards=True),
    "killed before the answer": kill_before_answer,
    "killed before the hint": kill_before_hint,
    "faulty hints": make_hints_faulty,
    "the database is small": limit_database_size,
}


def main() -> None:
    """Apply the fault and serve."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.core.management import execute_from_command_line

    start = sys.argv.index("serve")
    fault, *details = sys.argv[1:start]
    django.setup()
    FAULTS[fault](*details)
    execute_from_command_line(["manage.py", *sys.argv[start:]])


if __name__ == "__main__":
    main()
