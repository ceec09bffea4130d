"""How many deliveries a second one server makes into one room, what each costs, and how long it takes.

All sides take turns in one run, each server on the first core with the client and Valkey on the second; the
figures are medians of three turns. Every delivery on every socket is accounted for.

    python -m bench.chat_fanout [--quick] [--json FILE]
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bench import client
from bench.report import Row, middle, number, run, say
from bench.sides import CLIENT_CORE, Ours, Program, Side, SocketIo, Stock, had, pin_valkey, running

SIZES = (100, 500, 1_000, 2_000)
JUDGED = 1_000
"""Sockets of the room that the bounds are for."""
REPEATS = 3

EMBEDDED, VALKEY, CROSSING = "ours embedded", "ours, Valkey", "ours, Valkey, from another process"
PORTABLE = "ours, portable path"
MEMORY, CORE, PUBSUB = "stock, memory", "stock, Redis core", "stock, Redis pub/sub"
SOCKET_IO, WEBSOCKETS, PICOWS = "socket.io", "bare websockets", "bare picows"

SIDES: dict[str, Callable[[], Side]] = {
    EMBEDDED: lambda: Ours(EMBEDDED),
    VALKEY: lambda: Ours(VALKEY, valkey=True),
    CROSSING: lambda: Ours(CROSSING, valkey=True, crossing=True),
    PORTABLE: lambda: Ours(PORTABLE, portable=True),
    MEMORY: lambda: Stock(MEMORY, "memory"),
    CORE: lambda: Stock(CORE, "core"),
    PUBSUB: lambda: Stock(PUBSUB, "pubsub"),
    SOCKET_IO: lambda: SocketIo(SOCKET_IO),
    WEBSOCKETS: lambda: Program(WEBSOCKETS, sys.executable, "-m", "bench.bare", "websockets", "PORT"),
    PICOWS: lambda: Program(PICOWS, sys.executable, "-m", "bench.bare", "picows", "PORT"),
}
STEADY = (EMBEDDED, VALKEY, CROSSING, MEMORY, PUBSUB, SOCKET_IO)
"""Who is also measured with one message a second."""
RATIOS = (
    (EMBEDDED, MEMORY, 40.0),
    (VALKEY, PUBSUB, 20.0),
    (CROSSING, PUBSUB, None),
    (PORTABLE, MEMORY, 5.0),
    (EMBEDDED, SOCKET_IO, 1.0),
    (EMBEDDED, PICOWS, 0.7),
    (EMBEDDED, WEBSOCKETS, None),
)
"""Whose deliveries a second are to be how many times whose, in a room of `JUDGED`."""
STEADY_DELAY, STEADY_CORE = 60.0, 6.0
"""Milliseconds within which 99 of 100 copies are there with one message a second, and per cent of a core."""


@dataclass(frozen=True)
class Turn:
    """What one side did in one turn."""

    counted: dict[str, Any]

    @property
    def rate(self) -> float:
        """Deliveries a second."""
        return float(self.counted["a_second"])

    @property
    def delay(self) -> tuple[float, float]:
        """Milliseconds from sending to delivery: of half of the copies, and of 99 in 100."""
        return self.counted["delay_ms"]["p50"], self.counted["delay_ms"]["p99"]

    @property
    def processor(self) -> float:
        """Processor seconds of the server while it was measured."""
        return float(self.counted["at_end"]["cpu"] - self.counted["at_begin"]["cpu"])

    @property
    def cost(self) -> float:
        """Microseconds of the server's processor for each delivery."""
        return self.processor / max(1, self.counted["delivered"]) * 1e6

    @property
    def share(self) -> float:
        """Per cent of a core that the server used."""
        return self.processor / self.counted["secs"] * 100

    @property
    def faults(self) -> dict[str, int]:
        """What is wrong with the account of this turn; empty when every delivery is as it should be."""
        return {name: self.counted[name] for name in FAULTS if self.counted[name]}


FAULTS = ("missing", "doubled", "out_of_order", "broken", "failed", "dropped", "refused", "unknown", "resets")
FOUND = {"echo": 1, "ours": 2}
"""How often each fault of faulty.py is to be counted on a socket. With numbers, as a page of ours sees it, a
message that comes after its next is one that jumped, one that came too late, and one missing."""
FAULTY_SOCKETS = 20
Turns = dict[tuple[str, int], list[Turn]]


def measure(quick: bool) -> list[Row]:
    """All sides in turns, kept busy and then with one message a second."""
    rows = [client_finds(kind, wanted) for kind, wanted in FOUND.items()]
    sides, not_had = all_sides(SIDES)
    rows += not_had
    pin_valkey()
    sizes = (JUDGED,) if quick else SIZES
    busy: Turns = defaultdict(list)
    steady: Turns = defaultdict(list)
    for repeat in range(1 if quick else REPEATS):
        for size in sizes:
            for side in sides:
                say(f"{repeat + 1}: {side.name}, {size} sockets")
                busy[side.name, size].append(kept_busy(side, size, 1.5 if quick else 3))
        for side in (each for each in sides if each.name in STEADY):
            say(f"{repeat + 1}: {side.name}, one message a second")
            steady[side.name, JUDGED].append(one_a_second(side, JUDGED, 5 if quick else 20))
    rows += told(busy) + ratios(busy) + unhurried(steady)
    return rows + accounts([busy, steady], sides)


def client_finds(kind: str, wanted: int) -> Row:
    """Whether the client finds what a server loses, doubles and swaps; else its word is worth nothing."""
    faulty = Program("faulty", sys.executable, "-m", "bench.faulty", kind, "PORT")
    options = {"mode": "rate", "rate": 50, "secs": 1, "warm": 0, "drain": 1}
    with running(faulty):
        plan = [
            client.Socket(faulty.port, kind, "reader" if number else "publisher", "room:1", 0, "/")
            for number in range(FAULTY_SOCKETS)
        ]
        counted = client.drive(plan, core=CLIENT_CORE, options=options)
    each = [counted[name] for name in ("missing", "doubled", "out_of_order")]
    rightly = sum(count == wanted * FAULTY_SOCKETS for count in each)
    detail = f"missing {each[0]}, doubled {each[1]}, out of order {each[2]} at {FAULTY_SOCKETS} sockets"
    return Row(
        f"kinds of fault the client counts rightly: {kind}", rightly, "of 3", at_least=3, detail=detail
    )


def all_sides(makers: dict[str, Callable[[], Side]]) -> tuple[list[Side], list[Row]]:
    """The sides that can be had here, and a row for each that cannot."""
    sides, rows = [], []
    for name, make in makers.items():
        say(f"Preparing {name}")
        side = had(make)
        if isinstance(side, Side):
            sides.append(side)
        else:
            rows.append(Row(name, None, detail=f"not measured: {side}"))
    return sides, rows


def kept_busy(side: Side, sockets: int, seconds: float) -> Turn:
    """One turn in which a side always has messages to deliver."""
    options = {"mode": "saturate", "secs": seconds * side.longer, "warm": side.longer, "drain": 30}
    return turn(side, sockets, options | {"total": side.total, "window": side.total, "words": side.words})


def one_a_second(side: Side, sockets: int, seconds: float) -> Turn:
    """One turn in which a message comes each second."""
    options = {"mode": "rate", "rate": 1, "secs": seconds, "warm": 2, "settle": 2, "drain": 10}
    return turn(side, sockets, options)


def turn(side: Side, sockets: int, options: Mapping[str, object]) -> Turn:
    """Start a side, drive it, end it."""
    with running(side):
        plan = list(side.plan(sockets))
        return Turn(client.drive(plan, side.look, CLIENT_CORE, options))


def told(turns: Turns) -> list[Row]:
    """What each side did in a room of each size."""
    return [
        Row(
            f"{size} sockets: {name}",
            middle(each.rate for each in those),
            "a second",
            detail=f"{in_short(those)}; client {number(client_cores(those))} of its core",
        )
        for (name, size), those in turns.items()
    ]


def in_short(turns: list[Turn]) -> str:
    """Cost and delay in words; and how many messages a frame had, where several went in one."""
    half, most = (middle(each.delay[which] for each in turns) for which in (0, 1))
    text = f"{number(cost(turns) or 0)} us each, p50 {number(half or 0)} ms, p99 {number(most or 0)} ms"
    together = middle(each.counted["delivered"] / max(1, each.counted["frames"]) for each in turns) or 0
    return text + (f", {together:.1f} in a frame" if together > 1 else "")


def cost(turns: list[Turn]) -> float | None:
    """Microseconds of the server's processor for each delivery; None when there was none."""
    return middle(each.cost for each in turns if each.counted["delivered"])


def client_cores(turns: list[Turn]) -> float:
    """How much of its core the client used: near one, it is the client that is measured."""
    return middle(each.counted["client_cores"] for each in turns) or 0


def ratios(turns: Turns) -> list[Row]:
    """How many times as much as whom, turn by turn, the median of it."""
    rows = []
    for one, other, bound in RATIOS:
        mine, theirs = turns.get((one, JUDGED), []), turns.get((other, JUDGED), [])
        times = middle(a.rate / b.rate for a, b in zip(mine, theirs, strict=False) if b.rate)
        if times is None:
            detail = "not measured: one of both delivered nothing"
        else:
            detail = f"the processor's time for each: {number((cost(theirs) or 0) / (cost(mine) or 1))} times"
        rows.append(Row(f"{JUDGED} sockets: {one} / {other}", times, "times", at_least=bound, detail=detail))
    return rows


def unhurried(turns: Turns) -> list[Row]:
    """Delay and cost with one message a second; of ours there are bounds."""
    rows = []
    for (name, size), those in turns.items():
        ours = name.startswith("ours")
        what = f"1 message a second, {size} sockets: {name}"
        delay = middle(each.delay[1] for each in those)
        share = middle(each.share for each in those)
        half = number(middle(each.delay[0] for each in those) or 0)
        bounds = (STEADY_DELAY, STEADY_CORE) if ours else (None, None)
        rows.append(Row(f"{what}, p99", delay, "ms", at_most=bounds[0], detail=f"p50 {half} ms"))
        rows.append(Row(f"{what}, server", share, "% of a core", at_most=bounds[1]))
    return rows


def accounts(measured: Iterable[Turns], sides: list[Side]) -> list[Row]:
    """What was lost, doubled or out of order: ours must have nothing of it, of the others it is told."""
    faults: dict[str, dict[str, int]] = {side.name: {} for side in sides}
    for turns in measured:
        for (name, _size), those in turns.items():
            for each in those:
                for fault, count in each.faults.items():
                    faults[name][fault] = faults[name].get(fault, 0) + count
    rows = []
    for side in sides:
        found = faults[side.name]
        if isinstance(side, Ours) and not side.log_is_whole():
            found["rows missing in the log"] = 1
        detail = ", ".join(f"{fault.replace('_', ' ')} {count:,}" for fault, count in found.items())
        bound = 0 if isinstance(side, Ours) else None
        what = f"missing, doubled, out of order: {side.name}"
        rows.append(Row(what, sum(found.values()), "deliveries", at_most=bound, detail=detail))
    return rows


if __name__ == "__main__":
    sys.exit(run(measure, __doc__))
