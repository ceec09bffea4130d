"""Numbers without gaps under concurrent writes, against a real database."""

import json
import os
import subprocess
import sys

from tests.site import ROOT, Site


def test_eight_concurrent_writers_get_numbers_without_gaps_or_duplicates():
    site = Site(os.environ.get("AFTERCOURSE_TEST_DATABASE", "sqlite"))
    done = subprocess.run(
        [sys.executable, "-m", "tests.community.threads.eight_writers"],
        cwd=ROOT,
        env=site.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found == {"numbers": list(range(1, 49)), "last": 48, "started": 8, "failures": []}
