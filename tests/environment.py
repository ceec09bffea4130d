"""What tests run in: our test mode, a folder of their own, and PostgreSQL if that is asked for.

A pytest plugin rather than a conftest, because the settings are read before the first conftest is.

    AFTERCOURSE_TEST_DATABASE=postgres python -m pytest    the same tests on PostgreSQL
"""

import atexit
import gc
import itertools
import os
import shutil
import tempfile

from tests import icons, servers
from tools import messages

folder = tempfile.mkdtemp(prefix="aftercourse-test-")
atexit.register(shutil.rmtree, folder, ignore_errors=True)
messages.compile_all()
icons.read_their_index_once()

for name in [name for name in os.environ if name.startswith("AFTERCOURSE_") and "_TEST_" not in name]:
    del os.environ[name]
os.environ["AFTERCOURSE_MODE"] = "test"
os.environ["AFTERCOURSE_DEMO_SIGN_IN"] = "on"  # so that the demo's addresses stand in the access table
os.environ["AFTERCOURSE_VAR"] = folder
if os.environ.get("AFTERCOURSE_TEST_DATABASE", "sqlite") == "postgres":
    os.environ["AFTERCOURSE_DATABASE_URL"] = servers.postgres().url("postgres")

SWEEP = 40
"""Tests between two times of looking for what can be thrown away."""
_tests = itertools.count(1)


def pytest_collection_finish() -> None:
    """Look through all that was imported no more: that takes a quarter of the time of a test of a page."""
    gc.collect()
    gc.freeze()
    gc.disable()


def pytest_runtest_logfinish() -> None:
    """Throw away what so many tests left behind, and look at what stays (reports, caches) no more."""
    if next(_tests) % SWEEP == 0:
        gc.collect()
        gc.freeze()


def pytest_report_header() -> str:
    """Say which database it is."""
    return f"database: {os.environ.get('AFTERCOURSE_TEST_DATABASE', 'sqlite')}"
