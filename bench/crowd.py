"""A process of thousands of clients, controlled by its standard input.

It is given a plan (the ports of the servers, and each member's room, session, ticket and server) and executes
one command per line, a JSON object, and answers each with a line: `connect`, `leave`, `phase`, `load`,
`status`, `expect` and `report`.
"""

import asyncio
import gc
import json
import random
import resource
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from bench.member import Member
from bench.sentences import sentence

CONCURRENT_HANDSHAKES = 64
CACHED_FRAMES = 512
"""Decoded frames in the cache: all members of a room get the same one."""
REPORTED_FAULTS = 20
"""Faults described in the report; the others are only counted."""


class Crowd:
    """The clients of this process and all counters."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.ports: list[int] = plan["ports"]
        self.members = [Member(self, each) for each in plan["members"]]
        self.reconnects = True
        self.phase = "before"
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self.closes: dict[int, Counter[int]] = defaultdict(Counter)
        self.open = [0] * len(self.ports)
        self.last_welcome = [0.0] * len(self.ports)
        self.first_welcome = [0.0] * len(self.ports)
        self.logs: dict[int, dict[int, str]] = defaultdict(dict)
        self.acks: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self.delays: dict[str, list[float]] = defaultdict(list)
        self.numbers: dict[str, int] = {}
        self._frames: dict[bytes, dict[str, Any]] = {}
        self._handshakes = asyncio.Semaphore(CONCURRENT_HANDSHAKES)
        self._tasks: set[asyncio.Task[None]] = set()
        self._rate = 0.0

    def connect(self, member: Member) -> None:
        """Let a member connect once a handshake slot is free."""
        if self.reconnects:
            self._run(member)

    def welcomed(self, member: Member) -> None:
        """A member was welcomed."""
        self.open[member.server] += 1
        self.last_welcome[member.server] = time.monotonic()
        if not self.first_welcome[member.server]:
            self.first_welcome[member.server] = time.monotonic()
        self.counts["welcomed"] += 1

    def closed(self, member: Member, code: int) -> None:
        """A connection was closed, or could not be opened."""
        if member.welcomed:
            self.open[member.server] -= 1
        self.closes[member.server][code] += 1

    def decode(self, text: bytes) -> dict[str, Any]:
        """A frame, decoded once for all members that get it."""
        if (cached := self._frames.get(text)) is not None:
            return cached
        frame: dict[str, Any] = json.loads(text)
        if frame["t"] == "entries":
            for entry in frame["e"]:
                entry["since"] = int(entry["m"]["text"].rsplit(" ", 1)[1], 16) / 1e6 if "m" in entry else 0
            if len(self._frames) >= CACHED_FRAMES:
                self._frames.clear()
            self._frames[text] = frame
        return frame

    def delivered(self, room: int, entry: dict[str, Any]) -> None:
        """A member received an entry; every member must get the same one under the same number."""
        cid = entry["m"]["cid"] if "m" in entry else ""
        if self.logs[room].setdefault(entry["n"], cid) != cid:
            self.fault("different", f"room {room} has two entries {entry['n']}")
        self.counts["deliveries"] += 1
        if entry["since"]:
            self.delays[self.phase].append(time.monotonic() - entry["since"])

    def acknowledged(self, member: Member, cid: str, number: int, seconds: float, phase: str) -> None:
        """A message was acknowledged with its number."""
        self.numbers[cid] = number
        self.acks[phase].append((member.server, seconds))

    def fault(self, kind: str, what: str) -> None:
        """Count something lost, duplicated, out of order or refused."""
        self.counts[kind] += 1
        if len(self.faults) < REPORTED_FAULTS:
            self.faults.append(f"{kind}: {what}")

    async def do(self, command: dict[str, Any]) -> dict[str, Any]:
        """Execute one command; returns the answer."""
        match command["do"]:
            case "connect":
                self.reconnects = True
                random.shuffle(self.members)
                for member in self.members:
                    self.connect(member)
            case "phase":
                self.phase = command["name"]
                self.first_welcome = [0.0] * len(self.ports)
            case "load":
                started, self._rate = not self._rate, command["rate"]
                if started:
                    self._add_task(asyncio.create_task(self._write()))
            case "expect":
                lasts = {int(room): last for room, last in command["lasts"].items()}
                return self.status() | {"behind": sum(m.last < lasts[m.room] for m in self.members)}
            case "leave":
                self.reconnects = False
                for member in self.members:
                    member.leave()
            case "report":
                Path(command["file"]).write_text(json.dumps(self.report()))
        return self.status()

    def status(self) -> dict[str, Any]:
        """The current state."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "open": self.open,
            "last_welcome": self.last_welcome,
            "first_welcome": self.first_welcome,
            "unacknowledged": sum(len(member.unacknowledged) for member in self.members),
            "deliveries": self.counts["deliveries"],
            "cpu": usage.ru_utime + usage.ru_stime,
        }

    def report(self) -> dict[str, Any]:
        """All counters."""
        return {
            "counts": self.counts,
            "faults": self.faults,
            "closes": self.closes,
            "logs": self.logs,
            "lasts": [(member.room, member.last) for member in self.members],
            "numbers": self.numbers,
            "acks": self.acks,
            "delays": {phase: sorted(delays) for phase, delays in self.delays.items()},
        }

    async def _write(self) -> None:
        """Let random members write, as a Poisson process, until the rate is 0."""
        due = time.monotonic()
        while self._rate:
            due += random.expovariate(self._rate)
            await asyncio.sleep(max(0, due - time.monotonic()))
            now = time.monotonic()
            text = f"{sentence()} {int(now * 1e6):x}"
            self.counts["written"] += 1
            random.choice(self.members).write(text, self.phase)

    def _run(self, member: Member) -> None:
        async def in_turn() -> None:
            async with self._handshakes:
                await member.open()

        self._add_task(asyncio.create_task(in_turn()))

    def _add_task(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def run_commands(plan: dict[str, Any]) -> None:
    """Execute commands until standard input is closed."""
    crowd = Crowd(plan)
    # Collecting long-lived objects would take longer than the work of the clients.
    gc.freeze()
    commands = asyncio.StreamReader(limit=2**24)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    while text := await commands.readline():
        print(json.dumps(await crowd.do(json.loads(text))), flush=True)


if __name__ == "__main__":
    asyncio.run(run_commands(json.loads(Path(sys.argv[1]).read_text())))
