"""Committing messages in fifty rooms: by our writer, and with one transaction per message; and whether a
message that is sent alone waits for others.

SQLite as in an installation (WAL, synchronous FULL), PostgreSQL with its default durability.
"""

import sys
from typing import Any

from bench.client_processes import read_json
from bench.installation import Installation
from bench.report import Row, log, median, run
from tests import servers

ROOMS, MEMBERS = 50, 200
IN_FLIGHT = 64
"""Messages in flight at any time."""
REPEATS, SECONDS = 3, 4.0
"""Turns of each mode, and seconds of a turn."""
MAX_ALONE_RATIO = 1.25
"""A message sent alone may take this many times as long as with its own transaction; above 1 for noise."""


def measure(quick: bool) -> list[Row]:
    """Both databases, both modes in turn."""
    repeats, seconds = (1, 1.5) if quick else (REPEATS, SECONDS)
    servers.Postgres.settings = ()
    return [row for database in ("sqlite", "postgres") for row in _on(database, repeats, seconds)]


def _on(database: str, repeats: int, seconds: float) -> list[Row]:
    site = Installation(database)
    file = site.folder / "accepting"
    log(f"Accepting on {database}, both modes in turn")
    create = f"create_members({str(file)!r}, people={MEMBERS}, rooms={ROOMS})"
    site.manage("shell", "-v", "0", "-c", f"from bench.fixtures import create_members; {create}")
    arguments = f"{str(file)!r}, waiting={IN_FLIGHT}, repeats={repeats}, seconds={seconds}"
    site.manage("shell", "-v", "0", "-c", f"from bench.insert_modes import measure; measure({arguments})")
    return _rows({"sqlite": "SQLite", "postgres": "PostgreSQL"}[database], read_json(file))


def _rows(name: str, result: dict[str, Any]) -> list[Row]:
    turns, alone = zip(result["many"]["ours"], result["many"]["ordinary"], strict=True), result["alone"]
    p50 = [(median(turn[mode] for turn in alone) or 0) * 1000 for mode in ("ours", "ordinary")]
    return [
        Row(
            f"accept: {name}, against one transaction each",
            median(ours["a_second"] / ordinary["a_second"] for ours, ordinary in turns),
            "times",
            at_least=8,
            detail=f"{_summary('ours', result)}; {_summary('ordinary', result)}",
        ),
        Row(
            f"accept: {name}, p50 of a message alone, against one transaction each",
            median(turn["ours"] / turn["ordinary"] for turn in alone),
            "times",
            at_most=MAX_ALONE_RATIO,
            detail=f"{p50[0]:.2f} ms to {p50[1]:.2f} ms",
        ),
        Row(
            f"accept: {name}, messages lost, duplicated or out of order",
            result["wrong"],
            "faults",
            at_most=0,
            detail=f"of {result['messages']:,}",
        ),
    ]


def _summary(mode: str, result: dict[str, Any]) -> str:
    turns = result["many"][mode]
    rate, p50, p99, cpu = (
        median(turn[what] for turn in turns) or 0 for what in ("a_second", "p50", "p99", "cpu")
    )
    times = f"p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, processor {cpu * 1000:.2f} ms each"
    return f"{mode} {rate:,.0f} a second, {times}"


if __name__ == "__main__":
    sys.exit(run(measure, __doc__))
