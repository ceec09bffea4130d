"""`manage.py serve` with a fault in it: `python -m tests.faults.served FAULT serve --port 8000`.

The product knows nothing of faults: they are put into its named steps here, before it starts.
"""

import os
import random
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

AT = 6
"""At which passing through a step a server is killed in it."""
LATE = 0.4
"""Seconds a hint may be late."""


def die() -> None:
    """Be killed, here and now."""
    os.kill(os.getpid(), signal.SIGKILL)


def dies_in(owner: Any, name: str) -> None:
    """Let the process be killed in a step, before it does anything."""
    step = getattr(owner, name)
    passed = 0

    def passing(*args: Any, **more: Any) -> Any:
        nonlocal passed
        passed += 1
        if passed == AT:
            die()
        return step(*args, **more)

    setattr(owner, name, passing)


def dies_in_commit(*, afterwards: bool) -> None:
    """Be killed with a batch of messages written, before or after its commit."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    from messaging.live import publish

    entries, commit = publish.entries, BaseDatabaseWrapper._commit  # type: ignore[attr-defined]
    written = 0

    def telling(*args: Any, **more: Any) -> Any:
        nonlocal written
        written += 1
        return entries(*args, **more)

    def committing(self: BaseDatabaseWrapper) -> None:
        if written >= AT and not afterwards:
            die()
        commit(self)
        if written >= AT:
            die()

    publish.entries = telling
    BaseDatabaseWrapper._commit = committing  # type: ignore[attr-defined]


def dies_before_it_answers() -> None:
    """Be killed with messages committed and their senders not told."""
    from messaging.chat.writer import Writer

    dies_in(Writer, "_answer")


def dies_before_the_hint() -> None:
    """Be killed with messages committed and nobody told, neither here nor in another process."""
    from messaging.live import publish

    dies_in(publish, "_send")


def hints_go_astray() -> None:
    """Lose three hints of ten, double two, and let all come late and in any order."""
    import asyncio

    from messaging.live import lifecycle

    hear, chance = lifecycle.on_hints, random.Random(1)

    def hearing(hints: Any) -> None:
        for hint in hints:
            if chance.random() < 0.3:
                continue
            for _time in range(2 if chance.random() < 0.2 else 1):
                asyncio.get_running_loop().call_later(chance.uniform(0, LATE), hear, [hint])

    lifecycle.on_hints = hearing


def the_database_is_small(limit: str) -> None:
    """Let SQLite have no more pages than a file says; an empty file is no limit."""
    from django.db.backends.signals import connection_created

    file = Path(limit)

    def within(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        pages = int(file.read_text() or 2**30)
        context["connection"].connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()
        return execute(sql, params, many, context)

    def opened(connection: Any, **more: Any) -> None:
        connection.execute_wrappers.append(within)

    connection_created.connect(opened, weak=False)


FAULTS: dict[str, Callable[..., None]] = {
    "killed before the commit": partial(dies_in_commit, afterwards=False),
    "killed after the commit": partial(dies_in_commit, afterwards=True),
    "killed before the answer": dies_before_it_answers,
    "killed before the hint": dies_before_the_hint,
    "hints go astray": hints_go_astray,
    "the database is small": the_database_is_small,
}


def main() -> None:
    """Put the fault in, and serve."""
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
