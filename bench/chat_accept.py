"""Accepting messages: committed, numbered and answered, in fifty rooms, by our writer and in the ordinary way
of one transaction each; and whether a message that comes alone has to wait for others.

SQLite as an installation has it (WAL, synchronous FULL), PostgreSQL with its default safety.
"""

import sys
from typing import Any

from bench.crowds import at, json_of
from bench.report import Row, middle, run, say
from tests import servers
from tests.site import Site

ROOMS, PEOPLE = 50, 200
WAITING = 64
"""Senders who wait for an answer at any time; 1 for a message that comes alone."""
REPEATS, SECONDS = 3, 4.0
NO_DELAY = 1.25
"""A message that comes alone may take so much of what it takes the ordinary way, since we measure on machines
that do other things too."""


def measure(quick: bool) -> list[Row]:
    """Both databases, both ways by turns."""
    repeats, seconds = (1, 1.5) if quick else (REPEATS, SECONDS)
    servers.Postgres.settings = ()
    return [row for database in ("sqlite", "postgres") for row in _on(database, repeats, seconds)]


def _on(database: str, repeats: int, seconds: float) -> list[Row]:
    site = Site(database)
    _shell(site, f"from bench.scene import lay; lay({_file(site)!r}, people={PEOPLE}, rooms={ROOMS})")
    got: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for _ in range(repeats):
        for waiting in (WAITING, 1):
            for way in ("ours", "ordinary"):
                say(f"Accepting on {database}, {way}, {waiting} waiting")
                asked = f"{_file(site)!r}, way={way!r}, waiting={waiting}, seconds={seconds}"
                _shell(site, f"from bench.accepting import measure; measure({asked})")
                got.setdefault((way, waiting), []).append(json_of(site.folder / "accepting"))
    return _rows({"sqlite": "SQLite", "postgres": "PostgreSQL"}[database], got)


def _rows(name: str, got: dict[tuple[str, int], list[dict[str, Any]]]) -> list[Row]:
    def figure(way: str, waiting: int, share: float | None = None) -> float:
        """The median of the repeats: messages a second, or the milliseconds this share does not exceed."""
        found = got[way, waiting]
        return middle(each["a_second"] if share is None else at(each["times"], share) for each in found) or 0

    def in_words(way: str) -> str:
        cpu = (middle(each["cpu"] for each in got[way, WAITING]) or 0) * 1000
        p50, p99 = (figure(way, WAITING, share) for share in (0.5, 0.99))
        rate = f"{way} {figure(way, WAITING):,.0f} a second"
        return f"{rate}, p50 {p50:.1f} ms, p99 {p99:.1f} ms, processor {cpu:.2f} ms each"

    ours, ordinary = figure("ours", 1, 0.5), figure("ordinary", 1, 0.5)
    return [
        Row(
            f"accept: {name}, to the ordinary way",
            figure("ours", WAITING) / max(figure("ordinary", WAITING), 0.001),
            "times",
            at_least=8,
            detail=f"{in_words('ours')}; {in_words('ordinary')}",
        ),
        Row(
            f"accept: {name}, p50 of a message alone, to the ordinary way",
            ours / max(ordinary, 0.001),
            "times",
            at_most=NO_DELAY,
            detail=f"{ours:.2f} ms to {ordinary:.2f} ms",
        ),
        Row(
            f"accept: {name}, messages lost, doubled or out of order",
            sum(each["wrong"] for found in got.values() for each in found),
            "faults",
            at_most=0,
        ),
    ]


def _file(site: Site) -> str:
    return str(site.folder / "accepting")


def _shell(site: Site, script: str) -> None:
    site.manage("shell", "-v", "0", "-c", script)


if __name__ == "__main__":
    sys.exit(run(measure, __doc__))
