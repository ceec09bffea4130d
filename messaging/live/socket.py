"""The one socket a tab has: who it is, what it follows, what it says. The words are in `frames`."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from http.cookies import SimpleCookie
from importlib import import_module
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.utils import translation

from common.access import Refused
from messaging.live import frames
from messaging.live.hub import Hub, in_thread
from messaging.live.streams import Stream, parse

if TYPE_CHECKING:
    from community.people.models import User

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Word = Callable[["User", dict[str, Any]], dict[str, Any] | None]
"""What a subject does with a word of its own: in a thread, for the person who said it. What it returns goes
back in an `ack`; Refused goes back as its sentence in a `no`."""

WAITING = 300
"""Frames that may wait for a slow reader before its socket is closed."""
STREAMS = 40
"""Streams one socket may follow."""
SOCKETS = 10
"""Sockets one person may have open in one process."""
BURST, A_SECOND = 40, 10.0
"""Words a browser may say at once, and a second after that."""

logger = logging.getLogger("aftercourse.live")
_words: dict[str, Word] = {}


def register(word: str, do: Word) -> None:
    """Let a subject hear a word of its own."""
    _words[word] = do


class Live:
    """The ASGI application behind the socket's address."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        session_key = _session_key(scope)
        user = await in_thread(_who, session_key) if session_key else None
        mine = [sink for sink in self.hub.sinks if user and sink.user_id == user.pk]
        if user is None or session_key is None:
            # Before it is accepted, every close is a plain 403: nothing is told to who is not signed in.
            await send({"type": "websocket.close", "code": frames.ENDED})
            return
        await send({"type": "websocket.accept"})
        if len(mine) >= SOCKETS:
            await send({"type": "websocket.close", "code": frames.TOO_MANY})
            return
        await Socket(self.hub, user, session_key, receive, send).run()


class Socket:
    """One open socket. Frames to it wait in a short queue, so that nobody waits for a slow line."""

    def __init__(self, hub: Hub, user: "User", session_key: str, receive: Receive, send: Send) -> None:
        self.hub, self.user, self.user_id, self.session_key = hub, user, user.pk, session_key
        self._receive, self._send = receive, send
        self._waiting: asyncio.Queue[str | int] = asyncio.Queue()
        self._follows: set[Stream] = set()
        self._tokens, self._counted = float(BURST), monotonic()

    def write(self, frame: str) -> None:
        """Take one frame; too many that wait end the socket, and it comes back by catching up."""
        if self._waiting.qsize() >= WAITING:
            self.close(frames.SLOW)
        else:
            self._waiting.put_nowait(frame)

    def close(self, code: int) -> None:
        """End it, with a code that says why. Nothing more is delivered."""
        self.hub.remove(self)
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._waiting.put_nowait(code)

    async def run(self) -> None:
        """Live until either side ends it."""
        self.hub.add(self)
        self.write(frames.write("welcome", person=self.user_id))
        sides = {asyncio.ensure_future(self._write()), asyncio.ensure_future(self._read())}
        try:
            await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.hub.remove(self)
            for side in sides:
                side.cancel()
            await asyncio.gather(*sides, return_exceptions=True)

    async def _write(self) -> None:
        while True:
            frame = await self._waiting.get()
            if isinstance(frame, int):
                await self._send({"type": "websocket.close", "code": frame})
                return
            await self._send({"type": "websocket.send", "text": frame})

    async def _read(self) -> None:
        while True:
            event = await self._receive()
            if event["type"] == "websocket.disconnect":
                return
            said = frames.read(event.get("text"))
            if said is None or not self._within_rate():
                self.close(frames.FLOOD)
                await asyncio.Event().wait()
                return
            await self._do(said)

    def _within_rate(self) -> bool:
        now = monotonic()
        self._tokens = min(BURST, self._tokens + (now - self._counted) * A_SECOND)
        self._counted = now
        self._tokens -= 1
        return self._tokens >= 0

    async def _do(self, said: dict[str, Any]) -> None:
        match said["t"]:
            case "ping":
                self.write(frames.write("pong"))
            case "follow":
                await self._follow(said)
            case "leave":
                if stream := parse(said.get("s")):
                    self._follows.discard(stream)
                    self.hub.leave(self, stream)
            case word if word in _words:
                await self._say(_words[word], said)
            case _:
                self.write(frames.write("no", about=said["t"][:20], cid=said.get("cid")))

    async def _follow(self, said: dict[str, Any]) -> None:
        stream, after = parse(said.get("s")), said.get("after", 0)
        room_left = stream in self._follows or len(self._follows) < STREAMS
        if stream is None or not isinstance(after, int) or after < 0 or not room_left:
            self.write(frames.write("unknown", s=str(said.get("s"))[:40]))
        elif await self.hub.follow(self, stream, after):
            self._follows.add(stream)
        else:
            self.write(frames.write("unknown", s=str(stream)))

    async def _say(self, do: Word, said: dict[str, Any]) -> None:
        try:
            answer = await in_thread(_in_their_language, do, self.user, said)
        except Refused as refusal:
            self.write(frames.write("no", cid=said.get("cid"), why=str(refusal)))
        except (ValueError, TypeError, KeyError):
            self.write(frames.write("no", cid=said.get("cid")))
        except Exception:
            # Not committed, so not acknowledged: the browser keeps it and tries again.
            logger.exception("A word of the socket failed: %s", said["t"])
            self.write(frames.write("busy", cid=said.get("cid")))
        else:
            if answer is not None:
                self.write(frames.write("ack", cid=said.get("cid"), **answer))


def _in_their_language(do: Word, user: "User", said: dict[str, Any]) -> dict[str, Any] | None:
    with translation.override(user.language):
        return do(user, said)


def _session_key(scope: Scope) -> str | None:
    cookies = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            cookies.load(value.decode("latin-1"))
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    return morsel.value if morsel else None


def _who(session_key: str) -> "User | None":
    """Who is signed in with this session now."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    return user if user.is_authenticated and user.is_active else None


async def end_stale_sessions(hub: Hub) -> None:
    """Close the sockets whose sign-in ended without our hearing of it."""
    asked = {(sink.user_id, sink.session_key) for sink in hub.sinks}
    if asked:
        alive = await in_thread(_alive, asked)
        for user_id, session_key in asked - alive:
            hub.end(user_id, session_key)


def _alive(asked: set[tuple[int, str]]) -> set[tuple[int, str]]:
    from django.contrib.auth import get_user_model
    from django.contrib.sessions.models import Session

    from common import clock

    sessions = Session.objects.filter(
        session_key__in={key for _user, key in asked}, expire_date__gt=clock.now()
    )
    keys = set(sessions.values_list("session_key", flat=True))
    people = get_user_model().objects.filter(pk__in={user for user, _key in asked}, suspended_at=None)
    active = set(people.values_list("pk", flat=True))
    return {(user, key) for user, key in asked if key in keys and user in active}
