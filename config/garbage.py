"""Garbage collection of a server with thousands of sockets.

With Python's thresholds the collector takes a seventh of the time of each handshake. With ours alone, what a
finished request leaves in reference cycles (each request does: its task, its error and its frames) would wait
for hours. So a timer collects what is young, and now and then everything, within a fixed share of the time.
"""

import asyncio
import gc
from time import monotonic

THRESHOLDS = (50_000, 20, 50)
YOUNG_SECONDS = 10.0
"""Interval of collecting what is young: a few milliseconds."""
BUSY_COLLECTIONS = 4
"""Automatic collections since the last timer after which it is left to them: thousands are connecting."""
FULL_SECONDS = 300.0
"""Interval of collecting everything: with thousands of sockets, tenths of a second."""
FULL_SHARE = 0.001
"""Largest share of the time for that."""


class Collector:
    """Collects garbage by a timer of the event loop."""

    def __init__(self) -> None:
        self._full_at = monotonic() + FULL_SECONDS

    def start(self) -> None:
        """Exempt what is imported, which stays for good, and begin."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
        self._wait()

    def collect(self) -> None:
        """Collect what is due."""
        started = monotonic()
        if started >= self._full_at:
            gc.collect()
            now = monotonic()
            self._full_at = now + max(FULL_SECONDS, (now - started) / FULL_SHARE)
        elif gc.get_count()[1] <= BUSY_COLLECTIONS:
            gc.collect(1)

    def _wait(self) -> None:
        asyncio.get_event_loop().call_later(YOUNG_SECONDS, self._collect_and_wait)

    def _collect_and_wait(self) -> None:
        self.collect()
        self._wait()
