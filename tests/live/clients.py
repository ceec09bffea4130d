"""A client of the socket that behaves like a browser: it retries until messages are acknowledged, stores what
it received in order, and reconnects."""

import asyncio
import json
import uuid
from dataclasses import dataclass, field

import websockets
from websockets.asyncio.client import ClientConnection

from tests.site import Server
from tests.waiting import PATIENCE_SECONDS

RETRY_SECONDS = 0.3
"""Delay before reconnecting, and before sending again what is not acknowledged."""


@dataclass
class ChatClient:
    """A member of a room with one open tab."""

    server: Server
    session: str
    room: int
    received: list[dict] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)
    unacknowledged: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    @property
    def last(self) -> int:
        return self.received[-1]["n"] if self.received else 0

    def post(self, text: str) -> None:
        """Send a message, again and again with the same client id until it is acknowledged."""
        cid = str(uuid.uuid4())
        self.sent[cid] = text
        self.unacknowledged.add(cid)

    async def run(self) -> None:
        """Stay connected until cancelled."""
        address = f"{self.server.url.replace('http', 'ws')}/live/"
        cookie = {"Cookie": f"sessionid={self.session}"}
        while True:
            try:
                async with websockets.connect(
                    address, additional_headers=cookie, origin=self.server.url, open_timeout=PATIENCE_SECONDS
                ) as socket:
                    follow = {"t": "follow", "s": f"room:{self.room}", "after": self.last}
                    await socket.send(json.dumps(follow))
                    sending = asyncio.create_task(self._send(socket))
                    try:
                        async for frame in socket:
                            self._receive(json.loads(frame))
                    finally:
                        sending.cancel()
            except (OSError, TimeoutError, websockets.WebSocketException):
                pass
            await asyncio.sleep(RETRY_SECONDS)

    async def _send(self, socket: ClientConnection) -> None:
        while True:
            for cid in list(self.unacknowledged):
                await socket.send(
                    json.dumps({"t": "send", "room": self.room, "cid": cid, "text": self.sent[cid]})
                )
            await asyncio.sleep(RETRY_SECONDS)

    def _receive(self, frame: dict) -> None:
        if frame["t"] == "ack":
            self.unacknowledged.discard(frame["cid"])
        elif frame["t"] == "entries":
            for entry in frame["e"]:
                if entry["n"] != self.last + 1:
                    self.errors.append(f"{entry['n']} arrived after {self.last}")
                self.received.append(entry)
        elif frame["t"] in ("no", "unknown"):
            self.errors.append(json.dumps(frame))
