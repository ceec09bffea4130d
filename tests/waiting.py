"""Waiting for another thread, process or browser.

A test waits for the event it needs: a row, a frame, a line of a log, an attribute of a page. It never sleeps
for as long as the event usually takes, since on a busy machine it takes ten times as long. PATIENCE_SECONDS
only ends a test whose event never comes, so it is generous and there is one for all.
"""

import os
import time
from collections.abc import Callable

PATIENCE_SECONDS = 120 * float(os.environ.get("AFTERCOURSE_TEST_PATIENCE", "1"))
"""Longest wait for anything; AFTERCOURSE_TEST_PATIENCE=5 makes it five times as long."""
PATIENCE_MS = PATIENCE_SECONDS * 1000
"""The same for Playwright."""
POLL_SECONDS = 0.02
"""Time between two polls."""


def wait_until(
    condition: Callable[[], bool], what: str, log: Callable[[], str] = str, pause: float = POLL_SECONDS
) -> None:
    """Poll until the condition is true; raise TimeoutError with the log when it never does.

    `pause` is the time in seconds between two polls, for a server that limits how often it may be asked.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {PATIENCE_SECONDS:.0f} s\n{log()}")
        time.sleep(pause)
