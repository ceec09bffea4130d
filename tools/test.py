"""`make test`: the checks, then every test.

First on SQLite, as one institute runs it, and beside that on PostgreSQL, since two cores are nearly
everywhere; then in two real browsers against real servers. Nothing is skipped: what cannot run here fails and
says why. It stops at the first part that fails, and the last line is pytest's own.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from tools import browser, check

ROOT = Path(__file__).resolve().parent.parent
ON_SQLITE = (
    "tests/common",
    "tests/config/test_safety.py",
    "tests/followup/demo/test_when_and_where.py",
    "tests/test_access_table.py",
    "tests/test_colours.py",
    "tests/test_house.py",
    "tests/test_static.py",
    "tests/tools",
)
"""What runs on SQLite alone: it asks a database nothing, or nothing that the tests of the subjects do not."""
BESIDE = (
    "tests/followup/months/test_killed_jobs.py",
    "tests/live",
    "tests/messaging/live/test_socket.py",
    "tests/messaging/notifications/test_bell_crowd.py",
)
"""What goes through both databases by itself, and so runs once, where there is less else to do."""
LOOKING = (
    "tests/browser/test_draft_keeper.py",
    "tests/browser/test_look.py",
    "tests/browser/test_writing.py",
)
"""About half of what the browser does."""
ELSEWHERE = ("tests/browser", "tests/faults")
"""The browser has a part of its own here, and the faults have `make faults`."""


def main() -> int:
    """Check, then test part by part; the code is that of the first part that failed."""
    if check.main():
        return 1
    if not browser.find() and not browser.install():
        return 1
    return on_both_databases() or in_the_browser()


def on_both_databases() -> int:
    """Everything that needs no browser, on SQLite and beside that on PostgreSQL."""
    say("\nTests on SQLite (and on PostgreSQL beside it)")
    return two_at_once(
        lambda: pytest("sqlite", *without(*ELSEWHERE, *BESIDE)),
        lambda output: pytest("postgres", *without(*ELSEWHERE, *ON_SQLITE), output=output),
        "Tests on PostgreSQL",
    )


def in_the_browser() -> int:
    """What people do, in real browsers on real servers."""
    say("\nTests in a browser (and how the pages look beside it)")
    return two_at_once(
        lambda: pytest("sqlite", "tests/browser", *without(*LOOKING)),
        lambda output: pytest("sqlite", *LOOKING, output=output),
        "How the pages look",
    )


def two_at_once(
    before_ones_eyes: Callable[[], subprocess.Popen[bytes]],
    beside_it: Callable[[IO[bytes]], subprocess.Popen[bytes]],
    title: str,
) -> int:
    """Two parts side by side; what the second says is shown when the first is through."""
    started = time.monotonic()
    with tempfile.TemporaryFile() as output:
        beside = beside_it(output)
        failed = before_ones_eyes().wait()
        if failed:
            beside.send_signal(signal.SIGINT)  # as by Ctrl+C, so that it ends its servers
            beside.wait()
            return failed
        failed = beside.wait()
        output.seek(0)
        say(f"\n{title} ({time.monotonic() - started:.0f} s for both)")
        say(output.read().decode(errors="replace").rstrip())
    return failed


def without(*paths: str) -> list[str]:
    """What makes pytest leave files and folders to another part."""
    return [f"--ignore={path}" for path in paths]


def pytest(database: str, *arguments: str, output: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    """Start pytest on one database."""
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "--quiet", *arguments],
        cwd=ROOT,
        env=os.environ | {"AFTERCOURSE_TEST_DATABASE": database, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
    )


def say(text: str) -> None:
    """One line, in its place between the lines of those we start."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
