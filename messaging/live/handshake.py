"""Who gets a socket: somebody signed in, with a ticket or by asking the database, while there is room for one
more."""

import logging
import re
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from messaging.live import frames, metrics, ticket
from messaging.live.hub import Hub
from messaging.live.presence import Presence
from messaging.live.revocations import Revocations
from messaging.live.socket import STREAMS, Receive, Socket
from messaging.live.streams import Stream, parse, whole_number
from messaging.live.ticket import Person, Ticket
from messaging.live.transport import Send

if TYPE_CHECKING:
    from community.people.models import User

Scope = Mapping[str, Any]
SOCKETS = 10
"""Sockets one person may have open in one process."""

logger = logging.getLogger("aftercourse.live")


class LiveApp:
    """The ASGI application behind the socket's address, `/live/?t=<ticket>&s=room:3,41&s=person:7,12`.

    Each `s` is a stream and the number up to which the page has it. Both may be left out: without a
    ticket, or with a stale one, the session and the rights are looked up.
    """

    def __init__(self, hub: Hub, presence: Presence, revocations: Revocations) -> None:
        self.hub, self.presence, self.revocations = hub, presence, revocations
        self.limit = settings.LIVE_SOCKETS
        self.closing = False
        self._session = re.compile(rf"(?:^|;\s*){settings.SESSION_COOKIE_NAME}=([a-z0-9]+)")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        said = parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=2 * STREAMS)
        key = self._session_key(scope)
        if scope["path"] != PATH or key is None:
            await _refuse(send, "signed-out")
            return
        shown = self._shown(dict(said).get("t", ""), key)
        person = shown.person if shown else await self.hub.ask(_who, key)
        if person is None:
            # Before it is accepted, every close is a plain 403: nothing is told to who is not signed in.
            await _refuse(send, "signed-out")
            return
        await send({"type": "websocket.accept"})
        if code := self._no_room_for(person):
            metrics.REFUSED.labels(str(code)).inc()
            await send({"type": "websocket.close", "code": code})
            return
        allowed = {}
        if shown:
            allowed = {stream: until for name, until in shown.streams.items() if (stream := parse(name))}
        socket = Socket(self.hub, self.presence, person, key, receive, send)
        await socket.run(_wanted(said), allowed)

    def _shown(self, written: str, session_key: str) -> Ticket | None:
        """The ticket that was shown, if it can be believed."""
        shown = ticket.read(written, session_key) if written else None
        return None if shown is None or self.revocations.stale(shown) else shown

    def _no_room_for(self, person: Person) -> int:
        if self.closing:
            return frames.MOVE
        if len(self.hub.subscribers) >= self.limit:
            return frames.FULL
        return frames.TOO_MANY if len(self.hub.of_person(person.id)) >= SOCKETS else 0

    def _session_key(self, scope: Scope) -> str | None:
        for name, value in scope["headers"]:
            if name == b"cookie" and (found := self._session.search(value.decode("latin-1"))):
                return found[1]
        return None


PATH = "/live/"


async def _refuse(send: Send, reason: str) -> None:
    metrics.REFUSED.labels(reason).inc()
    await send({"type": "websocket.close", "code": frames.ENDED})


def _wanted(said: list[tuple[str, str]]) -> list[tuple[Stream, int]]:
    wanted = []
    for name, value in said:
        written, _comma, after = value.partition(",")
        stream, number = parse(written), whole_number(after)
        if name == "s" and stream is not None and number is not None:
            wanted.append((stream, number))
    return wanted


def _who(session_key: str) -> Person | None:
    """Who is signed in with this session now."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    if not user.is_authenticated or not user.is_active:
        return None
    signed_in: User = user
    return Person.of(signed_in, ticket.session_digest(session_key))
