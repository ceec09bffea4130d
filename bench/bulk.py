"""Bulk work of the jobs: a list of 20,000 rows, 700 months opened by date, 20,800 digests.

    python -m bench bulk

One process, nothing else at work. The figures are those of whole sweeps, which the jobs do in time boxes with
a pause of some seconds between two rounds.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.installation import Installation
from bench.report import Row, log, run
from tests.site import ROOT

DATABASES = ("postgres", "sqlite")
MAX_GROWTH_MIB = 32
"""What counts as flat: it does not grow with the rows."""


@dataclass(frozen=True)
class Scale:
    """The size of a run, and how many seconds of each are wanted on PostgreSQL."""

    rows: int = 20_000
    months: int = 700
    readers: int = 20_800
    seconds_of_rows: float = 60
    seconds_of_months: float = 60
    seconds_of_readers: float = 600


QUICK = Scale(400, 10, 200, seconds_of_rows=5, seconds_of_months=5, seconds_of_readers=10)


def measure(quick: bool) -> list[Row]:
    """The rows of both databases; only PostgreSQL has bounds of time."""
    scale = QUICK if quick else Scale()
    return [row for database in DATABASES for row in measured(database, scale)]


def measured(database: str, scale: Scale) -> list[Row]:
    """Do all of it in a new installation."""
    site = Installation(database)
    file = Path(site.folder) / "bulk.json"
    work = f"rows={scale.rows}, months={scale.months}, readers={scale.readers}"
    script = f"from bench.bulk_work import run; run({str(file)!r}, {work})"
    log(f"{database}: {work}")
    subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity=0", "-c", script],
        cwd=ROOT,
        env=site.environment,
        check=True,
    )
    took = json.loads(file.read_text())
    rows = []
    for name, what, one, count, seconds, statements in (
        ("import", "rows imported", "a row", scale.rows, scale.seconds_of_rows, 5),
        ("openings", "months opened", "a month", scale.months, scale.seconds_of_months, None),
        ("digests", "digests written", "a digest", scale.readers, scale.seconds_of_readers, 3),
    ):
        got = took[name]
        rows += [
            Row(
                f"{database}: {count:,} {what}",
                got["seconds"],
                "s",
                at_most=seconds if database == "postgres" else None,
                detail=f"{got['processor']:.0f} s of the processor",
            ),
            Row(f"{database}: statements for {one}", got["statements"] / count, "", at_most=statements),
            Row(
                f"{database}: memory for {count:,} {what}",
                got["growth"],
                "MiB",
                at_most=MAX_GROWTH_MIB,
                detail=f"of {got['memory']:.0f} MiB",
            ),
        ]
    return rows


if __name__ == "__main__":
    sys.exit(run(measure, __doc__))
