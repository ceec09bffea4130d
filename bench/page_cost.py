"""What pages cost without a server: statements, bytes and processor time, for several kinds of reader.

    python -m bench.page_cost DATABASE_URL [DATABASE_URL ...]
    python -m bench.page_cost DATABASE_URL --reader "trainer of 40" --page Today
    python -m bench.page_cost DATABASE_URL --profile "thread of 20"

A database is one that `manage.py load_programme` has filled, migrated to this checkout. Several, small to
large, are measured in turn, and the last column tells what a page costs in the last, compared with the first.
"undrawn" is the processor time when no piece of the page is kept, as after a restart; "changed" that of the
first page of a reader after somebody else has replied in the space.
"""

import statistics
import sys
from argparse import ArgumentParser

from bench.page_worker import Cost, Worker

REQUESTS, TURNS = 5, 4
COLUMNS = ("KB", "gzip KB", "CPU ms", "undrawn", "changed", "database", "ratio")
SLOW_MS = 200.0
"""A page that takes longer is requested once in a turn."""


class Measurement:
    """The figures of one page for one reader, by database."""

    def __init__(self, workers: list[Worker], reader: str, page: str) -> None:
        self.name = f"{reader}: {page}"
        self.costs: list[Cost] = []
        self.ours: list[float] = []
        self.database: list[float] = []
        for worker in workers:
            self.costs.append(worker.cost(reader, page))
        times: list[list[float]] = [[] for _ in workers]
        database: list[list[float]] = [[] for _ in workers]
        for _ in range(TURNS):
            for number, worker in enumerate(workers):
                slow = bool(times[number]) and times[number][0] > SLOW_MS
                found = worker.times(reader, page, 1 if slow else REQUESTS)
                times[number] += found.ours
                database[number].append(found.database)
        self.ours = [statistics.median(each) for each in times]
        self.database = [statistics.median(each) for each in database]

    @property
    def growth(self) -> float | None:
        """The time in the last database to that in the first; None when there is one."""
        if len(self.ours) == 1:
            return None
        return (self.ours[-1] + self.database[-1]) / (self.ours[0] + self.database[0])

    @property
    def figures(self) -> str:
        """The times in each database, and what else a request takes in the last, in words."""
        cost = self.costs[-1]
        ours, database = (", ".join(f"{each:.1f}" for each in times) for times in (self.ours, self.database))
        return (
            f"{ours} ms and {database} in the database, {cost.undrawn_ms:.1f} with no piece kept, "
            f"{cost.changed_ms:.1f} after somebody replied, "
            f"{cost.statements} statements, {cost.raw / 1000:.1f} KB, {cost.gzipped / 1000:.1f} compressed"
        )

    @property
    def row(self) -> str:
        """The same in columns."""
        cost = self.costs[-1]
        status = "" if cost.status == 200 else f" ({cost.status})"
        statements = "/".join(str(each) for each in dict.fromkeys(one.statements for one in self.costs))
        return (
            f"{self.name + status:<52} {statements:>10} {cost.raw / 1000:>8.1f} {cost.gzipped / 1000:>8.1f} "
            f"{self.ours[-1]:>8.1f} {cost.undrawn_ms:>8.1f} {cost.changed_ms:>8.1f} "
            f"{self.database[-1]:>8.1f} " + ("" if self.growth is None else f"{self.growth:>8.2f}")
        )


def main() -> int:
    """Measure what the command line names, and print it."""
    parser = ArgumentParser(prog="python -m bench.page_cost")
    parser.add_argument("databases", nargs="+", metavar="url", help="of databases with a programme")
    parser.add_argument("--reader", default="", help="only readers whose name begins so")
    parser.add_argument("--page", default="", help="only this page")
    parser.add_argument(
        "--profile", metavar="PAGE", default="", help="the statements and functions of a page"
    )
    arguments = parser.parse_args()
    workers = [Worker(url) for url in arguments.databases]
    try:
        everywhere = [worker.pages() for worker in workers]
        chosen = [
            (reader, page)
            for reader, pages in everywhere[-1].items()
            for page in pages
            if reader.startswith(arguments.reader) and (arguments.profile or arguments.page or page) == page
        ]
        if not chosen:
            known = (f"{reader}: {', '.join(pages)}" for reader, pages in everywhere[-1].items())
            parser.error("no such reader or page; there are\n" + "\n".join(known))
        if arguments.profile:
            print(workers[-1].profile(*chosen[0], requests=30))
            return 0
        print(f"{'':<52} {'statements':>10}" + "".join(f" {each:>8}" for each in COLUMNS))
        for reader, page in chosen:
            having = [one for one, pages in zip(workers, everywhere, strict=True) if page in pages[reader]]
            print(Measurement(having, reader, page).row, flush=True)
    finally:
        for worker in workers:
            worker.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
