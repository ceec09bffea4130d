"""People at sockets, as browsers are: they say their words until they are acknowledged, keep what they read
in order, keep the newest ticket, and come back by themselves: later each time, soon where they are sent away
by a server that stops, and over plain requests where no socket can be had."""

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

AT_ONCE = 6
"""Messages one person has on the way at a time."""
A_SECOND = 6.0
"""Words one person says a second at most."""
UNANSWERED = 5.0
"""Seconds without an answer after which a message goes again, under the same id."""
TOKEN = "t" * 32


@dataclass
class Member:
    """A member of a room with one open tab. Where one address does not answer, the next one is tried."""

    addresses: list[str]
    id: int
    session: str
    room: int
    space: int
    ticket: str = ""
    patience: float = 8.0
    """Seconds of silence after which the line is taken for dead."""
    read: list[dict] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    accepted: dict[str, int] = field(default_factory=dict)
    """What is shown to the person as being in the room, by its id, with its number."""
    refused: dict[str, str] = field(default_factory=dict)
    ends: list[int] = field(default_factory=list)
    """How lines ended: the close code, 0 for a line that broke."""
    busy: int = 0
    """How often the server asked for patience."""
    errors: list[str] = field(default_factory=list)
    """Requests that failed."""
    said_at: dict[str, float] = field(default_factory=dict)
    accepted_at: dict[str, float] = field(default_factory=dict)
    read_at: dict[int, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    """What a server must never do."""
    posted: int = 0
    is_out: bool = False
    is_here: bool = False
    """At a socket."""
    polls: bool = False

    def __post_init__(self) -> None:
        self._on_the_way: dict[str, float] = {}
        self._tries = 0
        self._line: ClientConnection | None = None

    @property
    def last(self) -> int:
        """The number of the last entry that was read."""
        return self.read[-1]["n"] if self.read else 0

    @property
    def address(self) -> str:
        """Where they come in now."""
        return self.addresses[0]

    def say(self, text: str, cid: str = "") -> str:
        """Write a message; it is sent until it is acknowledged, under one id."""
        cid = cid or str(uuid.uuid4())
        self.sent[cid] = text
        self.said_at[cid] = time.monotonic()
        self.waiting.append(cid)
        return cid

    async def live(self) -> None:
        """Be there until cancelled."""
        while True:
            code = await self._at_the_socket()
            self.is_here, self._line = False, None
            self._on_the_way.clear()
            self.ends.append(code)
            self._tries = 0 if code == frames.MOVE else self._tries + 1
            self.addresses.append(self.addresses.pop(0))
            if self._tries >= 3:
                await asyncio.to_thread(self._by_requests)
            longest = {frames.MOVE: 1.0, frames.FLOOD: 3.0}.get(code, min(3.0, 0.3 * 2**self._tries))
            await asyncio.sleep(random.uniform(0.05, longest))

    async def cut(self) -> None:
        """Lose the line without a word, as a laptop does whose lid is closed."""
        if self._line is not None:
            self._line.transport.abort()

    async def _at_the_socket(self) -> int:
        """One line, from its beginning to its end."""
        asked = urllib.parse.urlencode({"t": self.ticket, "s": f"room:{self.room},{self.last}"})
        address = f"{self.address.replace('http', 'ws')}/live/?{asked}"
        try:
            async with websockets.connect(
                address,
                additional_headers={"Cookie": f"sessionid={self.session}"},
                origin=self.address,
                open_timeout=self.patience,
                close_timeout=1,
                ping_interval=None,
                compression=None,
                max_size=None,
                proxy=None,
            ) as line:
                self._line = line
                speaking = asyncio.create_task(self._speak(line))
                try:
                    while True:
                        async with asyncio.timeout(self.patience):
                            words = await line.recv()
                        self._hear(json.loads(words))
                finally:
                    speaking.cancel()
        except websockets.ConnectionClosed as end:
            return end.rcvd.code if end.rcvd else 0
        except (OSError, TimeoutError, EOFError, websockets.WebSocketException):
            return 0

    async def _speak(self, line: ClientConnection) -> None:
        pinged = 0.0
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                now = time.monotonic()
                if now - pinged > self.patience / 3:
                    pinged = now
                    await line.send('{"t":"ping"}')
                for cid in self._due(now):
                    words = {"t": "send", "room": self.room, "cid": cid, "text": self.sent[cid]}
                    await line.send(json.dumps(words))
                    await asyncio.sleep(1 / A_SECOND)
                await asyncio.sleep(0.05)

    def _due(self, now: float) -> list[str]:
        """What goes out now: the next ones, or again what nobody answered to."""
        if not self.is_here:
            return []
        for cid, at in list(self._on_the_way.items()):
            if cid not in self.waiting or now - at > UNANSWERED:
                del self._on_the_way[cid]
        free = AT_ONCE - len(self._on_the_way)
        due = [cid for cid in self.waiting if cid not in self._on_the_way][: max(0, free)]
        self._on_the_way.update(dict.fromkeys(due, now))
        return due

    def _hear(self, said: dict) -> None:
        match said["t"]:
            case "welcome":
                self.is_here, self._tries = True, 0
            case "entries" if said["s"] == f"room:{self.room}":
                self._take(said["e"])
            case "ack":
                self._is_accepted(said["cid"], said["n"])
            case "busy":
                self.busy += 1
                self._on_the_way[said["cid"]] = time.monotonic() - UNANSWERED + random.uniform(0.3, 1)
            case "no":
                self._is_refused(said.get("cid"), said.get("why", ""))
            case "ticket":
                self.ticket = said["ticket"]
            case "unknown":
                self.is_out = True
            case "reset":
                self.wrong.append(f"the server has less than {self.last}")

    def _take(self, entries: list[dict]) -> None:
        for entry in entries:
            if entry["n"] != self.last + 1:
                self.wrong.append(f"{entry['n']} came after {self.last}")
            if self.is_out:
                self.wrong.append(f"{entry['n']} reached somebody who is out")
            self.read.append(entry)
            self.read_at[entry["n"]] = time.monotonic()
            cid = entry["m"]["cid"] if entry["k"] == "message" else None
            if cid in self.sent:
                self._is_accepted(cid, entry["n"])

    def _is_accepted(self, cid: str, number: int) -> None:
        if cid not in self.sent:
            self.wrong.append(f"{cid} was acknowledged to who never said it")
        elif self.accepted.setdefault(cid, number) != number:
            self.wrong.append(f"{cid} has the numbers {self.accepted[cid]} and {number}")
        if cid in self.waiting:
            self.waiting.remove(cid)
            self.accepted_at[cid] = time.monotonic()

    def _is_refused(self, cid: str | None, why: str) -> None:
        if cid in self.accepted or cid not in self.sent:
            self.wrong.append(f"no to {cid}: {why}")
        elif cid in self.waiting:
            self.waiting.remove(cid)
            self.refused[cid] = why

    def _by_requests(self) -> None:
        """What a browser does where no socket can be had: post what waits, and ask what is new."""
        for cid in list(self.waiting):
            answer = self.ask(f"/spaces/{self.space}/room/", client_id=cid, text=self.sent[cid])
            if "n" in answer:
                self.posted += 1
                self._is_accepted(cid, answer["n"])
        answer = self.ask(f"/live/poll/?s=room:{self.room},{self.last}")
        self.polls = "frames" in answer
        for frame in answer.get("frames", ()):
            self._hear(frame)

    def ask(self, path: str, **fields: str) -> dict:
        """A request as the page's script makes it: a form if there is anything to say."""
        form = urllib.parse.urlencode(fields).encode() if fields else None
        request = urllib.request.Request(self.address + path, form)
        request.add_header("Cookie", f"sessionid={self.session}; csrftoken={TOKEN}")
        request.add_header("X-CSRFToken", TOKEN)
        request.add_header("Accept", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=8) as answer:
                said = answer.read()
                return json.loads(said) if answer.headers["Content-Type"] == "application/json" else {}
        except urllib.error.HTTPError as refusal:
            with refusal:
                self.errors.append(f"{path}: {refusal.code}")
        except (OSError, http.client.HTTPException) as failure:
            self.errors.append(f"{path}: {failure}")
        return {}


def lags(people: list[Member]) -> list[float]:
    """Seconds from the moment a message was accepted to the moment each of them had read it."""
    accepted = {number: one.accepted_at[cid] for one in people for cid, number in one.accepted.items()}
    return sorted(at - accepted[number] for one in people for number, at in one.read_at.items())


@contextlib.asynccontextmanager
async def together(people: Iterable[Member]) -> AsyncIterator[None]:
    """Let them all be there; they have come in when this begins, and are gone when it ends."""
    people = list(people)
    lives = [asyncio.create_task(someone.live()) for someone in people]
    try:
        async with asyncio.timeout(60):
            while not all(someone.is_here or someone.polls for someone in people):
                await asyncio.sleep(0.05)
        yield
    finally:
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)


async def talk(people: list[Member], messages: int, every: float = 0.04, more: str = "") -> None:
    """Let each say so many messages, in turn."""
    for number in range(messages):
        for someone in people:
            someone.say(f"{number} from {someone.id} {more}".strip())
            await asyncio.sleep(every)


async def settle(people: list[Member], seconds: float = 60) -> None:
    """Wait until all is acknowledged, and everybody who is in the room has read all of it."""
    deadline = time.monotonic() + seconds
    while True:
        last = max((number for someone in people for number in someone.accepted.values()), default=0)
        late = [one for one in people if one.waiting or (one.last < last and not one.is_out)]
        if not late:
            return
        if time.monotonic() > deadline:
            states = "\n".join(
                f"{one.id} at {one.address}: {len(one.waiting)} wait, read {one.last} of {last}, "
                f"ends {one.ends[-8:]}, wrong {one.wrong[:3]}"
                for one in late
            )
            raise AssertionError(f"After {seconds} s:\n{states}")
        await asyncio.sleep(0.05)
