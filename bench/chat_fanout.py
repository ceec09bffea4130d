"""Deliveries per second of one server into one room, their cost and delay.

All contenders take turns in one run, each server on the first core with the client and Valkey on the second;
the figures are medians of three turns. Every delivery on every socket is accounted for.

    python -m bench.chat_fanout [--quick] [--json FILE]
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bench import client
from bench.contenders import (
    CLIENT_CORE,
    Contender,
    Ours,
    Program,
    SocketIo,
    Stock,
    available,
    pin_valkey,
    running,
)
from bench.report import Row, log, median, number, run

SIZES = (100, 500, 1_000, 2_000)
BOUNDED_SIZE = 1_000
"""The size of the room that the bounds apply to."""
LONG_SIZE, LONG_SECONDS = 2_000, 60.0
"""Sockets and seconds of the long turn: a backlog from another process, for as long as it takes to drop a
socket that reads all it gets."""
COME_BACK_SECONDS = 5
"""Our clients come back within this time when their connection is lost, as the page does, and what they get
then is counted too."""
REPEATS = 3

EMBEDDED, VALKEY, CROSSING = "ours embedded", "ours, Valkey", "ours, Valkey, from another process"
PORTABLE = "ours, portable path"
MEMORY, CORE, PUBSUB = "stock, memory", "stock, Redis core", "stock, Redis pub/sub"
SOCKET_IO, WEBSOCKETS, PICOWS = "socket.io", "bare websockets", "bare picows"

CONTENDERS: dict[str, Callable[[], Contender]] = {
    EMBEDDED: lambda: Ours(EMBEDDED),
    VALKEY: lambda: Ours(VALKEY, valkey=True),
    CROSSING: lambda: Ours(CROSSING, valkey=True, crossing=True),
    PORTABLE: lambda: Ours(PORTABLE, portable=True),
    MEMORY: lambda: Stock(MEMORY, "memory"),
    CORE: lambda: Stock(CORE, "core"),
    PUBSUB: lambda: Stock(PUBSUB, "pubsub"),
    SOCKET_IO: lambda: SocketIo(SOCKET_IO),
    WEBSOCKETS: lambda: Program(WEBSOCKETS, sys.executable, "-m", "bench.bare_servers", "websockets", "PORT"),
    PICOWS: lambda: Program(PICOWS, sys.executable, "-m", "bench.bare_servers", "picows", "PORT"),
}
STEADY = (EMBEDDED, VALKEY, CROSSING, MEMORY, PUBSUB, SOCKET_IO)
"""Also measured with one message per second."""
RATIOS = (
    (EMBEDDED, MEMORY, 40.0),
    (VALKEY, PUBSUB, 20.0),
    (CROSSING, PUBSUB, None),
    (PORTABLE, MEMORY, 5.0),
    (EMBEDDED, SOCKET_IO, 1.0),
    (EMBEDDED, PICOWS, 0.7),
    (EMBEDDED, WEBSOCKETS, None),
)
"""Required ratios of deliveries per second in a room of `BOUNDED_SIZE`; None is only reported."""
MAX_STEADY_P99_MS, MAX_STEADY_CPU_PERCENT = 60.0, 6.0
"""Bounds with one message per second: delay of 99 of 100 copies, and share of a core."""


@dataclass(frozen=True)
class Turn:
    """The result of one turn of a contender."""

    counted: dict[str, Any]

    @property
    def rate(self) -> float:
        """Deliveries per second."""
        return float(self.counted["a_second"])

    @property
    def delay(self) -> tuple[float, float]:
        """Milliseconds from sending to delivery, p50 and p99."""
        return self.counted["delay_ms"]["p50"], self.counted["delay_ms"]["p99"]

    @property
    def processor(self) -> float:
        """Processor seconds of the server during the measurement."""
        return float(self.counted["at_end"]["cpu"] - self.counted["at_begin"]["cpu"])

    @property
    def cost(self) -> float:
        """Processor microseconds of the server per delivery."""
        return self.processor / max(1, self.counted["delivered"]) * 1e6

    @property
    def share(self) -> float:
        """Per cent of a core used by the server."""
        return self.processor / self.counted["secs"] * 100

    @property
    def faults(self) -> dict[str, int]:
        """What was wrong in this turn; empty when every delivery was right."""
        return {name: self.counted[name] for name in FAULTS if self.counted[name]}

    @property
    def closed(self) -> dict[str, int]:
        """The sockets that the server closed, by close code. Those lost without one are `dropped` alone."""
        return dict(self.counted["closed"])


FAULTS = ("missing", "doubled", "out_of_order", "broken", "failed", "dropped", "refused", "unknown", "resets")
FOUND = {"echo": 1, "ours": 2}
"""How often each fault of faulty.py must be counted on a socket. With numbers, a message that arrives after
its successor counts as one that skipped, one that arrived late, and one missing."""
FAULTY_SOCKETS = 20
Turns = dict[tuple[str, int], list[Turn]]


def measure(quick: bool) -> list[Row]:
    """All contenders in turns, saturated and then with one message per second."""
    rows = [client_finds(kind, wanted) for kind, wanted in FOUND.items()]
    contenders, unavailable = available_contenders(CONTENDERS)
    rows += unavailable
    pin_valkey()
    sizes = (BOUNDED_SIZE,) if quick else SIZES
    busy: Turns = defaultdict(list)
    steady: Turns = defaultdict(list)
    for repeat in range(1 if quick else REPEATS):
        for size in sizes:
            for contender in contenders:
                log(f"{repeat + 1}: {contender.name}, {size} sockets")
                busy[contender.name, size].append(saturated(contender, size, 1.5 if quick else 3))
        for contender in (each for each in contenders if each.name in STEADY):
            log(f"{repeat + 1}: {contender.name}, one message a second")
            steady[contender.name, BOUNDED_SIZE].append(
                steady_turn(contender, BOUNDED_SIZE, 5 if quick else 20)
            )
    long: Turns = defaultdict(list)
    for contender in (each for each in contenders if each.name == CROSSING):
        log(f"{contender.name}, {LONG_SIZE} sockets, {LONG_SECONDS:.0f} seconds")
        long[contender.name, LONG_SIZE].append(saturated(contender, LONG_SIZE, LONG_SECONDS))
    rows += rate_rows(busy) + ratios(busy) + steady_rows(steady) + long_rows(long)
    return rows + fault_rows([busy, steady, long], contenders)


def client_finds(kind: str, wanted: int) -> Row:
    """Whether the client finds what a server loses, duplicates and reorders; otherwise its counts mean
    nothing."""
    faulty = Program("faulty", sys.executable, "-m", "bench.faulty", kind, "PORT")
    options = {"mode": "rate", "rate": 50, "secs": 1, "warm": 0, "drain": 1}
    with running(faulty):
        plan = [
            client.Socket(faulty.port, kind, "reader" if number else "publisher", "room:1", 0, "/")
            for number in range(FAULTY_SOCKETS)
        ]
        counted = client.drive(plan, core=CLIENT_CORE, options=options)
    each = [counted[name] for name in ("missing", "doubled", "out_of_order")]
    correct = sum(count == wanted * FAULTY_SOCKETS for count in each)
    detail = f"missing {each[0]}, doubled {each[1]}, out of order {each[2]} at {FAULTY_SOCKETS} sockets"
    return Row(
        f"kinds of fault the client counts correctly: {kind}", correct, "of 3", at_least=3, detail=detail
    )


def available_contenders(factories: dict[str, Callable[[], Contender]]) -> tuple[list[Contender], list[Row]]:
    """The contenders that can run here, and a row for each that cannot."""
    contenders, rows = [], []
    for name, create in factories.items():
        log(f"Preparing {name}")
        contender = available(create)
        if isinstance(contender, Contender):
            contenders.append(contender)
        else:
            rows.append(Row(name, None, detail=f"not measured: {contender}"))
    return contenders, rows


def saturated(contender: Contender, sockets: int, seconds: float) -> Turn:
    """One saturated turn: there are always messages in flight."""
    options = {
        "mode": "saturate",
        "secs": seconds * contender.duration_factor,
        "warm": contender.duration_factor,
        "drain": max(30.0, 2 * seconds),
    }
    if isinstance(contender, Ours):
        options["back"] = COME_BACK_SECONDS
    return turn(
        contender,
        sockets,
        options
        | {
            "total": contender.in_flight,
            "window": contender.in_flight,
            "words": contender.messages_per_second,
        },
    )


def steady_turn(contender: Contender, sockets: int, seconds: float) -> Turn:
    """One turn with a message per second."""
    options = {"mode": "rate", "rate": 1, "secs": seconds, "warm": 2, "settle": 2, "drain": 10}
    return turn(contender, sockets, options)


def turn(contender: Contender, sockets: int, options: Mapping[str, object]) -> Turn:
    """Start a contender, drive it, stop it."""
    with running(contender):
        plan = list(contender.plan(sockets))
        return Turn(client.drive(plan, contender.sample, CLIENT_CORE, options))


def rate_rows(turns: Turns) -> list[Row]:
    """The rates of each contender at each size."""
    return [
        Row(
            f"{size} sockets: {name}",
            median(each.rate for each in those),
            "a second",
            detail=f"{summary(those)}; client {number(client_cores(those))} of its core",
        )
        for (name, size), those in turns.items()
    ]


def summary(turns: list[Turn]) -> str:
    """Cost and delay as text; and messages per frame where several go in one."""
    p50, p99 = (median(each.delay[which] for each in turns) for which in (0, 1))
    text = f"{number(cost(turns) or 0)} us each, p50 {number(p50 or 0)} ms, p99 {number(p99 or 0)} ms"
    together = median(each.counted["delivered"] / max(1, each.counted["frames"]) for each in turns) or 0
    return text + (f", {together:.1f} in a frame" if together > 1 else "")


def cost(turns: list[Turn]) -> float | None:
    """Processor microseconds of the server per delivery; None without any delivery."""
    return median(each.cost for each in turns if each.counted["delivered"])


def client_cores(turns: list[Turn]) -> float:
    """The share of its core the client used; near 1 the client is the bottleneck."""
    return median(each.counted["client_cores"] for each in turns) or 0


def ratios(turns: Turns) -> list[Row]:
    """The ratios of `RATIOS`: the median of the ratios of each turn."""
    rows = []
    for one, other, bound in RATIOS:
        mine, theirs = turns.get((one, BOUNDED_SIZE), []), turns.get((other, BOUNDED_SIZE), [])
        times = median(a.rate / b.rate for a, b in zip(mine, theirs, strict=False) if b.rate)
        if times is None:
            detail = "not measured: one of both delivered nothing"
        else:
            detail = f"the processor's time for each: {number((cost(theirs) or 0) / (cost(mine) or 1))} times"
        rows.append(
            Row(f"{BOUNDED_SIZE} sockets: {one} / {other}", times, "times", at_least=bound, detail=detail)
        )
    return rows


def steady_rows(turns: Turns) -> list[Row]:
    """Delay and cost with one message per second; ours have bounds."""
    rows = []
    for (name, size), those in turns.items():
        ours = name.startswith("ours")
        what = f"1 message a second, {size} sockets: {name}"
        delay = median(each.delay[1] for each in those)
        share = median(each.share for each in those)
        half = number(median(each.delay[0] for each in those) or 0)
        bounds = (MAX_STEADY_P99_MS, MAX_STEADY_CPU_PERCENT) if ours else (None, None)
        rows.append(Row(f"{what}, p99", delay, "ms", at_most=bounds[0], detail=f"p50 {half} ms"))
        rows.append(Row(f"{what}, server", share, "% of a core", at_most=bounds[1]))
    return rows


def long_rows(turns: Turns) -> list[Row]:
    """The connections that the server lost in the long turn."""
    return [
        Row(
            f"{size} sockets for {LONG_SECONDS:.0f} seconds: {name}, connections lost",
            sum(each.counted["dropped"] for each in those),
            "of them",
            at_most=0,
            detail="; ".join(f"{count} closed with {code}" for code, count in closed(those).items())
            or summary(those),
        )
        for (name, size), those in turns.items()
    ]


def closed(turns: Iterable[Turn]) -> Counter[str]:
    """How many sockets the server closed in these turns, by close code."""
    found: Counter[str] = Counter()
    for each in turns:
        found.update(each.closed)
    return found


def fault_rows(measured: Iterable[Turns], contenders: list[Contender]) -> list[Row]:
    """What was lost, duplicated or out of order: nothing allowed of ours, reported of the others."""
    faults: dict[str, dict[str, int]] = {contender.name: {} for contender in contenders}
    for turns in measured:
        for (name, _size), those in turns.items():
            for each in those:
                for fault, count in each.faults.items():
                    faults[name][fault] = faults[name].get(fault, 0) + count
    rows = []
    for contender in contenders:
        found = faults[contender.name]
        if isinstance(contender, Ours) and not contender.log_is_complete():
            found["rows missing in the log"] = 1
        detail = ", ".join(f"{fault.replace('_', ' ')} {count:,}" for fault, count in found.items())
        bound = 0 if isinstance(contender, Ours) else None
        what = f"missing, doubled, out of order: {contender.name}"
        rows.append(Row(what, sum(found.values()), "deliveries", at_most=bound, detail=detail))
    return rows


if __name__ == "__main__":
    sys.exit(run(measure, __doc__))
