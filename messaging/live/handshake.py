"""Authenticates sockets, by a ticket or a database lookup, and refuses them without capacity."""

import logging
import re
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeGuard
from urllib.parse import parse_qsl

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from messaging.live import frames, metrics, ticket
from messaging.live.hub import Hub
from messaging.live.presence import Presence
from messaging.live.revocations import Revocations
from messaging.live.socket import Receive, Socket
from messaging.live.streams import STREAMS_PER_SOCKET, Stream, parse, whole_number
from messaging.live.ticket import Person, Ticket
from messaging.live.transport import Send

if TYPE_CHECKING:
    from community.people.models import User

PATH = "/live/"
Scope = Mapping[str, Any]
SOCKETS_PER_PERSON = 10
"""Sockets one person may have open in one process."""

logger = logging.getLogger("aftercourse.live")


class LiveApp:
    """The ASGI application of the socket, at `/live/?t=<ticket>&s=room:3,41&s=person:7,12`.

    Each `s` is a stream and the number up to which the page has it. Both may be left out: without a ticket,
    or with a stale one, the session and the rights are looked up.
    """

    def __init__(self, hub: Hub, presence: Presence, revocations: Revocations) -> None:
        self.hub, self.presence, self.revocations = hub, presence, revocations
        self.limit = settings.LIVE_SOCKETS
        """Sockets that may be open in this process."""
        self.closing = False
        """Whether the server is shutting down."""
        self._session = re.compile(rf"(?:^|;\s*){settings.SESSION_COOKIE_NAME}=([a-z0-9]+)")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        query = _query_of(scope)
        key = self._session_key(scope)
        if scope["path"] != PATH or key is None:
            await _refuse(send, "signed-out")
            return
        text = dict(query).get("t", "")
        presented = ticket.decode(text, key) if text else None
        person = (
            presented.person if self._is_trusted(presented) else await self.hub.query_rights(_person_of, key)
        )
        if person is None:
            # Closing before accepting is always a plain 403: no close code reaches the client.
            await _refuse(send, "signed-out")
            return
        await send({"type": "websocket.accept"})
        if code := self._no_capacity(person):
            metrics.REFUSED.labels(str(code)).inc()
            await send({"type": "websocket.close", "code": code})
            return
        allowed: dict[Stream, float] = {}
        # Checked again: a revocation may have been received during the awaits above.
        if presented is not None and self._is_trusted(presented):
            allowed = {stream: until for name, until in presented.streams.items() if (stream := parse(name))}
        socket = Socket(self.hub, self.presence, person, key, receive, send)
        await socket.run(_wanted(query), allowed)

    def _is_trusted(self, presented: Ticket | None) -> TypeGuard[Ticket]:
        return presented is not None and not self.revocations.stale(presented)

    def _no_capacity(self, person: Person) -> int:
        """The close code of the limit that is reached, or 0."""
        if self.closing:
            return frames.CLOSE_MOVE
        if len(self.hub.subscribers) >= self.limit:
            return frames.CLOSE_FULL
        return frames.CLOSE_TOO_MANY if len(self.hub.of_person(person.id)) >= SOCKETS_PER_PERSON else 0

    def _session_key(self, scope: Scope) -> str | None:
        for name, value in scope["headers"]:
            if name == b"cookie" and (found := self._session.search(value.decode("latin-1"))):
                return found[1]
        return None


def _query_of(scope: Scope) -> list[tuple[str, str]]:
    """The parameters of the URL; none when there are more than any page of ours has."""
    try:
        return parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=2 * STREAMS_PER_SOCKET)
    except ValueError:
        return []


async def _refuse(send: Send, reason: str) -> None:
    metrics.REFUSED.labels(reason).inc()
    await send({"type": "websocket.close", "code": frames.CLOSE_ENDED})


def _wanted(query: list[tuple[str, str]]) -> list[tuple[Stream, int]]:
    """The streams in the query string, each with the number the page has; malformed ones are left out."""
    wanted = []
    for name, value in query:
        stream_name, _comma, after = value.partition(",")
        stream, number = parse(stream_name), whole_number(after)
        if name == "s" and stream is not None and number is not None:
            wanted.append((stream, number))
    return wanted


def _person_of(session_key: str) -> Person | None:
    """The user who is signed in with this session now."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = get_user(request)
    if not user.is_authenticated or not user.is_active:
        return None
    signed_in: User = user
    return Person.of(signed_in, ticket.session_digest(session_key))
