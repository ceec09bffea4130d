"""`make test`: the checks, then every test: on SQLite, in a browser, and on PostgreSQL what depends on it.

Each run is pytest with one process more than there are cores (pytest-xdist), so its last lines are pytest's
own. The first run that fails ends it. Nothing is skipped: a test that cannot run here fails and says why.
"""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import servers
from tests.forked import SHARED_FOLDER
from tools import browser, check

ROOT = Path(__file__).resolve().parent.parent
RUNS = (
    ("On SQLite", "sqlite", "not browser"),
    ("On PostgreSQL, what may differ there", "postgres", "postgres and not browser"),
    # A run of its own: Playwright keeps an event loop in its process, where tests cannot start another.
    ("In a browser", "sqlite", "browser"),
)
"""Each with its database and its tests, as a marker expression. tests/on_postgres.py says what may differ."""
PROCESSES = max(2, min(4, (os.cpu_count() or 1) + 1))
"""One more than there are cores, since many tests wait for a server, a browser or a timeout of theirs."""
MAX_FAILURES = 20
"""A run stops after this many failures."""


def main() -> int:
    """Run the checks, then the tests; return the exit code of the first that fails."""
    if check.main():
        return 1
    if not browser.find_shell() and not browser.install():
        return 1
    # The runs share a PostgreSQL server, and the migrated databases that they copy.
    with tempfile.TemporaryDirectory(prefix="aftercourse-test-") as folder:
        os.environ[SHARED_FOLDER] = folder
        os.environ[servers.SHARED_POSTGRES] = str(servers.postgres().folder)
        for title, database, tests in RUNS:
            print(f"\n{title}", flush=True)
            if code := run(database, tests):
                return code
    return 0


def run(database: str, tests: str) -> int:
    """Run pytest until it ends by itself. Ctrl+C reaches it too, and it stops its servers before it ends."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "pytest", "--quiet", "-m", tests, "--ignore=tests/faults"),
            *("-n", str(PROCESSES), "--dist", "loadfile", "--no-loadscope-reorder"),
            *("--maxfail", str(MAX_FAILURES)),
        ],
        cwd=ROOT,
        env=os.environ | {"AFTERCOURSE_TEST_DATABASE": database},
        stdin=subprocess.DEVNULL,
    )
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: process.send_signal(signal.SIGINT))
    return process.wait()


if __name__ == "__main__":
    sys.exit(main())
