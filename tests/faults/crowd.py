"""Socket clients that behave like browsers: they retry until messages are acknowledged, store what they
received in order and the newest ticket, and reconnect: with back-off, soon when a server that stops closed
them, and by polling where no socket can be opened."""

import asyncio
import contextlib
import http.client
import json
import random
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

import websockets
from websockets.asyncio.client import ClientConnection

from messaging.live import frames

MAX_IN_FLIGHT = 6
"""Messages one client sends before the first is acknowledged."""
MESSAGES_PER_SECOND = 6.0
"""Messages one client sends at most; below the rate limit of the server."""
RETRY_SECONDS = 5.0
"""Time without an acknowledgement after which a message is sent again, with the same client id."""
CSRF_TOKEN = "t" * 32


@dataclass
class Member:
    """A member of a room with one open tab. When one address does not answer, the next one is tried."""

    addresses: list[str]
    id: int
    session: str
    room: int
    space: int
    ticket: str = ""
    silence_timeout: float = 8.0
    """Seconds without a frame after which the connection counts as dead."""
    received: list[dict] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)
    unacknowledged: list[str] = field(default_factory=list)
    acknowledged: dict[str, int] = field(default_factory=dict)
    """The numbers of messages the page shows as sent, by client id."""
    refused: dict[str, str] = field(default_factory=dict)
    close_codes: list[int] = field(default_factory=list)
    """How connections ended: the close code, 0 for a connection that broke."""
    busy: int = 0
    """How often the server answered `busy`."""
    errors: list[str] = field(default_factory=list)
    """Requests that failed."""
    posted_at: dict[str, float] = field(default_factory=dict)
    acknowledged_at: dict[str, float] = field(default_factory=dict)
    received_at: dict[int, float] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    """Violations of the protocol by a server."""
    posted: int = 0
    """Messages acknowledged by HTTP."""
    is_revoked: bool = False
    """Whether the server revoked the room from this person."""
    is_connected: bool = False
    polls: bool = False

    def __post_init__(self) -> None:
        self._in_flight: dict[str, float] = {}
        self._tries = 0
        self._socket: ClientConnection | None = None

    @property
    def last(self) -> int:
        """The number of the last entry received."""
        return self.received[-1]["n"] if self.received else 0

    @property
    def address(self) -> str:
        """The server tried next."""
        return self.addresses[0]

    def post(self, text: str, cid: str = "") -> str:
        """Post a message: it is sent with one client id until it is acknowledged. Returns the id."""
        cid = cid or str(uuid.uuid4())
        self.sent[cid] = text
        self.posted_at[cid] = time.monotonic()
        self.unacknowledged.append(cid)
        return cid

    async def run(self) -> None:
        """Stay connected until cancelled."""
        while True:
            code = await self._connect()
            self.is_connected, self._socket = False, None
            self._in_flight.clear()
            self.close_codes.append(code)
            self._tries = 0 if code == frames.CLOSE_MOVE else self._tries + 1
            self.addresses.append(self.addresses.pop(0))
            if self._tries >= 3:
                await asyncio.to_thread(self._poll)
            longest = {frames.CLOSE_MOVE: 1.0, frames.CLOSE_FLOOD: 3.0}.get(
                code, min(3.0, 0.3 * 2**self._tries)
            )
            await asyncio.sleep(random.uniform(0.05, longest))

    async def cut(self) -> None:
        """Abort the connection without a close frame, like a laptop whose lid is closed."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def _connect(self) -> int:
        """One connection, from opening to closing; returns its close code."""
        query = urllib.parse.urlencode({"t": self.ticket, "s": f"room:{self.room},{self.last}"})
        address = f"{self.address.replace('http', 'ws')}/live/?{query}"
        try:
            async with websockets.connect(
                address,
                additional_headers={"Cookie": f"sessionid={self.session}"},
                origin=self.address,
                open_timeout=self.silence_timeout,
                close_timeout=1,
                ping_interval=None,
                compression=None,
                max_size=None,
                proxy=None,
            ) as socket:
                self._socket = socket
                sending = asyncio.create_task(self._send_pending(socket))
                try:
                    while True:
                        async with asyncio.timeout(self.silence_timeout):
                            text = await socket.recv()
                        self._receive(json.loads(text))
                finally:
                    sending.cancel()
        except websockets.ConnectionClosed as end:
            return end.rcvd.code if end.rcvd else 0
        except (OSError, TimeoutError, EOFError, websockets.WebSocketException):
            return 0

    async def _send_pending(self, socket: ClientConnection) -> None:
        pinged = 0.0
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                now = time.monotonic()
                if now - pinged > self.silence_timeout / 3:
                    pinged = now
                    await socket.send('{"t":"ping"}')
                for cid in self._due(now):
                    command = {"t": "send", "room": self.room, "cid": cid, "text": self.sent[cid]}
                    await socket.send(json.dumps(command))
                    await asyncio.sleep(1 / MESSAGES_PER_SECOND)
                await asyncio.sleep(0.05)

    def _due(self, now: float) -> list[str]:
        """The client ids to send now: new ones, or again those not acknowledged in time."""
        if not self.is_connected:
            return []
        for cid, at in list(self._in_flight.items()):
            if cid not in self.unacknowledged or now - at > RETRY_SECONDS:
                del self._in_flight[cid]
        free = MAX_IN_FLIGHT - len(self._in_flight)
        due = [cid for cid in self.unacknowledged if cid not in self._in_flight][: max(0, free)]
        self._in_flight.update(dict.fromkeys(due, now))
        return due

    def _receive(self, frame: dict) -> None:
        match frame["t"]:
            case "welcome":
                self.is_connected, self._tries = True, 0
            case "entries" if frame["s"] == f"room:{self.room}":
                self._receive_entries(frame["e"])
            case "ack":
                self._acknowledge(frame["cid"], frame["n"])
            case "busy":
                self.busy += 1
                self._in_flight[frame["cid"]] = time.monotonic() - RETRY_SECONDS + random.uniform(0.3, 1)
            case "no":
                self._refuse(frame.get("cid"), frame.get("why", ""))
            case "ticket":
                self.ticket = frame["ticket"]
            case "unknown":
                self.is_revoked = True
            case "reset":
                self.violations.append(f"the server has less than {self.last}")

    def _receive_entries(self, entries: list[dict]) -> None:
        for entry in entries:
            if entry["n"] != self.last + 1:
                self.violations.append(f"{entry['n']} arrived after {self.last}")
            if self.is_revoked:
                self.violations.append(f"{entry['n']} reached somebody without access")
            self.received.append(entry)
            self.received_at[entry["n"]] = time.monotonic()
            cid = entry["m"]["cid"] if entry["k"] == "message" else None
            if cid in self.sent:
                self._acknowledge(cid, entry["n"])

    def _acknowledge(self, cid: str, number: int) -> None:
        if cid not in self.sent:
            self.violations.append(f"{cid} was acknowledged to a client that never sent it")
        elif self.acknowledged.setdefault(cid, number) != number:
            self.violations.append(f"{cid} has the numbers {self.acknowledged[cid]} and {number}")
        if cid in self.unacknowledged:
            self.unacknowledged.remove(cid)
            self.acknowledged_at[cid] = time.monotonic()

    def _refuse(self, cid: str | None, why: str) -> None:
        if cid in self.acknowledged or cid not in self.sent:
            self.violations.append(f"no to {cid}: {why}")
        elif cid in self.unacknowledged:
            self.unacknowledged.remove(cid)
            self.refused[cid] = why

    def _poll(self) -> None:
        """Post pending messages by HTTP and poll, as a browser does where no socket can be opened."""
        for cid in list(self.unacknowledged):
            answer = self.ask(f"/spaces/{self.space}/room/", client_id=cid, text=self.sent[cid])
            if "n" in answer:
                self.posted += 1
                self._acknowledge(cid, answer["n"])
        answer = self.ask(f"/live/poll/?s=room:{self.room},{self.last}")
        self.polls = "frames" in answer
        for frame in answer.get("frames", ()):
            self._receive(frame)

    def ask(self, path: str, **fields: str) -> dict:
        """Send a request like the page's scripts: POST if there are fields. Returns the JSON of the
        answer."""
        form = urllib.parse.urlencode(fields).encode() if fields else None
        request = urllib.request.Request(self.address + path, form)
        request.add_header("Cookie", f"sessionid={self.session}; csrftoken={CSRF_TOKEN}")
        request.add_header("X-CSRFToken", CSRF_TOKEN)
        request.add_header("Accept", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=8) as answer:
                body = answer.read()
                return json.loads(body) if answer.headers["Content-Type"] == "application/json" else {}
        except urllib.error.HTTPError as refusal:
            with refusal:
                self.errors.append(f"{path}: {refusal.code}")
        except (OSError, http.client.HTTPException) as failure:
            self.errors.append(f"{path}: {failure}")
        return {}


def delivery_delays(people: list[Member]) -> list[float]:
    """Seconds from the acknowledgement of a message until each client received it, sorted."""
    acknowledged = {
        number: member.acknowledged_at[cid]
        for member in people
        for cid, number in member.acknowledged.items()
    }
    return sorted(at - acknowledged[number] for member in people for number, at in member.received_at.items())


@contextlib.asynccontextmanager
async def connected(people: Iterable[Member]) -> AsyncIterator[None]:
    """Run all clients: they are connected when the block begins, and stopped when it ends."""
    people = list(people)
    tasks = [asyncio.create_task(member.run()) for member in people]
    try:
        async with asyncio.timeout(60):
            while not all(member.is_connected or member.polls for member in people):
                await asyncio.sleep(0.05)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def post_in_turn(people: list[Member], messages: int, interval: float = 0.04, suffix: str = "") -> None:
    """Let each client post `messages` messages, in turn."""
    for number in range(messages):
        for member in people:
            member.post(f"{number} from {member.id} {suffix}".strip())
            await asyncio.sleep(interval)


async def settle(people: list[Member], seconds: float = 60) -> None:
    """Wait until everything is acknowledged and everybody with access has received it."""
    deadline = time.monotonic() + seconds
    while True:
        last = max((number for member in people for number in member.acknowledged.values()), default=0)
        late = [one for one in people if one.unacknowledged or (one.last < last and not one.is_revoked)]
        if not late:
            return
        if time.monotonic() > deadline:
            states = "\n".join(
                f"{one.id} at {one.address}: {len(one.unacknowledged)} unacknowledged, "
                f"received {one.last} of {last}, "
                f"closed with {one.close_codes[-8:]}, violations {one.violations[:3]}"
                for one in late
            )
            raise AssertionError(f"After {seconds} s:\n{states}")
        await asyncio.sleep(0.05)
