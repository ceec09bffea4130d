"""One process of clients: thousands of members at their lines, told by its standard input what to do.

It is given a plan (the ports of the servers, and each member's room, session, ticket and server) and obeys
one JSON object a line, each answered in a line: `connect`, `leave`, `phase`, `load`, `status`, `expect` and
`report`.
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

AT_ONCE = 64
"""Handshakes of this process that may be under way at once."""
FRAMES = 512
"""Frames that are kept read, since a room's members are given the same one."""
EXAMPLES = 20
"""Faults that are told in words; the others are counted."""


class Crowd:
    """The members of this process and all that is counted of them."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.ports: list[int] = plan["ports"]
        self.members = [Member(self, each) for each in plan["members"]]
        self.lives = True
        self.phase = "before"
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self.closes: dict[int, Counter[int]] = defaultdict(Counter)
        self.open = [0] * len(self.ports)
        self.last_came = [0.0] * len(self.ports)
        self.first_came = [0.0] * len(self.ports)
        self.logs: dict[int, dict[int, str]] = defaultdict(dict)
        self.acks: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self.delays: dict[str, list[float]] = defaultdict(list)
        self.numbers: dict[str, int] = {}
        self._frames: dict[bytes, dict[str, Any]] = {}
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._rate = 0.0

    def come(self, member: Member) -> None:
        """Let a member ask for a line, in its turn."""
        if self.lives:
            self._run(member)

    def came(self, member: Member) -> None:
        """A member was welcomed."""
        self.open[member.server] += 1
        self.last_came[member.server] = time.monotonic()
        if not self.first_came[member.server]:
            self.first_came[member.server] = time.monotonic()
        self.counts["welcomed"] += 1

    def went(self, member: Member, code: int) -> None:
        """A line ended, or could not be had."""
        if member.welcomed:
            self.open[member.server] -= 1
        self.closes[member.server][code] += 1

    def read(self, text: bytes) -> dict[str, Any]:
        """What a frame says."""
        if (known := self._frames.get(text)) is not None:
            return known
        said: dict[str, Any] = json.loads(text)
        if said["t"] == "entries":
            for entry in said["e"]:
                entry["since"] = int(entry["m"]["text"].rsplit(" ", 1)[1], 16) / 1e6 if "m" in entry else 0
            if len(self._frames) >= FRAMES:
                self._frames.clear()
            self._frames[text] = said
        return said

    def delivered(self, room: int, entry: dict[str, Any]) -> None:
        """An entry reached a member: everybody must be given the same one under the same number."""
        cid = entry["m"]["cid"] if "m" in entry else ""
        if self.logs[room].setdefault(entry["n"], cid) != cid:
            self.fault("different", f"room {room} has two entries {entry['n']}")
        self.counts["deliveries"] += 1
        if entry["since"]:
            self.delays[self.phase].append(time.monotonic() - entry["since"])

    def acknowledged(self, member: Member, cid: str, number: int, seconds: float, phase: str) -> None:
        """The server said that a message is written down, and under which number."""
        self.numbers[cid] = number
        self.acks[phase].append((member.server, seconds))

    def fault(self, kind: str, what: str) -> None:
        """Something was lost, doubled, out of order or refused."""
        self.counts[kind] += 1
        if len(self.faults) < EXAMPLES:
            self.faults.append(f"{kind}: {what}")

    async def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Do what one line asks for, and what to answer."""
        match order["do"]:
            case "connect":
                self.lives = True
                random.shuffle(self.members)
                for member in self.members:
                    self.come(member)
            case "phase":
                self.phase = order["name"]
                self.first_came = [0.0] * len(self.ports)
            case "load":
                started, self._rate = not self._rate, order["rate"]
                if started:
                    self._keep(asyncio.create_task(self._talk()))
            case "expect":
                lasts = {int(room): last for room, last in order["lasts"].items()}
                return self.status() | {"behind": sum(m.last < lasts[m.room] for m in self.members)}
            case "leave":
                self.lives = False
                for member in self.members:
                    member.leave()
            case "report":
                Path(order["file"]).write_text(json.dumps(self.report()))
        return self.status()

    def status(self) -> dict[str, Any]:
        """How it stands just now."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "open": self.open,
            "last_came": self.last_came,
            "first_came": self.first_came,
            "unacknowledged": sum(len(member.unacknowledged) for member in self.members),
            "deliveries": self.counts["deliveries"],
            "cpu": usage.ru_utime + usage.ru_stime,
        }

    def report(self) -> dict[str, Any]:
        """All that was counted."""
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

    async def _talk(self) -> None:
        """Let members write, whoever it is and at no regular moments, until the rate is nought."""
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
            async with self._turn:
                await member.open()

        self._keep(asyncio.create_task(in_turn()))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def obey_for_ever(plan: dict[str, Any]) -> None:
    """Read orders until the pipe ends."""
    crowd = Crowd(plan)
    # What is there now stays; looking through it again and again would cost more than all the lines.
    gc.freeze()
    orders = asyncio.StreamReader(limit=2**24)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while text := await orders.readline():
        print(json.dumps(await crowd.obey(json.loads(text))), flush=True)


if __name__ == "__main__":
    asyncio.run(obey_for_ever(json.loads(Path(sys.argv[1]).read_text())))
