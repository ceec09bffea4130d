"""The one socket a tab has: what it follows, and what it says. The words are in `frames`, who is let in is
asked in `entrance`."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.utils import translation

from common.access import Refused
from messaging.live import frames, metrics, streams
from messaging.live.hub import Hub, in_acting_thread
from messaging.live.presence import Presence
from messaging.live.streams import Stream, parse
from messaging.live.ticket import Person
from messaging.live.transport import BOUND, FAREWELL, Frame, Send, transport_for

if TYPE_CHECKING:
    from community.people.models import User

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Command = Callable[["User", dict[str, Any]], dict[str, Any] | None]
"""What a subject does with a word of its own: in a thread, for the person who said it. What it returns goes
back in an `ack`; Refused goes back as its sentence in a `no`."""
LoopCommand = Callable[["Socket", dict[str, Any]], Awaitable[None] | None]
"""What a subject does with a word in the loop itself, without asking the database; it answers by itself. What
takes a while is given back to be waited for, before the next word of the same socket."""

STREAMS = 40
"""Streams one socket may follow."""
BURST, A_SECOND = 40, 10.0
"""Words a browser may say at once, and a second after that."""
BREATH = 0.5
"""Seconds for which nothing more is taken from who said too much; then their goodbye is heard, and no
more."""

logger = logging.getLogger("aftercourse.live")
_commands: dict[str, Command] = {}
_loop_commands: dict[str, LoopCommand] = {}


def register(word: str, do: Command) -> None:
    """Let a subject hear a word of its own."""
    _commands[word] = do


def register_in_loop(word: str, do: LoopCommand) -> None:
    """Let a subject hear a word of its own in the loop, for words that are many."""
    _loop_commands[word] = do


class Socket:
    """One open socket of one person."""

    __slots__ = (
        "__weakref__",
        "_closed",
        "_counted",
        "_presence",
        "_receive",
        "_tokens",
        "_transport",
        "beats",
        "follows",
        "hub",
        "person",
        "session",
        "session_key",
        "user_id",
        "write",
    )

    def __init__(
        self, hub: Hub, presence: Presence, person: Person, session_key: str, receive: Receive, send: Send
    ) -> None:
        self.hub, self._presence, self._receive = hub, presence, receive
        self.person, self.user_id = person, person.id
        self.session_key, self.session = session_key, person.session
        self.follows: dict[Stream, float] = {}
        self.beats = 0
        self._transport = transport_for(send, self._too_slow)
        self.write = self._transport.write
        self._closed = False
        self._tokens, self._counted = float(BURST), monotonic()

    def send(self, kind: str, **about: Any) -> None:
        """Write a frame that is for this socket alone."""
        self.write(Frame(frames.write(kind, **about)))

    def ready(self) -> bool:
        """Whether a page of entries may be written now, or too much waits already."""
        return self._transport.waiting() < BOUND // 4

    def close(self, code: int) -> None:
        """End it, with a code that says why. Nothing more is delivered, and nothing more is heard."""
        if not self._closed:
            self._closed = True
            self._presence.went(self)
            self.hub.remove(self)
            metrics.CLOSED.labels(str(code)).inc()
            self._transport.close(code)

    def report_presence(self, stream: Stream, typing: bool) -> None:
        """Its reader is looking at a stream now, or typing there."""
        self._presence.says(self, stream, typing)

    def close_for_shutdown(self, last_frame: Frame) -> None:
        """End it because this server stops, with a last frame that says how to come back."""
        if not self._closed:
            self._closed = True
            self.hub.remove(self)
            metrics.CLOSED.labels(str(frames.MOVE)).inc()
            self._transport.close_for_shutdown(last_frame, frames.MOVE)

    async def run(self, wanted: list[tuple[Stream, int]], allowed: Mapping[Stream, float]) -> None:
        """Live until either side ends it. Some streams are wanted from the start, some are allowed
        already."""
        self.hub.add(self)
        try:
            self.send("welcome", person=self.user_id)
            # What the ticket allows comes first: something may be revoked while the database is asked.
            for stream, after in sorted(wanted, key=lambda one: one[0] not in allowed):
                await self._follow(stream, after, allowed)
            await self._listen()
        finally:
            self._presence.went(self)
            self.hub.remove(self)

    async def _listen(self) -> None:
        while True:
            event = await self._hear()
            if event["type"] == "websocket.disconnect":
                return
            if self._closed:
                continue
            said = frames.read(event.get("text"))
            if said is None or not self._within_rate():
                self._transport.pause(True)
                self.close(frames.FLOOD)
                asyncio.get_running_loop().call_later(BREATH, self._transport.pause, False)
            else:
                await self._do(said)

    async def _hear(self) -> Mapping[str, Any]:
        """The next event. Who was sent away and does not go is not waited for."""
        if not self._closed:
            return await self._receive()
        try:
            return await asyncio.wait_for(self._receive(), 2 * FAREWELL)
        except TimeoutError:
            return {"type": "websocket.disconnect"}

    def _within_rate(self) -> bool:
        now = monotonic()
        self._tokens = min(BURST, self._tokens + (now - self._counted) * A_SECOND)
        self._counted = now
        self._tokens -= 1
        return self._tokens >= 0

    def _too_slow(self) -> None:
        metrics.SLOW_READERS_CLOSED.inc()
        self.close(frames.SLOW)

    async def _do(self, said: dict[str, Any]) -> None:
        match said["t"]:
            case "ping":
                self.send("pong")
            case "follow":
                await self._asked_to_follow(said)
            case "leave":
                if (stream := parse(said.get("s"))) in self.follows:
                    self._presence.left(self, stream)
                    self.hub.leave(self, stream)
            case word if word in _loop_commands:
                await self._run_in_loop(_loop_commands[word], said)
            case word if word in _commands:
                await self._run_in_thread(_commands[word], said)
            case _:
                self.send("no", about=said["t"][:20], cid=said.get("cid"))

    async def _asked_to_follow(self, said: dict[str, Any]) -> None:
        stream, after = parse(said.get("s")), said.get("after", 0)
        if stream is None or not isinstance(after, int) or not 0 <= after < 10**streams.DIGITS:
            self.send("unknown", s=str(said.get("s"))[:40])
        else:
            await self._follow(stream, after, {})

    async def _follow(self, stream: Stream, after: int, allowed: Mapping[Stream, float]) -> None:
        """Follow a stream, if a ticket says so, or this socket may already, or else the database does."""
        until = allowed.get(stream, self.follows.get(stream))
        if until is None and len(self.follows) < STREAMS:
            until = await self._unhurried(self.hub.ask(streams.may_follow, self.user_id, stream))
        if until is None:
            self.send("unknown", s=str(stream))
        else:
            self.hub.follow(self, stream, after, until)

    async def _run_in_loop(self, do: LoopCommand, said: dict[str, Any]) -> None:
        try:
            if (more := do(self, said)) is not None:
                await self._unhurried(more)
        except (ValueError, TypeError, KeyError):
            self.send("no", cid=said.get("cid"))

    async def _run_in_thread(self, do: Command, said: dict[str, Any]) -> None:
        try:
            answer = await self._unhurried(in_acting_thread(_as_themselves, do, self.user_id, said))
        except Refused as refusal:
            self.send("no", cid=said.get("cid"), why=str(refusal))
        except (ValueError, TypeError, KeyError):
            self.send("no", cid=said.get("cid"))
        except Exception:
            # Not committed, so not acknowledged: the browser keeps it and tries again.
            logger.exception("A word of the socket failed: %s", said["t"])
            self.send("busy", cid=said.get("cid"))
        else:
            if answer is not None:
                self.send("ack", cid=said.get("cid"), **answer)

    async def _unhurried(self, work: Awaitable[Any]) -> Any:
        """While the database is asked for this socket, what it says more waits on the network, not with
        us."""
        self._transport.pause(True)
        try:
            return await work
        finally:
            self._transport.pause(False)


def _as_themselves(do: Command, user_id: int, said: dict[str, Any]) -> dict[str, Any] | None:
    """Do what was said, as the person who said it, as they are now."""
    user = get_user_model().objects.filter(pk=user_id, suspended_at=None).first()
    if user is None:
        raise Refused
    with translation.override(user.language):
        return do(user, said)
