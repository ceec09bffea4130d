"""Many tell the same people at once: every log stays without gaps, nothing is doubled, and nobody waits in a
circle. On a real database."""

import json
import subprocess
import sys

import pytest

from tests.site import ROOT, Site


@pytest.mark.sqlite_alone  # installations of its own
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_logs_have_no_gaps_when_many_transactions_notify_the_same_people(database: str) -> None:
    site = Site(database)
    done = subprocess.run(
        [sys.executable, "-m", "tests.messaging.notifications.concurrent_notifiers"],
        cwd=ROOT,
        env=site.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["failures"] == []
    assert found["told"]
    assert all(found["gapless"])
    assert found["counted"] == [0] * 6
