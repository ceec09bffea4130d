"""Jobs killed a hundred times while forty months open, prompt, warn and close: each thing happens once."""

from pathlib import Path

from tests.followup.months.test_under_fire import each_thing_happens_once


def test_each_thing_of_forty_months_happens_once_while_the_jobs_are_killed(tmp_path: Path) -> None:
    each_thing_happens_once(tmp_path, months=40, kills_a_burst=13)
