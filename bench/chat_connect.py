"""How many sockets a second can be opened, and what an idle one holds.

Ours with the ticket of its page, against the tutorial's consumer that looks up session and person; both on
Daphne and SQLite, in turns. A socket of ours counts as open once it is welcomed.

    python -m bench.chat_connect [--quick] [--json FILE]
"""

import statistics
import sys
from collections import defaultdict
from typing import Any

from bench import client
from bench.report import Row, middle, number, run, say
from bench.sides import CLIENT_CORE, PEOPLE, Ours, Side, Stock, running

REPEATS = 3
CONNECTING = 32
"""Sockets on their way at once."""
QUIET: dict[str, object] = {"mode": "idle", "warm": 0, "secs": 0.5, "drain": 0, "connecting": CONNECTING}
TICKET, COOKIE = "ours with a ticket", "ours by its session alone"
STOCK = "stock with a session"
TIMES = 4.0
"""How many times as many sockets a second as stock."""
HOLDS = 36.0
"""KiB one idle socket may hold."""


def measure(quick: bool) -> list[Row]:
    """Connecting in turns, then what idle sockets hold."""
    ours, stock = Ours(TICKET), Stock(STOCK, "memory")
    sockets = 300 if quick else 1_000
    turns: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for repeat in range(1 if quick else REPEATS):
        for name, side in ((TICKET, ours), (STOCK, stock), (COOKIE, ours)):
            say(f"{repeat + 1}: {name}, {sockets} sockets")
            ours.tickets = name != COOKIE
            turns[name].append(opened(side, sockets))
    ours.tickets = True
    say(f"Idle, {PEOPLE} sockets")
    return [*rates(turns), held(ours, HOLDS), held(stock, None)]


def opened(side: Side, sockets: int) -> dict[str, Any]:
    """Open so many sockets at a fresh server, as fast as it lets them in."""
    with running(side):
        plan = list(side.plan(sockets))
        # The first few make the server load what it loads but once.
        client.drive(plan[:CONNECTING], core=CLIENT_CORE, options=QUIET)
        return client.drive(plan, side.look, CLIENT_CORE, QUIET)


def rates(turns: dict[str, list[dict[str, Any]]]) -> list[Row]:
    """Sockets a second of each, and how many times the stock way."""
    rows = []
    for name, those in turns.items():
        spent = cost(those)
        delay = middle(each["connect_ms"]["p99"] for each in those)
        failed = sum(each["failed"] + each["dropped"] for each in those)
        detail = f"{number(spent)} ms of the server each, p99 {number(delay or 0)} ms"
        detail += f", {failed} failed" if failed else ""
        rate = middle(each["connects_a_second"] for each in those)
        rows.append(Row(f"connecting: {name}", rate, "a second", detail=detail))
    pairs = zip(turns[TICKET], turns[STOCK], strict=True)
    times = middle(one["connects_a_second"] / other["connects_a_second"] for one, other in pairs)
    detail = f"the processor's time for each: {number(cost(turns[STOCK]) / cost(turns[TICKET]))} times"
    rows.append(Row(f"connecting: {TICKET} / {STOCK}", times, "times", at_least=TIMES, detail=detail))
    failed = sum(each["failed"] + each["dropped"] for name in (TICKET, COOKIE) for each in turns[name])
    return [*rows, Row("connecting: ours that failed", failed, "sockets", at_most=0)]


def cost(turns: list[dict[str, Any]]) -> float:
    """Milliseconds of the server's processor for each socket."""
    return 1e3 * statistics.median(
        (each["at_open"]["cpu"] - each["at_start"]["cpu"]) / each["sockets"] for each in turns
    )


def held(side: Side, bound: float | None) -> Row:
    """What one idle signed-in socket adds to the server's memory."""
    with running(side):
        plan = list(side.plan(PEOPLE))
        client.drive(plan[:50], core=CLIENT_CORE, options=QUIET)
        idle = client.drive(plan, side.look, CLIENT_CORE, QUIET | {"secs": 3})
    grown = (idle["at_end"]["kib"] - idle["at_start"]["kib"]) / max(1, idle["open_at_end"])
    detail = f"{idle['open_at_end']} sockets, the whole server {number(idle['at_end']['kib'] / 1024)} MiB"
    return Row(f"idle socket: {side.name}", grown, "KiB", at_most=bound, detail=detail)


if __name__ == "__main__":
    sys.exit(run(measure, __doc__))
