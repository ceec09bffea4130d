"""A member of a room with one open tab: opens its line with its newest ticket, says words until they are
acknowledged, counts every entry it is given, and comes back by itself when the line breaks."""

import asyncio
import json
import random
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bench import line

if TYPE_CHECKING:
    from bench.crowd import Crowd

MOVE = 4012
"""Close code: the server stops, and another one answers."""
HANDSHAKE = 15
"""Seconds after which a line that nobody answers is given up, as a page of ours does."""
BUSY_AGAIN = 0.5
"""Seconds after which a word is said again that the server was too busy for."""


class Member:
    """One of the crowd. What it was given is kept as how far it came; what is wrong with it, by the crowd."""

    __slots__ = (
        *("crowd", "person", "room", "session", "ticket", "server", "looks"),
        *(
            "last",
            "news",
            "line",
            "welcomed",
            "failures",
            "unread",
            "unacknowledged",
            "timers",
            "greeting",
            "within",
        ),
    )

    def __init__(self, crowd: "Crowd", plan: dict[str, Any]) -> None:
        self.crowd = crowd
        self.person, self.room, self.session = plan["person"], plan["room"], plan["session"]
        self.ticket, self.server, self.looks = plan["ticket"], plan["server"], plan["looks"]
        self.last = self.news = 0
        self.line: line.Line | None = None
        self.welcomed = False
        self.failures, self.within = 0, 3.0
        self.unread = False
        self.unacknowledged: dict[str, tuple[bytes, float, str]] = {}
        self.timers: list[asyncio.TimerHandle] = []
        self.greeting: asyncio.Future[None] | None = None

    async def open(self) -> None:
        """Ask for a line, from where the entries that were read end, and wait for a welcome or a refusal."""
        path = (
            f"/live/?t={quote(self.ticket)}&s=room:{self.room},{self.last}&s=person:{self.person},{self.news}"
        )
        port = self.crowd.ports[self.server]
        mine = self.line = line.Line(self, line.request(port, path, self.session))
        loop = asyncio.get_running_loop()
        self.greeting = loop.create_future()
        try:
            await loop.create_connection(lambda: mine, "127.0.0.1", port)
        except OSError:
            self.lost(line.REFUSED)
            return
        self._later(HANDSHAKE, lambda: None if self.welcomed else mine.close())
        await self.greeting

    def write(self, text: str, phase: str) -> None:
        """Write a message; it is sent, under the same id, until it is acknowledged."""
        cid = str(uuid.uuid4())
        words = {"t": "send", "room": self.room, "cid": cid, "text": text}
        self.unacknowledged[cid] = (json.dumps(words).encode(), time.monotonic(), phase)
        self._send(cid)

    def heard(self, text: bytes) -> None:
        """Take one frame of the server."""
        said = self.crowd.read(text)
        match said["t"]:
            case "entries":
                self._take(said)
            case "ack":
                self._acknowledged(said["cid"], said["n"])
            case "ticket":
                self.ticket = said["ticket"]
                self.crowd.counts["tickets"] += 1
            case "welcome":
                self._welcome()
            case "move":
                self.within = said["within"]
            case "busy":
                self.crowd.counts["busy"] += 1
                self._later(BUSY_AGAIN, lambda: self._send(said["cid"]))
            case "no" | "unknown" | "reset":
                self.crowd.fault("refused", f"member of room {self.room} heard {text[:200]!r}")

    def lost(self, code: int) -> None:
        """Come back: soon and spread where the server said so, later each time where it does not answer."""
        self._forget_line()
        self.crowd.went(self, code)
        self.welcomed = False
        self.failures = 0 if code == MOVE else self.failures + 1
        wait = (
            random.uniform(0, self.within) if code == MOVE else random.uniform(0.5, min(8, 2**self.failures))
        )
        if self.crowd.lives:
            asyncio.get_running_loop().call_later(wait, self.crowd.come, self)

    def leave(self) -> None:
        """Close the tab; coming back is for somebody else to say."""
        open_line = self.line
        self._forget_line()
        if self.welcomed:
            self.crowd.open[self.server] -= 1
            self.welcomed = False
        if open_line is not None:
            open_line.leave()

    def _welcome(self) -> None:
        self.failures, self.welcomed = 0, True
        if self.greeting is not None and not self.greeting.done():
            self.greeting.set_result(None)
        self.crowd.came(self)
        for cid in list(self.unacknowledged):
            self._send(cid)
        if self.looks:
            self._here()

    def _take(self, said: dict[str, Any]) -> None:
        if said["s"] != f"room:{self.room}":
            self.news = max([self.news, *(entry["n"] for entry in said["e"])])
            return
        for entry in said["e"]:
            number = entry["n"]
            if number != self.last + 1:
                kind = "doubled" if number <= self.last else "missing"
                self.crowd.fault(kind, f"room {self.room}: {number} came after {self.last}")
            self.last = max(self.last, number)
            self.crowd.delivered(self.room, entry)
        if self.looks and not self.unread:
            self.unread = True
            self._later(2 + random.random(), self._read)

    def _acknowledged(self, cid: str, number: int) -> None:
        if (kept := self.unacknowledged.pop(cid, None)) is not None:
            _words, since, phase = kept
            self.crowd.acknowledged(self, cid, number, time.monotonic() - since, phase)

    def _send(self, cid: str) -> None:
        if self.welcomed and self.line is not None and cid in self.unacknowledged:
            self.line.say(self.unacknowledged[cid][0])

    def _here(self) -> None:
        self._say({"t": "here", "room": self.room, "typing": False})
        self._later(20, self._here)

    def _read(self) -> None:
        self.unread = False
        self._say({"t": "read", "room": self.room, "n": self.last})

    def _say(self, words: dict[str, Any]) -> None:
        if self.line is not None:
            self.line.say(json.dumps(words).encode())

    def _later(self, seconds: float, do: Callable[[], object]) -> None:
        loop = asyncio.get_running_loop()
        self.timers = [timer for timer in self.timers if timer.when() > loop.time()]
        self.timers.append(loop.call_later(seconds, do))

    def _forget_line(self) -> None:
        self.line, self.unread = None, False
        if self.greeting is not None and not self.greeting.done():
            self.greeting.set_result(None)
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()
