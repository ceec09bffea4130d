"""`make test`: the checks, then every test.

First on SQLite, as one institute runs it, and beside that on PostgreSQL, since two cores are nearly
everywhere; then in a real browser against real servers, on both. Nothing is skipped: what cannot run here
fails and says why. It stops at the first part that fails, and the last line is pytest's own.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from tools import browser, check

ROOT = Path(__file__).resolve().parent.parent
ON_SQLITE = (
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
)
"""What goes through both databases by itself, and so runs once, where there is less else to do."""
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
    """Everything that needs no browser: SQLite before one's eyes, PostgreSQL beside it, shown afterwards."""
    say("\nTests on SQLite (and on PostgreSQL beside it)")
    started = time.monotonic()
    with tempfile.TemporaryFile() as output:
        beside = pytest("postgres", *without(*ELSEWHERE, *ON_SQLITE), output=output)
        failed = pytest("sqlite", *without(*ELSEWHERE, *BESIDE)).wait()
        if failed:
            beside.send_signal(signal.SIGINT)  # as by Ctrl+C, so that it ends its servers
            beside.wait()
            return failed
        failed = beside.wait()
        output.seek(0)
        say(f"\nTests on PostgreSQL ({time.monotonic() - started:.0f} s for both)")
        say(output.read().decode(errors="replace").rstrip())
    return failed


def in_the_browser() -> int:
    """What people do, in a real browser on real servers."""
    say("\nTests in a browser, on both databases")
    return pytest("sqlite", "tests/browser").wait()


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
