"""The whole programme at once: everybody signed in, in their rooms, over several servers on PostgreSQL and
Valkey, while they write; then one server is restarted, and every delivery is accounted for.

    python -m bench.chat_programme --sockets 2000 --rooms 70 --seconds 10

Clients come back to the very server they had, which is the harder way: behind a proxy they would spread over
those that stayed. PostgreSQL keeps its default safety (fsync, synchronous commit).
"""

import sys
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from bench import usage
from bench.crowds import Clients, accounts, at, json_of, told_by
from bench.installation import Installation
from bench.report import Row, close, say, write
from tests import servers
from tests.site import Server

SOCKETS, ROOMS, SERVERS, CLIENTS = 20_800, 700, 3, 2
RATE = 100.0
"""Messages a second, of all members together."""
SECONDS = 20.0
"""How long is measured before the restart, and again after it."""
LOOKING = 0.1
"""The part of the members who have the room before their eyes: they say so, and how far they read."""
SETTLING = 3.0
"""Seconds after everybody came, and after everybody is back, that count for neither."""
SPARE_FILES = 500
"""Files a process has open beside its sockets, at most."""
CONNECTING, BACK, CATCHING_UP = 300, 120, 60
"""Seconds to wait, at most: for everybody to come, to come back, to have read the end."""


@dataclass(frozen=True)
class Scale:
    """How large it is played."""

    sockets: int = SOCKETS
    rooms: int = ROOMS
    seconds: float = SECONDS
    servers: int = SERVERS
    clients: int = CLIENTS
    rate: float = RATE


QUICK = Scale(sockets=1_000, rooms=35, seconds=5, rate=50)


class Programme:
    """One playing of it."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale
        self.site = Installation("postgres", redis_url=servers.valkey_url())
        self.crowds: list[Clients] = []
        self.rows: list[Row] = []

    def play(self) -> list[Row]:
        """Start everything, measure, account for every delivery, end everything."""
        try:
            self._start_servers()
            self._let_come()
            time.sleep(SETTLING)
            self._measure("before")
            self._restart(self.site.servers[1])
            self._wait(BACK, lambda status: sum(each["unacknowledged"] for each in status) < self.scale.rate)
            time.sleep(SETTLING)
            self._measure("after")
            self._account()
        finally:
            for crowd in self.crowds:
                crowd.end()
            self.site.stop()
        return self.rows

    def _start_servers(self) -> None:
        say(f"Starting {self.scale.servers} servers")
        self.site.start()
        while len(self.site.servers) < self.scale.servers:
            self.site.start_another()
        self.empty = [usage.memory_mib(pid) for pid in self._pids()]

    def _let_come(self) -> None:
        """Lay the people and their rooms, and open all their sockets."""
        scale, plan = self.scale, self.site.folder / "plan"
        say(f"Signing {scale.sockets:,} people in, in {scale.rooms} rooms")
        laying = (
            f"from bench.scene import lay; lay({str(plan)!r}, people={scale.sockets}, rooms={scale.rooms})"
        )
        self.site.manage("shell", "-v", "0", "-c", laying)
        members = json_of(plan)
        for number, member in enumerate(members):
            # Each room has members at every server and in every process of clients.
            member["server"] = number // scale.rooms % scale.servers
            member["looks"] = number % round(1 / LOOKING) == 0
        ports = [server.port for server in self.site.servers]
        for number in range(scale.clients):
            mine = members[number :: scale.clients]
            self.crowds.append(Clients(self.site.folder, number, {"ports": ports, "members": mine}))
        say("Opening their sockets")
        started = time.monotonic()
        spent = self._spent()
        self._all("connect")
        self._wait(CONNECTING, lambda status: _open(status) == scale.sockets)
        statuses = self._all("status")
        took = max(max(status["last_came"]) for status in statuses) - started
        memory = [usage.memory_mib(pid) for pid in self._pids()]
        each = (sum(memory) - sum(self.empty)) * 1024 / max(_open(statuses), 1)
        got = _open(statuses)
        self._row("sockets open at once", got, at_least=scale.sockets, detail=f"in {scale.rooms} rooms")
        self._row("coming, with tickets", got / took, "a second", detail=_shares(spent, self._spent(), took))
        self._row("memory of a socket", each, "KiB", detail=f"servers {_list(memory)} MiB")

    def _measure(self, phase: str) -> None:
        """Let them write for a while, and see what it costs."""
        scale = self.scale
        say(f"Writing {scale.rate:g} messages a second, {phase} the restart, for {scale.seconds:g} s")
        self._all("phase", name=phase)
        self._all("load", rate=scale.rate / scale.clients)
        spent, delivered, started = self._spent(), self._delivered(), time.monotonic()
        time.sleep(scale.seconds)
        took = time.monotonic() - started
        self._row(
            f"deliveries, {phase}",
            (self._delivered() - delivered) / took,
            "a second",
            detail=_shares(spent, self._spent(), took),
        )

    def _restart(self, server: Server) -> None:
        """End a server softly and start it again, while they write."""
        say("Restarting one of the servers")
        number = self.site.servers.index(server)
        before = [status["open"] for status in self._all("status")]
        wanted = sum(open_now[number] for open_now in before)
        self._all("phase", name="during")
        started = time.monotonic()
        server.stop()
        stopped = time.monotonic()
        server.start()
        self._wait(BACK, lambda status: sum(each["open"][number] for each in status) >= wanted)
        statuses = self._all("status")
        back = sum(status["open"][number] for status in statuses)
        took = max(status["last_came"][number] for status in statuses) - started
        first = min([each for status in statuses if (each := status["first_came"][number])], default=started)
        detail = f"{back:,} of {wanted:,}; it stopped in {stopped - started:.1f} s, the first was back after"
        detail += f" {first - started:.1f} s; elsewhere {self._left(number, before, statuses):,} lines ended"
        self._row(
            "all sockets back after a restart",
            took if back >= wanted else None,
            "s",
            at_most=30,
            detail=detail,
        )

    def _left(self, number: int, before: list[list[int]], statuses: list[dict[str, Any]]) -> int:
        """Sockets of the other servers that are gone now."""
        pairs = zip(before, statuses, strict=True)
        gone = [[a - b for a, b in zip(was, status["open"], strict=True)] for was, status in pairs]
        return sum(max(0, each) for row in gone for place, each in enumerate(row) if place != number)

    def _account(self) -> None:
        """Let everything be read, then compare what each socket was given with the log in the database."""
        self._all("load", rate=0)
        self._wait(CATCHING_UP, lambda status: not sum(each["unacknowledged"] for each in status))
        told = told_by(self.site)
        self._wait(
            CATCHING_UP,
            lambda status: not sum(each["behind"] for each in status),
            "expect",
            lasts=told["lasts"],
        )
        results = [crowd.report() for crowd in self.crowds]
        self.rows += latencies(results) + accounts("programme", results, told)
        closes: Counter[str] = Counter()
        for result in results:
            for number, codes in result["closes"].items():
                closes.update({f"{code} at {int(number) + 1}": count for code, count in codes.items()})
        if closes:
            say("Lines that ended, by close code and server: " + str(dict(closes)))

    def _pids(self) -> list[int]:
        return [server.process.pid for server in self.site.servers if server.process]

    def _spent(self) -> dict[str, list[float]]:
        """Processor seconds so far, of everybody who takes part."""
        valkey = redis.Redis.from_url(servers.valkey_url()).info("server")["process_id"]
        return {
            "servers": [usage.processor_seconds(pid) for pid in self._pids()],
            "Valkey": [usage.processor_seconds(valkey)],
            "PostgreSQL": [usage.processor_seconds(servers.postgres().process.pid)],
            "clients": [usage.processor_seconds(crowd.process.pid) for crowd in self.crowds],
        }

    def _delivered(self) -> int:
        return sum(status["deliveries"] for status in self._all("status"))

    def _all(self, what: str, **about: Any) -> list[dict[str, Any]]:
        return [crowd.do(what, **about) for crowd in self.crowds]

    def _wait(self, seconds: float, until: Any, order: str = "status", **about: Any) -> None:
        """Ask all processes of clients again and again, until it is so or the time is up."""
        deadline = time.monotonic() + seconds
        while not until(self._all(order, **about)) and time.monotonic() < deadline:
            time.sleep(0.25)

    def _row(self, what: str, got: float | None, unit: str = "", **more: Any) -> None:
        self.rows.append(Row(f"programme: {what}", got, unit, **more))


def latencies(results: list[dict[str, Any]]) -> list[Row]:
    """How long from written to acknowledged, and from written to read, in each part."""
    rows = []
    for phase in ("before", "during", "after"):
        bound = {} if phase == "during" else {"at_most": 250.0}
        acks = [(server, seconds) for result in results for server, seconds in result["acks"].get(phase, [])]
        times = sorted(seconds for _server, seconds in acks)
        stayed = sorted(seconds for server, seconds in acks if server != 1)
        detail = f"p50 {_ms(times, 0.5)}, longest {_ms(times, 1)}, of {len(times):,}"
        if phase == "during":
            detail += f"; at the servers that stayed p99 {_ms(stayed, 0.99)}"
        rows.append(
            Row(
                f"programme: p99 to an acknowledgement, {phase}",
                at(times, 0.99),
                "ms",
                detail=detail,
                **bound,
            )
        )
        delays = sorted(each for result in results for each in result["delays"].get(phase, []))
        rows.append(
            Row(
                f"programme: p99 from written to read, {phase}",
                at(delays, 0.99),
                "ms",
                detail=f"p50 {_ms(delays, 0.5)}, of {len(delays):,}",
            )
        )
    return rows


def _ms(ordered: Sequence[float], share: float) -> str:
    return f"{at(ordered, share) or 0:,.0f} ms"


def _open(statuses: list[dict[str, Any]]) -> int:
    return sum(sum(status["open"]) for status in statuses)


def _list(values: Sequence[float]) -> str:
    return ", ".join(f"{value:,.0f}" for value in values)


def _shares(before: dict[str, list[float]], now: dict[str, list[float]], seconds: float) -> str:
    """What part of a core each took."""
    return "% of a core: " + "; ".join(
        f"{name} " + _list([100 * (b - a) / seconds for a, b in zip(before[name], now[name], strict=True)])
        for name in now
    )


def measure(quick: bool, scale: Scale | None = None) -> list[Row]:
    """Play it and give the rows."""
    scale = scale or (QUICK if quick else Scale())
    usage.open_files(max(scale.sockets // scale.servers, scale.sockets // scale.clients) + SPARE_FILES)
    servers.Postgres.settings = ()
    return Programme(scale).play()


def main() -> int:
    """Play it as large as the command line says."""
    parser = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small and short, to see that it works")
    parser.add_argument("--json", type=Path, help="a file for the rows")
    for name, value in vars(Scale()).items():
        parser.add_argument(f"--{name}", type=type(value), help=f"{value:g} unless told")
    asked = parser.parse_args()
    told = {name: value for name in vars(Scale()) if (value := getattr(asked, name)) is not None}
    scale = Scale(**{**vars(QUICK if asked.quick else Scale()), **told})
    rows = measure(asked.quick, scale)
    if asked.json:
        write(asked.json, rows)
    return close(rows)


if __name__ == "__main__":
    sys.exit(main())
