"""What pages cost as the installation grows: a full programme of 20,800 people in 700 spaces, to a hundredth
of it; and what the jobs cost when nothing is due.

Without a server: requests in a process for each database, in turn. Times are those of a hundredth, a tenth
and all of it; the other figures of a page, of all of it.
"""

import subprocess
import sys
import time

from bench import usage
from bench.contenders import CLIENT_CORE, SERVER_CORE, pin
from bench.installation import Installation
from bench.page_cost import Measurement
from bench.page_worker import Worker, production
from bench.report import Row, log, run
from tests import servers
from tests.site import ROOT, temporary_folder

SIZES = ((208, 2, 7), (2_080, 12, 70), (20_800, 117, 700))
QUICK_SIZES = ((208, 2, 7), (416, 2, 14))
"""People, institutes and spaces; there are as many people to a space in each."""
GROWTH = 1.15
MOST_STATEMENTS, MOST_KB = 8, 45.0
SEARCH_MS = 10.0
JOBS_SHARE_PERCENT = 1.0
SETTLE_SECONDS, JOBS_SECONDS = 60.0, 60.0


def measure(quick: bool) -> list[Row]:
    """All pages of all readers, then the jobs."""
    servers.Postgres.settings = ()
    pin(servers.postgres().process.pid, CLIENT_CORE)
    urls = [_loaded(*size) for size in (QUICK_SIZES if quick else SIZES)]
    return [*_pages(urls), _idle_jobs(urls[-1], *((1.0, 6.0) if quick else (SETTLE_SECONDS, JOBS_SECONDS)))]


def _loaded(people: int, institutes: int, spaces: int) -> str:
    """The URL of a database with a programme of this size."""
    log(f"Loading {people} people in {spaces} spaces")
    site = Installation("postgres")
    command = [
        *(sys.executable, "manage.py", "load_programme"),
        *(f"--people={people}", f"--institutions={institutes}", f"--spaces={spaces}"),
    ]
    subprocess.run(command, cwd=ROOT, env=site.environment, check=True, stdout=subprocess.DEVNULL)
    return site.database_url


def _pages(urls: list[str]) -> list[Row]:
    workers = [Worker(url) for url in urls]
    found: list[Measurement] = []
    try:
        everywhere = [worker.pages() for worker in workers]
        for reader, pages in everywhere[-1].items():
            log(f"Reading as {reader}")
            for page in pages:
                having = [
                    one for one, theirs in zip(workers, everywhere, strict=True) if page in theirs[reader]
                ]
                found.append(Measurement(having, reader, page))
    finally:
        for worker in workers:
            worker.end()
    rows = [
        Row(
            f"growth: {one.name}, full to a hundredth",
            one.growth,
            "times",
            at_most=GROWTH,
            detail=one.figures,
        )
        if one.growth is not None
        else Row(f"growth: {one.name}", one.ours[-1], "ms", detail=one.figures)
        for one in found
    ]
    searches = [one for one in found if ": search" in one.name]
    longest = max(searches, key=lambda one: one.database[-1])
    asks, weighs = (
        max(found, key=lambda one: one.costs[-1].statements),
        max(found, key=lambda one: one.costs[-1].raw),
    )
    return [
        *rows,
        Row(
            "growth: search in a room of 100,000, in the database",
            longest.database[-1],
            "ms",
            at_most=SEARCH_MS,
            detail=f"the slowest of {len(searches)}, the whole page's statements: {longest.name}",
        ),
        Row(
            "growth: most statements of a page",
            asks.costs[-1].statements,
            at_most=MOST_STATEMENTS,
            detail=asks.name,
        ),
        Row(
            "growth: largest page, uncompressed",
            weighs.costs[-1].raw / 1000,
            "KB",
            at_most=MOST_KB,
            detail=weighs.name,
        ),
    ]


def _idle_jobs(url: str, settle: float, seconds: float) -> Row:
    """The share of a core that the jobs take with nothing due, PostgreSQL included."""
    log("Letting the jobs find nothing")
    database = servers.postgres().process.pid
    environment = production(str(temporary_folder("jobs")), url)
    jobs = subprocess.Popen(
        [sys.executable, "manage.py", "jobs"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        pin(jobs.pid, SERVER_CORE)
        time.sleep(settle)
        before = [usage.processor_seconds(pid) for pid in (jobs.pid, database)]
        started = time.monotonic()
        time.sleep(seconds)
        after = [usage.processor_seconds(pid) for pid in (jobs.pid, database)]
        took = time.monotonic() - started
        if jobs.poll() is not None:
            raise RuntimeError(f"the jobs exited with {jobs.returncode}")
    finally:
        jobs.terminate()
        jobs.wait()
    python, postgres = (100 * (late - early) / took for early, late in zip(before, after, strict=True))
    return Row(
        "growth: jobs with nothing due",
        python + postgres,
        "% of a core",
        at_most=JOBS_SHARE_PERCENT,
        detail=f"{python:.2f} in Python, {postgres:.2f} in PostgreSQL",
    )


if __name__ == "__main__":
    sys.exit(run(measure, __doc__))
