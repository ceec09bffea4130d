"""Doing what is due. Each subject registers a sweep; a sweep reads its own rows, claims them and does them.

Any number of processes may go round at once and any of them may be killed: what keeps a thing from
being done twice is the claim or the constraint on its row, never this loop.
"""

import logging
import threading
from collections.abc import Callable

from django.db import close_old_connections, connection

from common import clock
from messaging.jobs.models import Pulse

Sweep = Callable[[], int]
PULSE = "jobs"
EVERY = 5.0
"""Seconds of rest between two rounds."""

logger = logging.getLogger("aftercourse.jobs")
_sweeps: dict[str, Sweep] = {}


def register(name: str, sweep: Sweep) -> None:
    """Have a sweep done in every round. It returns how many things it did; registering again replaces it."""
    _sweeps[name] = sweep


def registered() -> tuple[str, ...]:
    """The names of all sweeps, in the order in which a round goes through them."""
    return tuple(_sweeps)


def run_once() -> int:
    """Go through all that is due, once. One sweep that fails is logged and does not hold up the others."""
    done = 0
    for name, sweep in list(_sweeps.items()):
        try:
            done += sweep()
        except Exception:
            logger.exception("What is due in %s failed; it is tried again in the next round", name)
            _let_go_of_broken_connections()
    beat()
    return done


def beat() -> None:
    """Say that somebody went through all that was due just now; `/ready/` asks for it."""
    Pulse.objects.update_or_create(name=PULSE, defaults={"beat_at": clock.now()})


def run_forever(stop: threading.Event, every: float = EVERY) -> None:
    """Go round until told to stop. A round that was begun is finished."""
    while not stop.is_set():
        try:
            run_once()
        except Exception:
            logger.exception("A round of jobs failed; the next one follows")
            _let_go_of_broken_connections()
        stop.wait(every)
    connection.close()


def _let_go_of_broken_connections() -> None:
    if not connection.in_atomic_block:
        close_old_connections()
