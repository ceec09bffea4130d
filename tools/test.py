"""`make test`: the checks, then every test.

On SQLite, as one institute runs it, and on PostgreSQL; with servers that are spoken to and killed; and in
real browsers. These parts run two at a time, since two cores are nearly everywhere, and more where there are
more. Nothing is skipped: what cannot run here fails and says why. It stops at the first part that fails, and
the last line is pytest's own.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tools import browser, check

ROOT = Path(__file__).resolve().parent.parent
ON_SQLITE = (
    "tests/common",
    "tests/config/test_production_checks.py",
    "tests/followup/demo/test_when_and_where.py",
    "tests/test_access_table.py",
    "tests/test_colours.py",
    "tests/test_house.py",
    "tests/test_static.py",
    "tests/tools",
)
"""What runs on SQLite alone: it asks a database nothing, or nothing that the tests of the subjects do not."""
SERVERS = (
    "tests/followup/months/test_killed_jobs.py",
    "tests/live",
    "tests/messaging/live/test_socket.py",
    "tests/messaging/live/test_transport.py",
    "tests/messaging/notifications/test_bell_crowd.py",
)
"""What starts servers of its own, goes through both databases by itself, and so runs once."""
LOOKING = (
    "tests/browser/test_draft_keeper.py",
    "tests/browser/test_look.py",
    "tests/browser/test_writing.py",
)
"""About half of what the browser does."""
ELSEWHERE = ("tests/browser", "tests/faults")
"""The browser has parts of its own here, and the faults have `make faults`."""
AT_ONCE = max(2, min(4, os.cpu_count() or 2))
"""Parts that run beside each other."""


def without(*paths: str) -> tuple[str, ...]:
    """What makes pytest leave files and folders to another part."""
    return tuple(f"--ignore={path}" for path in paths)


PARTS = (
    ("Tests on SQLite", "sqlite", without(*ELSEWHERE, *SERVERS)),
    ("What people do in a browser", "sqlite", ("tests/browser", *without(*LOOKING))),
    ("How the pages look in a browser", "sqlite", LOOKING),
    ("Tests on PostgreSQL", "postgres", without(*ELSEWHERE, *SERVERS, *ON_SQLITE)),
    ("Tests with servers of their own", "postgres", SERVERS),
)
"""Each with its database and what pytest is told, in the order in which they begin: what is soonest to tell
of a mistake, then the longest first, so that the cores end together."""


@dataclass
class Part:
    """One run of pytest beside others. What it says is kept until it is through."""

    title: str
    database: str
    arguments: tuple[str, ...]
    output: IO[bytes] = field(default_factory=tempfile.TemporaryFile)

    def __post_init__(self) -> None:
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pytest", "--quiet", *self.arguments],
            cwd=ROOT,
            env=os.environ | {"AFTERCOURSE_TEST_DATABASE": self.database},
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
        )

    def tell(self) -> int:
        """Show what it said, and give how it ended."""
        self.output.seek(0)
        say(f"\n{self.title} ({time.monotonic() - self.began:.0f} s)")
        say(self.output.read().decode(errors="replace").rstrip())
        return self.process.returncode

    def stop(self) -> None:
        """End it as by Ctrl+C, so that it ends its servers."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait()


def main() -> int:
    """Check, then test part by part; the code is that of the first part that failed."""
    if check.main():
        return 1
    if not browser.find() and not browser.install():
        return 1
    return run([*PARTS])


def run(waiting: list[tuple[str, str, tuple[str, ...]]]) -> int:
    """Run all parts, some at once, until one fails."""
    running: list[Part] = []
    try:
        while waiting or running:
            while waiting and len(running) < AT_ONCE:
                running.append(Part(*waiting.pop(0)))
                say(f"{running[-1].title}: begun")
            time.sleep(0.2)
            for part in [each for each in running if each.process.poll() is not None]:
                running.remove(part)
                if part.tell():
                    for other in running:
                        other.stop()
                    return part.process.returncode
    except KeyboardInterrupt:  # which they heard as well
        for part in running:
            part.process.wait()
            part.tell()
        return 130
    return 0


def say(text: str) -> None:
    """One line, in its place between the lines of those we start."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
