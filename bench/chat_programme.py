"""A whole programme at once: 20,800 sockets in 700 rooms, over several servers on PostgreSQL and Valkey,
under load; then one server is restarted, and every delivery is checked.

    python -m bench.chat_programme --sockets 2000 --rooms 70 --seconds 10

Clients reconnect to the same server, which is the harder case: behind a proxy they would spread over the
other servers. PostgreSQL keeps its default safety (fsync, synchronous commit).
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
from bench.client_processes import Clients, check_deliveries, quantile_ms, read_json, read_logs
from bench.installation import Installation
from bench.report import Row, close, log, write
from tests import servers
from tests.site import Server

SOCKETS, ROOMS, SERVERS, CLIENTS = 20_800, 700, 3, 2
RATE = 100.0
"""Messages per second of all members together."""
SECONDS = 20.0
"""Duration of the measurement before the restart, and again after it."""
FOREGROUND_SHARE = 0.1
"""The share of members with the room in the foreground, who report presence and read marks."""
SETTLE_SECONDS = 3.0
"""After all have connected or reconnected, before measuring."""
SPARE_FILES = 500
"""Files a process has open beside its sockets, at most."""
CONNECT_TIMEOUT, RECONNECT_TIMEOUT, CATCH_UP_TIMEOUT = 300, 120, 60
"""Seconds for all to connect, to reconnect, to receive everything."""


@dataclass(frozen=True)
class Scale:
    """The size of a run."""

    sockets: int = SOCKETS
    rooms: int = ROOMS
    seconds: float = SECONDS
    servers: int = SERVERS
    clients: int = CLIENTS
    rate: float = RATE


QUICK = Scale(sockets=1_000, rooms=35, seconds=5, rate=50)


class Programme:
    """One run."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale
        self.site = Installation("postgres", redis_url=servers.valkey_url())
        self.crowds: list[Clients] = []
        self.rows: list[Row] = []

    def run(self) -> list[Row]:
        """Start everything, measure, check every delivery, stop everything."""
        try:
            self._start_servers()
            self._connect_all()
            time.sleep(SETTLE_SECONDS)
            self._measure("before")
            self._restart(self.site.servers[1])
            self._wait(
                RECONNECT_TIMEOUT,
                lambda status: sum(each["unacknowledged"] for each in status) < self.scale.rate,
            )
            time.sleep(SETTLE_SECONDS)
            self._measure("after")
            self._check()
        finally:
            for crowd in self.crowds:
                crowd.end()
            self.site.stop()
        return self.rows

    def _start_servers(self) -> None:
        log(f"Starting {self.scale.servers} servers")
        self.site.start()
        while len(self.site.servers) < self.scale.servers:
            self.site.start_another()
        self.empty = [usage.memory_mib(pid) for pid in self._pids()]

    def _connect_all(self) -> None:
        """Create the people and their rooms, and open all sockets."""
        scale, plan = self.scale, self.site.folder / "plan"
        log(f"Creating {scale.sockets:,} people with sessions, in {scale.rooms} rooms")
        create = f"create_members({str(plan)!r}, people={scale.sockets}, rooms={scale.rooms})"
        self.site.manage("shell", "-v", "0", "-c", f"from bench.fixtures import create_members; {create}")
        members = read_json(plan)
        for number, member in enumerate(members):
            # Each room has members at every server and in every process of clients.
            member["server"] = number // scale.rooms % scale.servers
            member["in_foreground"] = number % round(1 / FOREGROUND_SHARE) == 0
        ports = [server.port for server in self.site.servers]
        for number in range(scale.clients):
            mine = members[number :: scale.clients]
            self.crowds.append(Clients(self.site.folder, number, {"ports": ports, "members": mine}))
        log("Opening their sockets")
        started = time.monotonic()
        spent = self._spent()
        self._all("connect")
        self._wait(CONNECT_TIMEOUT, lambda status: _open(status) == scale.sockets)
        statuses = self._all("status")
        took = max(max(status["last_welcome"]) for status in statuses) - started
        memory = [usage.memory_mib(pid) for pid in self._pids()]
        each = (sum(memory) - sum(self.empty)) * 1024 / max(_open(statuses), 1)
        connected = _open(statuses)
        self._row("sockets open at once", connected, at_least=scale.sockets, detail=f"in {scale.rooms} rooms")
        self._row(
            "connecting, with tickets",
            connected / took,
            "a second",
            detail=_shares(spent, self._spent(), took),
        )
        self._row("memory of a socket", each, "KiB", detail=f"servers {_list(memory)} MiB")

    def _measure(self, phase: str) -> None:
        """Let members write for a while, and measure."""
        scale = self.scale
        log(f"Writing {scale.rate:g} messages a second, {phase} the restart, for {scale.seconds:g} s")
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
        """Stop a server with SIGTERM and start it again, under load."""
        log("Restarting one of the servers")
        number = self.site.servers.index(server)
        before = [status["open"] for status in self._all("status")]
        wanted = sum(open_now[number] for open_now in before)
        self._all("phase", name="during")
        started = time.monotonic()
        server.stop()
        stopped = time.monotonic()
        server.start()
        self._wait(RECONNECT_TIMEOUT, lambda status: sum(each["open"][number] for each in status) >= wanted)
        statuses = self._all("status")
        back = sum(status["open"][number] for status in statuses)
        took = max(status["last_welcome"][number] for status in statuses) - started
        first = min(
            [each for status in statuses if (each := status["first_welcome"][number])], default=started
        )
        lost = self._lost_elsewhere(number, before, statuses)
        detail = f"{back:,} of {wanted:,}; it stopped in {stopped - started:.1f} s, the first was back after"
        detail += f" {first - started:.1f} s; {lost:,} connections to others were lost"
        self._row(
            "all sockets back after a restart",
            took if back >= wanted else None,
            "s",
            at_most=30,
            detail=detail,
        )

    def _lost_elsewhere(self, number: int, before: list[list[int]], statuses: list[dict[str, Any]]) -> int:
        """How many sockets of the other servers were lost."""
        pairs = zip(before, statuses, strict=True)
        lost = [[a - b for a, b in zip(was, status["open"], strict=True)] for was, status in pairs]
        return sum(max(0, each) for row in lost for index, each in enumerate(row) if index != number)

    def _check(self) -> None:
        """Wait until everything is received, then compare what each socket received with the log in the
        database."""
        self._all("load", rate=0)
        self._wait(CATCH_UP_TIMEOUT, lambda status: not sum(each["unacknowledged"] for each in status))
        logs = read_logs(self.site)
        self._wait(
            CATCH_UP_TIMEOUT,
            lambda status: not sum(each["behind"] for each in status),
            "expect",
            lasts=logs["lasts"],
        )
        results = [crowd.report() for crowd in self.crowds]
        self.rows += latencies(results) + check_deliveries("programme", results, logs)
        closes: Counter[str] = Counter()
        for result in results:
            for number, codes in result["closes"].items():
                closes.update({f"{code} at {int(number) + 1}": count for code, count in codes.items()})
        if closes:
            log("Closed connections, by close code and server: " + str(dict(closes)))

    def _pids(self) -> list[int]:
        return [server.process.pid for server in self.site.servers if server.process]

    def _spent(self) -> dict[str, list[float]]:
        """Processor seconds so far of all processes."""
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
        """Poll all processes of clients until the condition holds or the time is up."""
        deadline = time.monotonic() + seconds
        while not until(self._all(order, **about)) and time.monotonic() < deadline:
            time.sleep(0.25)

    def _row(self, what: str, got: float | None, unit: str = "", **more: Any) -> None:
        self.rows.append(Row(f"programme: {what}", got, unit, **more))


def latencies(results: list[dict[str, Any]]) -> list[Row]:
    """The time from writing to acknowledgement, and from writing to delivery, in each phase."""
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
                quantile_ms(times, 0.99),
                "ms",
                detail=detail,
                **bound,
            )
        )
        delays = sorted(each for result in results for each in result["delays"].get(phase, []))
        rows.append(
            Row(
                f"programme: p99 from written to read, {phase}",
                quantile_ms(delays, 0.99),
                "ms",
                detail=f"p50 {_ms(delays, 0.5)}, of {len(delays):,}",
            )
        )
    return rows


def _ms(ordered: Sequence[float], share: float) -> str:
    return f"{quantile_ms(ordered, share) or 0:,.0f} ms"


def _open(statuses: list[dict[str, Any]]) -> int:
    return sum(sum(status["open"]) for status in statuses)


def _list(values: Sequence[float]) -> str:
    return ", ".join(f"{value:,.0f}" for value in values)


def _shares(before: dict[str, list[float]], now: dict[str, list[float]], seconds: float) -> str:
    """The share of a core that each used."""
    return "% of a core: " + "; ".join(
        f"{name} " + _list([100 * (b - a) / seconds for a, b in zip(before[name], now[name], strict=True)])
        for name in now
    )


def measure(quick: bool, scale: Scale | None = None) -> list[Row]:
    """Run it; returns the rows."""
    scale = scale or (QUICK if quick else Scale())
    usage.open_files(max(scale.sockets // scale.servers, scale.sockets // scale.clients) + SPARE_FILES)
    servers.Postgres.settings = ()
    return Programme(scale).run()


def main() -> int:
    """Run it at the size of the command line."""
    parser = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small and short, to see that it works")
    parser.add_argument("--json", type=Path, help="a file for the rows")
    for name, value in vars(Scale()).items():
        parser.add_argument(f"--{name}", type=type(value), help=f"{value:g} by default")
    arguments = parser.parse_args()
    given = {name: value for name in vars(Scale()) if (value := getattr(arguments, name)) is not None}
    scale = Scale(**{**vars(QUICK if arguments.quick else Scale()), **given})
    rows = measure(arguments.quick, scale)
    if arguments.json:
        write(arguments.json, rows)
    return close(rows)


if __name__ == "__main__":
    sys.exit(main())
