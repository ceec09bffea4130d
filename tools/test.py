"""`make test`: the checks, then every test.

First on SQLite, as one institute runs it, and beside that on PostgreSQL, since two cores are nearly
everywhere; then in a real browser against real servers, on both. Nothing is skipped: what cannot run here
fails and says why. It stops at the first part that fails, and the last line is pytest's own.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from tools import browser, check

ROOT = Path(__file__).resolve().parent.parent
WITHOUT_BROWSER = ("--ignore=tests/browser",)
ONCE = (
    "tests/followup/months/test_killed_jobs.py",
    "tests/test_access_table.py",
    "tests/test_colours.py",
    "tests/test_house.py",
    "tests/test_static.py",
    "tests/tools",
)
"""What runs once: it goes through both databases by itself, or asks them nothing that other tests do not."""


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
    ignored = (f"--ignore={path}" for path in ONCE)
    with tempfile.TemporaryFile() as output:
        beside = pytest("postgres", *WITHOUT_BROWSER, *ignored, output=output)
        failed = pytest("sqlite", *WITHOUT_BROWSER).wait()
        if failed:
            beside.terminate()
            beside.wait()
            return failed
        failed = beside.wait()
        output.seek(0)
        say("\nTests on PostgreSQL")
        say(output.read().decode(errors="replace").rstrip())
    say(f"Both took {time.monotonic() - started:.0f} s")
    return failed


def in_the_browser() -> int:
    """What people do, in a real browser on real servers."""
    say("\nTests in a browser, on both databases")
    return pytest("sqlite", "tests/browser").wait()


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
