"""The environment of a test run: test mode, a folder of its own, SQLite or PostgreSQL.

A pytest plugin rather than a conftest, because settings are read before the first conftest is.

    AFTERCOURSE_TEST_DATABASE=postgres python -m pytest    the same tests on PostgreSQL
    python -m pytest -n 2 --dist loadfile                  in two processes, as make test runs them
"""

import atexit
import gc
import itertools
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests import icons, servers
from tests.forked import SHARED_FOLDER
from tests.on_postgres import TESTS, runs_on_postgres
from tools import messages

BROWSER = TESTS / "browser"
COLLECT_EVERY_TESTS = 40
"""Tests between two runs of the garbage collector."""
LONGEST = (
    "test_access_table.py",
    "test_fuzz.py",
    "test_socket.py",
    "test_migrations.py",
    "test_under_fire.py",
    "test_look.py",
    "test_seed.py",
    "test_limits.py",
    "test_serving.py",
    "test_statements.py",
)
"""A module runs in one process (loadfile), so a long one that began last would leave the others idle."""
_tests = itertools.count(1)

folder = tempfile.mkdtemp(prefix="aftercourse-test-")
atexit.register(shutil.rmtree, folder, ignore_errors=True)
messages.compile_all()
icons.cache_index()

for name in [name for name in os.environ if name.startswith("AFTERCOURSE_") and "_TEST_" not in name]:
    del os.environ[name]
os.environ["AFTERCOURSE_MODE"] = "test"
os.environ["AFTERCOURSE_DEMO_SIGN_IN"] = "on"  # so that the demo's URLs are in the access table
os.environ["AFTERCOURSE_VAR"] = folder
os.environ.setdefault(
    SHARED_FOLDER, folder
)  # that of the first process; the others (pytest -n) have it from it
if os.environ.get("AFTERCOURSE_TEST_DATABASE", "sqlite") == "postgres":
    # The processes of one run (pytest -n) share the server that their parent starts here.
    os.environ["AFTERCOURSE_DATABASE_URL"] = servers.postgres().url("postgres")
    os.environ[servers.SHARED_POSTGRES] = str(servers.postgres().folder)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the modules of which the marker expression takes nothing: importing all takes seconds."""
    wanted, in_browser = config.option.markexpr, BROWSER in collection_path.parents
    if collection_path.suffix != ".py" or TESTS not in collection_path.parents:
        return None
    left_out = in_browser if "not browser" in wanted else wanted == "browser" and not in_browser
    if left_out or (wanted.startswith("postgres") and not runs_on_postgres(collection_path)):
        return True
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what runs on PostgreSQL, and begin with the modules that take longest, the longest first."""
    for item in items:
        if runs_on_postgres(item.path) and not item.get_closest_marker("sqlite_alone"):
            item.add_marker(pytest.mark.postgres)
    order = {name: position for position, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


def pytest_collection_finish() -> None:
    """Exempt what is imported from garbage collection, which would take a quarter of a page test."""
    gc.collect()
    gc.freeze()
    gc.disable()


def pytest_runtest_logfinish() -> None:
    """Collect the garbage of a few dozen tests at once, and exempt what stays (reports, caches)."""
    if next(_tests) % COLLECT_EVERY_TESTS == 0:
        gc.collect()
        gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many cases the tests had that count theirs (tests/test_fuzz.py, tests/test_access_table.py)."""
    counted: dict[str, int] = {}
    teardowns = [*terminalreporter.getreports(""), *terminalreporter.getreports("error")]
    for report in teardowns:
        for name, value in report.user_properties if report.when == "teardown" else ():
            counted[name] = counted.get(name, 0) + int(str(value))
    for name, count in counted.items():
        terminalreporter.write_line(f"{name}: {count:,}")


def pytest_report_header() -> str:
    """Name the database."""
    return f"database: {os.environ.get('AFTERCOURSE_TEST_DATABASE', 'sqlite')}"
