"""A member of a room with one open tab: connects with its newest ticket, sends messages until they are
acknowledged, counts every entry it receives, and reconnects by itself."""

import asyncio
import json
import random
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bench import connection

if TYPE_CHECKING:
    from bench.crowd import Crowd

CLOSE_MOVE = 4012
"""Close code: the server stops (messaging/live/frames.py)."""
HANDSHAKE_TIMEOUT_SECONDS = 15
"""As in a page of ours."""
BUSY_RETRY_SECONDS = 0.5
"""Delay before resending a message that was answered with `busy`."""


class Member:
    """One client. It stores only the last number it received; the crowd counts the faults."""

    __slots__ = (
        *("crowd", "person", "room", "session", "ticket", "server", "in_foreground"),
        *(
            "last",
            "news",
            "socket",
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
        self.ticket, self.server, self.in_foreground = plan["ticket"], plan["server"], plan["in_foreground"]
        self.last = self.news = 0
        self.socket: connection.Connection | None = None
        self.welcomed = False
        self.failures, self.within = 0, 3.0
        self.unread = False
        self.unacknowledged: dict[str, tuple[bytes, float, str]] = {}
        self.timers: list[asyncio.TimerHandle] = []
        self.greeting: asyncio.Future[None] | None = None

    async def open(self) -> None:
        """Connect with the last numbers received, and wait for the welcome or a refusal."""
        path = (
            f"/live/?t={quote(self.ticket)}&s=room:{self.room},{self.last}&s=person:{self.person},{self.news}"
        )
        port = self.crowd.ports[self.server]
        socket = self.socket = connection.Connection(self, connection.request(port, path, self.session))
        loop = asyncio.get_running_loop()
        self.greeting = loop.create_future()
        try:
            await loop.create_connection(lambda: socket, "127.0.0.1", port)
        except OSError:
            self.on_close(connection.NEVER_OPENED)
            return
        self._later(HANDSHAKE_TIMEOUT_SECONDS, lambda: None if self.welcomed else socket.close())
        await self.greeting

    def write(self, text: str, phase: str) -> None:
        """Send a message, with the same client id until it is acknowledged."""
        cid = str(uuid.uuid4())
        command = {"t": "send", "room": self.room, "cid": cid, "text": text}
        self.unacknowledged[cid] = (json.dumps(command).encode(), time.monotonic(), phase)
        self._send(cid)

    def on_text(self, text: bytes) -> None:
        """Receive one frame."""
        frame = self.crowd.decode(text)
        match frame["t"]:
            case "entries":
                self._receive_entries(frame)
            case "ack":
                self._acknowledged(frame["cid"], frame["n"])
            case "ticket":
                self.ticket = frame["ticket"]
                self.crowd.counts["tickets"] += 1
            case "welcome":
                self._welcome()
            case "move":
                self.within = frame["within"]
            case "busy":
                self.crowd.counts["busy"] += 1
                self._later(BUSY_RETRY_SECONDS, lambda: self._send(frame["cid"]))
            case "no" | "unknown" | "reset":
                self.crowd.fault("refused", f"member of room {self.room} received {text[:200]!r}")

    def on_close(self, code: int) -> None:
        """Reconnect: within the time the server named, or with growing delays."""
        self._drop_connection()
        self.crowd.closed(self, code)
        self.welcomed = False
        self.failures = 0 if code == CLOSE_MOVE else self.failures + 1
        wait = (
            random.uniform(0, self.within)
            if code == CLOSE_MOVE
            else random.uniform(0.5, min(8, 2**self.failures))
        )
        if self.crowd.reconnects:
            asyncio.get_running_loop().call_later(wait, self.crowd.connect, self)

    def leave(self) -> None:
        """Disconnect and stay disconnected."""
        socket = self.socket
        self._drop_connection()
        if self.welcomed:
            self.crowd.open[self.server] -= 1
            self.welcomed = False
        if socket is not None:
            socket.leave()

    def _welcome(self) -> None:
        self.failures, self.welcomed = 0, True
        if self.greeting is not None and not self.greeting.done():
            self.greeting.set_result(None)
        self.crowd.welcomed(self)
        for cid in list(self.unacknowledged):
            self._send(cid)
        if self.in_foreground:
            self._send_presence()

    def _receive_entries(self, frame: dict[str, Any]) -> None:
        if frame["s"] != f"room:{self.room}":
            self.news = max([self.news, *(entry["n"] for entry in frame["e"])])
            return
        for entry in frame["e"]:
            number = entry["n"]
            if number != self.last + 1:
                kind = "doubled" if number <= self.last else "missing"
                self.crowd.fault(kind, f"room {self.room}: {number} arrived after {self.last}")
            self.last = max(self.last, number)
            self.crowd.delivered(self.room, entry)
        if self.in_foreground and not self.unread:
            self.unread = True
            self._later(2 + random.random(), self._read)

    def _acknowledged(self, cid: str, number: int) -> None:
        if (pending := self.unacknowledged.pop(cid, None)) is not None:
            _command, since, phase = pending
            self.crowd.acknowledged(self, cid, number, time.monotonic() - since, phase)

    def _send(self, cid: str) -> None:
        if self.welcomed and self.socket is not None and cid in self.unacknowledged:
            self.socket.send(self.unacknowledged[cid][0])

    def _send_presence(self) -> None:
        self._command({"t": "here", "room": self.room, "typing": False})
        self._later(20, self._send_presence)

    def _read(self) -> None:
        self.unread = False
        self._command({"t": "read", "room": self.room, "n": self.last})

    def _command(self, command: dict[str, Any]) -> None:
        if self.socket is not None:
            self.socket.send(json.dumps(command).encode())

    def _later(self, seconds: float, do: Callable[[], object]) -> None:
        loop = asyncio.get_running_loop()
        self.timers = [timer for timer in self.timers if timer.when() > loop.time()]
        self.timers.append(loop.call_later(seconds, do))

    def _drop_connection(self) -> None:
        self.socket, self.unread = None, False
        if self.greeting is not None and not self.greeting.done():
            self.greeting.set_result(None)
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()
