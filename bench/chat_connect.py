"""How many sockets per second can be opened, and the memory of an idle one.

Ours with the ticket of its page, against the tutorial's consumer, which looks up session and user; both on
Daphne and SQLite, in turns. A socket of ours counts as open once it got the welcome frame.

    python -m bench.chat_connect [--quick] [--json FILE]
"""

import statistics
import sys
from collections import defaultdict
from typing import Any

from bench import client
from bench.contenders import CLIENT_CORE, MEMBERS, Contender, Ours, Stock, running
from bench.report import Row, log, median, number, run

REPEATS = 3
CONNECTING = 32
"""Handshakes in flight at once."""
IDLE_OPTIONS: dict[str, object] = {
    "mode": "idle",
    "warm": 0,
    "secs": 0.5,
    "drain": 0,
    "connecting": CONNECTING,
}
TICKET, COOKIE = "ours with a ticket", "ours by its session alone"
STOCK = "stock with a session"
MIN_RATIO = 4.0
"""How many times as many sockets per second as stock."""
MAX_SOCKET_KIB = 36.0
"""Memory one idle socket may take."""


def measure(quick: bool) -> list[Row]:
    """Connecting in turns, then the memory of idle sockets."""
    ours, stock = Ours(TICKET), Stock(STOCK, "memory")
    sockets = 300 if quick else 1_000
    turns: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for repeat in range(1 if quick else REPEATS):
        for name, contender in ((TICKET, ours), (STOCK, stock), (COOKIE, ours)):
            log(f"{repeat + 1}: {name}, {sockets} sockets")
            ours.tickets = name != COOKIE
            turns[name].append(opened(contender, sockets))
    ours.tickets = True
    log(f"Idle, {MEMBERS} sockets")
    return [*rates(turns), idle_memory(ours, MAX_SOCKET_KIB), idle_memory(stock, None)]


def opened(contender: Contender, sockets: int) -> dict[str, Any]:
    """Open `sockets` sockets at a new server, as fast as it accepts them."""
    with running(contender):
        plan = list(contender.plan(sockets))
        # Warm up: the first few make the server load code and templates.
        client.drive(plan[:CONNECTING], core=CLIENT_CORE, options=IDLE_OPTIONS)
        return client.drive(plan, contender.sample, CLIENT_CORE, IDLE_OPTIONS)


def rates(turns: dict[str, list[dict[str, Any]]]) -> list[Row]:
    """Sockets per second of each, and the ratio to stock."""
    rows = []
    for name, those in turns.items():
        spent = cost(those)
        delay = median(each["connect_ms"]["p99"] for each in those)
        failed = sum(each["failed"] + each["dropped"] for each in those)
        detail = f"{number(spent)} ms of the server each, p99 {number(delay or 0)} ms"
        detail += f", {failed} failed" if failed else ""
        rate = median(each["connects_a_second"] for each in those)
        rows.append(Row(f"connecting: {name}", rate, "a second", detail=detail))
    pairs = zip(turns[TICKET], turns[STOCK], strict=True)
    times = median(one["connects_a_second"] / other["connects_a_second"] for one, other in pairs)
    detail = f"the processor's time for each: {number(cost(turns[STOCK]) / cost(turns[TICKET]))} times"
    rows.append(Row(f"connecting: {TICKET} / {STOCK}", times, "times", at_least=MIN_RATIO, detail=detail))
    failed = sum(each["failed"] + each["dropped"] for name in (TICKET, COOKIE) for each in turns[name])
    return [*rows, Row("connecting: ours that failed", failed, "sockets", at_most=0)]


def cost(turns: list[dict[str, Any]]) -> float:
    """Processor milliseconds of the server per socket."""
    return 1e3 * statistics.median(
        (each["at_open"]["cpu"] - each["at_start"]["cpu"]) / each["sockets"] for each in turns
    )


def idle_memory(contender: Contender, bound: float | None) -> Row:
    """The memory one idle signed-in socket adds to the server."""
    with running(contender):
        plan = list(contender.plan(MEMBERS))
        client.drive(plan[:50], core=CLIENT_CORE, options=IDLE_OPTIONS)
        idle = client.drive(plan, contender.sample, CLIENT_CORE, IDLE_OPTIONS | {"secs": 3})
    grown = (idle["at_end"]["kib"] - idle["at_start"]["kib"]) / max(1, idle["open_at_end"])
    detail = f"{idle['open_at_end']} sockets, the whole server {number(idle['at_end']['kib'] / 1024)} MiB"
    return Row(f"idle socket: {contender.name}", grown, "KiB", at_most=bound, detail=detail)


if __name__ == "__main__":
    sys.exit(run(measure, __doc__))
