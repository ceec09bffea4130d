"""The socket of a browser tab: the streams it follows and the commands it sends. `frames` lists the frames,
`handshake` authenticates."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.utils import translation

from common.access import Refused
from messaging.live import frames, metrics, streams
from messaging.live.hub import Hub, in_action_thread
from messaging.live.presence import Presence
from messaging.live.streams import MAX_NUMBER_DIGITS, STREAMS_PER_SOCKET, Stream, parse
from messaging.live.ticket import Person
from messaging.live.transport import CLOSE_TIMEOUT_SECONDS, MAX_PENDING_BYTES, Frame, Send, transport_for

if TYPE_CHECKING:
    from community.people.models import User

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Fields = Mapping[str, Any]
"""What a browser sent: a JSON object of which only `t` has been checked to be a string."""
Command = Callable[["User", Fields], Mapping[str, object] | None]
"""Does a command in a thread, for the person who sent it. The keys it returns go back in an `ack` (a `t`
among them replaces that type); Refused goes back as its sentence in a `no`."""
LoopCommand = Callable[["Socket", Fields], Awaitable[None] | None]
"""Does a command in the event loop, without the database, and sends the answer itself; Refused goes back as
its sentence in a `no`. Longer work is returned as an awaitable; the next command of the same socket waits for
it."""

BURST_COMMANDS = 40
"""Commands a socket may send at once."""
COMMANDS_PER_SECOND = 10.0
"""Commands a second it may send after that (token bucket)."""
FLOOD_PAUSE_SECONDS = 0.5
"""How long nothing is read from a socket that was closed for flooding, before its close frame is read."""

logger = logging.getLogger("aftercourse.live")
_commands: dict[str, Command] = {}
_loop_commands: dict[str, LoopCommand] = {}


def register(name: str, action: Command) -> None:
    """Register a command that runs in a thread."""
    _commands[name] = action


def register_in_loop(name: str, action: LoopCommand) -> None:
    """Register a command that runs in the event loop, because it is frequent."""
    _loop_commands[name] = action


class Socket:
    """One open socket of one person."""

    __slots__ = (
        "__weakref__",
        "_closed",
        "_presence",
        "_receive",
        "_refilled_at",
        "_tokens",
        "_transport",
        "follows",
        "heartbeats",
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
        self.heartbeats = 0
        self._transport = transport_for(send, self._too_slow)
        self.write = self._transport.write
        self._closed = False
        self._tokens, self._refilled_at = float(BURST_COMMANDS), monotonic()

    def send(self, frame: Mapping[str, object]) -> None:
        """Write a frame (a TypedDict of `frames`, or of a subject) to this socket alone."""
        self.write(Frame(frames.encode(frame)))

    def ready(self) -> bool:
        """Whether a page of entries may be written now, or too much is pending already."""
        return self._transport.pending() < MAX_PENDING_BYTES // 4

    def close(self, code: int) -> None:
        """End the socket with a close code. Nothing more is delivered, and no command is done."""
        if not self._closed:
            self._closed = True
            self._presence.disconnect(self)
            self.hub.remove(self)
            metrics.CLOSED.labels(str(code)).inc()
            self._transport.close(code)

    def close_for_shutdown(self, last_frame: Frame) -> None:
        """End the socket because this server stops, with a last frame that says when to reconnect."""
        if not self._closed:
            self._closed = True
            self.hub.remove(self)
            metrics.CLOSED.labels(str(frames.CLOSE_MOVE)).inc()
            self._transport.close_for_shutdown(last_frame, frames.CLOSE_MOVE)

    def report_presence(self, stream: Stream, typing: bool) -> None:
        """The reader looks at a stream now, or types there."""
        self._presence.report(self, stream, typing)

    async def run(self, wanted: list[tuple[Stream, int]], allowed: Mapping[Stream, float]) -> None:
        """Serve the socket until either side closes it. `wanted` are the streams to follow from the start and
        the numbers the page has; `allowed` are those its ticket permits, and until when."""
        self.hub.add(self)
        try:
            self.send(frames.Welcome(t="welcome", person=self.user_id))
            # Streams permitted by the ticket first: they may be revoked during a query for the others.
            for stream, after in sorted(wanted, key=lambda pair: pair[0] not in allowed):
                await self._follow(stream, after, allowed)
            await self._listen()
        finally:
            self._presence.disconnect(self)
            self.hub.remove(self)

    async def _listen(self) -> None:
        while True:
            event = await self._next_event()
            if event["type"] == "websocket.disconnect":
                return
            if self._closed:
                continue
            command = frames.decode(event.get("text"))
            if command is None or not self._within_rate():
                self._transport.pause(True)
                self.close(frames.CLOSE_FLOOD)
                asyncio.get_running_loop().call_later(FLOOD_PAUSE_SECONDS, self._transport.pause, False)
            else:
                await self._do(command)

    async def _next_event(self) -> Mapping[str, Any]:
        """The next event; after a close, waits no longer than a close handshake may take."""
        if not self._closed:
            return await self._receive()
        try:
            return await asyncio.wait_for(self._receive(), 2 * CLOSE_TIMEOUT_SECONDS)
        except TimeoutError:
            return {"type": "websocket.disconnect"}

    def _within_rate(self) -> bool:
        now = monotonic()
        self._tokens = min(BURST_COMMANDS, self._tokens + (now - self._refilled_at) * COMMANDS_PER_SECOND)
        self._refilled_at = now
        self._tokens -= 1
        return self._tokens >= 0

    def _too_slow(self) -> None:
        metrics.SLOW_READERS_CLOSED.inc()
        self.close(frames.CLOSE_SLOW)

    async def _do(self, command: Fields) -> None:
        match command["t"]:
            case "ping":
                self.send(frames.Pong(t="pong"))
            case "follow":
                await self._do_follow(command)
            case "leave":
                if (stream := parse(command.get("s"))) in self.follows:
                    self._presence.leave(self, stream)
                    self.hub.unfollow(self, stream)
            case name if name in _loop_commands:
                await self._do_in_loop(_loop_commands[name], command)
            case name if name in _commands:
                await self._do_in_thread(_commands[name], command)
            case name:
                self.send(frames.No(t="no", about=name[:20], cid=command.get("cid")))

    async def _do_follow(self, command: Fields) -> None:
        stream, after = parse(command.get("s")), command.get("after", 0)
        if stream is None or type(after) is not int or not 0 <= after < 10**MAX_NUMBER_DIGITS:
            self.send(frames.Unknown(t="unknown", s=str(command.get("s"))[:40]))
        else:
            await self._follow(stream, after, {})

    async def _follow(self, stream: Stream, after: int, allowed: Mapping[Stream, float]) -> None:
        """Follow a stream if the ticket permits it, this socket follows it already, or the database allows
        it."""
        until = allowed.get(stream, self.follows.get(stream))
        if until is None and len(self.follows) < STREAMS_PER_SOCKET:
            until = await self._without_input(self.hub.query_rights(streams.may_follow, self.user_id, stream))
        if until is None:
            self.send(frames.Unknown(t="unknown", s=str(stream)))
        else:
            self.hub.follow(self, stream, after, until)

    async def _do_in_loop(self, action: LoopCommand, command: Fields) -> None:
        try:
            if (work := action(self, command)) is not None:
                await self._without_input(work)
        except Refused as refusal:
            self.send(frames.No(t="no", cid=command.get("cid"), why=str(refusal)))
        except (ValueError, TypeError, KeyError):
            self.send(frames.No(t="no", cid=command.get("cid")))

    async def _do_in_thread(self, action: Command, command: Fields) -> None:
        cid = command.get("cid")
        try:
            done = in_action_thread(_as_user, action, self.user_id, command, self.person.language)
            answer = await self._without_input(done)
        except Refused as refusal:
            self.send(frames.No(t="no", cid=cid, why=str(refusal)))
        except (ValueError, TypeError, KeyError):
            self.send(frames.No(t="no", cid=cid))
        except Exception:
            # Not committed, so not acknowledged: the browser keeps it and retries.
            logger.exception("A command of the socket failed: %s", command["t"])
            self.send(frames.Busy(t="busy", cid=cid))
        else:
            if answer is not None:
                self.send({**frames.Ack(t="ack", cid=cid), **answer})

    async def _without_input(self, work: Awaitable[Any]) -> Any:
        """Await a query with reading paused: further commands wait in the peer's TCP buffers, not in our
        memory."""
        self._transport.pause(True)
        try:
            return await work
        finally:
            self._transport.pause(False)


def _as_user(
    action: Command, user_id: int, command: Fields, language: str = ""
) -> Mapping[str, object] | None:
    """Do a command as the person who sent it, as their row is now, in the language of their page or else of
    their profile. Raises Refused when they are suspended."""
    user = get_user_model().objects.filter(pk=user_id, suspended_at=None).first()
    if user is None:
        raise Refused
    with translation.override(language or user.language):
        return action(user, command)
