"""Jobs killed while months open, prompt, warn and close: each thing happens once."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

from tests import servers
from tests.site import prepare
from tests.waiting import PATIENCE_SECONDS

ROOT = Path(__file__).resolve().parents[3]

# What each person of a month is mailed, and how often. The one who was never confirmed was admitted with the
# others, was warned in time, and was dismissed before the third prompt and the end.
TOLD = {
    ("confirmed", "month-opened"): 1,
    ("confirmed", "month-prompt"): 3,
    ("confirmed", "month-closing"): 2,
    ("confirmed", "month-closed"): 1,
    ("waiting", "month-opened"): 1,
    ("waiting", "month-prompt"): 2,
    ("waiting", "month-awaiting"): 1,
    ("waiting", "month-not-confirmed"): 1,
    ("trainer", "month-opened"): 1,
    ("trainer", "month-closing"): 2,
    ("trainer", "month-closed"): 1,
}


def test_each_thing_of_a_month_happens_once_while_the_jobs_are_killed(tmp_path: Path) -> None:
    """tests/faults/test_killed_jobs.py does it on a larger scale."""
    each_thing_happens_once(tmp_path, months=4, kills_a_burst=2)


def each_thing_happens_once(tmp_path: Path, *, months: int, kills_a_burst: int) -> None:
    """Kill the jobs again and again while these months run, and compare what happened."""
    offset = tmp_path / "offset"
    offset.write_text("0")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AFTERCOURSE_")},
        "AFTERCOURSE_MODE": "test",
        "AFTERCOURSE_VAR": str(tmp_path),
        "AFTERCOURSE_CLOCK_OFFSET_FILE": str(offset),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": str(ROOT),
        "AFTERCOURSE_DATABASE_URL": servers.postgres().make_database(
            f"under_fire_{os.getpid()}", template=prepare("postgres").name
        ),
    }
    seed = str(random.randrange(10**6))
    done = subprocess.run(
        [sys.executable, "-m", "tests.followup.months.under_fire", seed, str(months), str(kills_a_burst)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=10 * PATIENCE_SECONDS,
    )
    story = f"seed {seed}\n{done.stdout}\n{done.stderr}"
    assert done.returncode == 0, story
    facts = json.loads(done.stdout)
    assert facts["kills"] >= 7 * kills_a_burst, story
    assert (facts["months"], facts["runs"]) == (months, months), story
    assert facts["left"] == 0, "nothing is left out"
    assert facts["unsent"] == 0, "every letter left"
    assert facts["in"] == [], "who was never confirmed is out"
    expected = {
        f"{kind} {month} {who}": times for month in facts["month_ids"] for (who, kind), times in TOLD.items()
    }
    assert facts["notified"] == expected, story
    assert "Traceback" not in done.stderr, story
