"""Somebody at a socket, as a browser is: says its words until they are acknowledged, keeps what it read in
order, and comes back by itself when the line breaks."""

import asyncio
import json
import uuid
from dataclasses import dataclass, field

import websockets
from websockets.asyncio.client import ClientConnection

from tests.site import Server

AGAIN = 0.3
"""Seconds between two tries to come back or to be acknowledged."""


@dataclass
class Person:
    """A member of a room with one open tab."""

    server: Server
    session: str
    room: int
    read: list[dict] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    @property
    def last(self) -> int:
        return self.read[-1]["n"] if self.read else 0

    def say(self, text: str) -> None:
        """Write a message; it is sent until it is acknowledged, under the same id."""
        cid = str(uuid.uuid4())
        self.sent[cid] = text
        self.waiting.add(cid)

    async def live(self) -> None:
        """Be there until cancelled."""
        address = f"{self.server.url.replace('http', 'ws')}/live/"
        cookie = {"Cookie": f"sessionid={self.session}"}
        while True:
            try:
                async with websockets.connect(
                    address, additional_headers=cookie, origin=self.server.url, open_timeout=5
                ) as line:
                    await line.send(json.dumps({"t": "follow", "s": f"room:{self.room}", "after": self.last}))
                    sending = asyncio.create_task(self._send(line))
                    try:
                        async for frame in line:
                            self._hear(json.loads(frame))
                    finally:
                        sending.cancel()
            except (OSError, TimeoutError, websockets.WebSocketException):
                pass
            await asyncio.sleep(AGAIN)

    async def _send(self, line: ClientConnection) -> None:
        while True:
            for cid in list(self.waiting):
                await line.send(
                    json.dumps({"t": "send", "room": self.room, "cid": cid, "text": self.sent[cid]})
                )
            await asyncio.sleep(AGAIN)

    def _hear(self, said: dict) -> None:
        if said["t"] == "ack":
            self.waiting.discard(said["cid"])
        elif said["t"] == "entries":
            for entry in said["e"]:
                if entry["n"] != self.last + 1:
                    self.wrong.append(f"{entry['n']} came after {self.last}")
                self.read.append(entry)
        elif said["t"] in ("no", "unknown"):
            self.wrong.append(json.dumps(said))
