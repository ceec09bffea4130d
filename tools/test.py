"""`make test`: the checks, then every test, quickest first, stopping at the first part that fails.

On SQLite, as an institute of its own runs; then on PostgreSQL what must hold on both; then in a real browser
against real servers on both. Nothing is skipped: what cannot run here fails and says why.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from tools import browser, check

ROOT = Path(__file__).resolve().parent.parent
PARTS = (
    ("on SQLite", "sqlite", ("--ignore=tests/browser",)),
    ("on PostgreSQL", "postgres", ("--ignore=tests/browser",)),
    ("in a browser, on both", "sqlite", ("tests/browser",)),
)


def main() -> int:
    """Check, then test part by part; the last line is pytest's own."""
    if check.main():
        return 1
    for name, database, arguments in PARTS:
        if arguments[-1] == "tests/browser" and not browser.find() and not browser.install():
            return 1
        say(f"\nTests {name}")
        started = time.monotonic()
        environment = os.environ | {"AFTERCOURSE_TEST_DATABASE": database}
        command = [sys.executable, "-m", "pytest", "--quiet", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            return done.returncode
        if (name, database, arguments) != PARTS[-1]:
            say(f"Tests {name}: {time.monotonic() - started:.0f} s")
    return 0


def say(text: str) -> None:
    """One line, in its place between the lines of those we start."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
