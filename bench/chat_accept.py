"""Accepting messages: committed, numbered and answered, in fifty rooms, by our writer and in the ordinary way
of one transaction each; and whether a message that comes alone has to wait for others.

SQLite as an installation has it (WAL, synchronous FULL), PostgreSQL with its default safety.
"""

import sys
from typing import Any

from bench.crowds import json_of
from bench.installation import Installation
from bench.report import Row, middle, run, say
from tests import servers

ROOMS, PEOPLE = 50, 200
WAITING = 64
"""Senders who wait for an answer at any time."""
REPEATS, SECONDS = 3, 4.0
"""Turns of each way, and how long one is."""
NO_DELAY = 1.25
"""A message that comes alone may take so much of what it takes the ordinary way, since we measure on machines
that do other things too."""


def measure(quick: bool) -> list[Row]:
    """Both databases, both ways by turns."""
    repeats, seconds = (1, 1.5) if quick else (REPEATS, SECONDS)
    servers.Postgres.settings = ()
    return [row for database in ("sqlite", "postgres") for row in _on(database, repeats, seconds)]


def _on(database: str, repeats: int, seconds: float) -> list[Row]:
    site = Installation(database)
    file = site.folder / "accepting"
    say(f"Accepting on {database}, both ways by turns")
    laying = f"from bench.scene import lay; lay({str(file)!r}, people={PEOPLE}, rooms={ROOMS})"
    site.manage("shell", "-v", "0", "-c", laying)
    asked = f"{str(file)!r}, waiting={WAITING}, repeats={repeats}, seconds={seconds}"
    site.manage("shell", "-v", "0", "-c", f"from bench.accepting import measure; measure({asked})")
    return _rows({"sqlite": "SQLite", "postgres": "PostgreSQL"}[database], json_of(file))


def _rows(name: str, got: dict[str, Any]) -> list[Row]:
    turns, alone = zip(got["many"]["ours"], got["many"]["ordinary"], strict=True), got["alone"]
    p50 = [(middle(turn[way] for turn in alone) or 0) * 1000 for way in ("ours", "ordinary")]
    return [
        Row(
            f"accept: {name}, to the ordinary way",
            middle(ours["a_second"] / ordinary["a_second"] for ours, ordinary in turns),
            "times",
            at_least=8,
            detail=f"{_in_words('ours', got)}; {_in_words('ordinary', got)}",
        ),
        Row(
            f"accept: {name}, p50 of a message alone, to the ordinary way",
            middle(turn["ours"] / turn["ordinary"] for turn in alone),
            "times",
            at_most=NO_DELAY,
            detail=f"{p50[0]:.2f} ms to {p50[1]:.2f} ms",
        ),
        Row(
            f"accept: {name}, messages lost, doubled or out of order",
            got["wrong"],
            "faults",
            at_most=0,
            detail=f"of {got['messages']:,}",
        ),
    ]


def _in_words(way: str, got: dict[str, Any]) -> str:
    turns = got["many"][way]
    rate, p50, p99, cpu = (
        middle(turn[what] for turn in turns) or 0 for what in ("a_second", "p50", "p99", "cpu")
    )
    times = f"p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, processor {cpu * 1000:.2f} ms each"
    return f"{way} {rate:,.0f} a second, {times}"


if __name__ == "__main__":
    sys.exit(run(measure, __doc__))
