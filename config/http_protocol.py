"""HTTP/1.1 of Daphne with bounds: what is too large or too slow ends before the application sees it.

- A body that is larger than what is taken at its path is refused as its bytes come: by Content-Length at
  once, else by counting. Nothing of it is kept.
- A request has a total time for its head and one for its body, not a new one with each byte. A large body
  also needs a pace, and one network may send a few at a time, or a few slow ones would keep out the rest.
- The application reads the body from disk in pieces, and a response waits for its reader: of a file, one or
  two pieces are in memory.

Depends on the internals of Daphne and Twisted, as `messaging.live.transport` does;
tests/config/test_http_limits.py fails when a new release changes what is used. Sockets are not slowed down:
nothing here runs for their frames.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from time import monotonic
from typing import IO, Any, ClassVar
from urllib.parse import unquote_to_bytes

from daphne.http_protocol import HTTPFactory, WebRequest
from django.conf import settings
from django.core.exceptions import RequestAborted
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import Resolver404, resolve
from django.utils.translation import gettext
from prometheus_client import Counter
from twisted.internet.protocol import connectionDone
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from twisted.web import http

from common.metrics import REGISTRY
from common.networks import network_of
from common.uploads import body_limit_of
from config.sentences import in_their_language

HEAD_SECONDS = 60
"""From the opening of a connection, or the end of the response before, to the end of a request's head."""
BODY_SECONDS = 120
"""From the head to the end of the body: 2.5 MB at 170 kbit/s."""
FILES_SECONDS = 600
"""The same where files are taken: 20 MB at 280 kbit/s."""
STALL_SECONDS = 120
"""How long a reader of a response may take no piece of it."""
RESPONSE_SECONDS = 1800
"""How long a response may take in all: 20 MB at 90 kbit/s."""
LINGER_SECONDS = 10
"""How long a connection is read from after a refusal: closed at once, it would be reset, and the client would
not read why."""
LINGER_BYTES = 64 * 1024 * 1024
"""How much is read and thrown away meanwhile. After that the client has to wait."""
PIECE_BYTES = 64 * 1024
LARGE_BODIES = 100
"""Requests with a body above the ordinary bound at a time: two gigabytes of disk."""
LARGE_BODIES_PER_NETWORK = 10
"""Of these, from one network (`common.networks`): whoever sends them is not known before a page sees them."""
LARGE_BODY_BYTES_PER_SECOND = 10_000
"""How fast such a body has to come, on average since its head; see SLOW_START_SECONDS."""
SLOW_START_SECONDS = 30
"""How long it may be slower at first."""
REFUSED_METHODS = (b"TRACE", b"TRACK", b"CONNECT")

REFUSED = Counter(
    "aftercourse_requests_refused_total",
    "Requests refused before a page saw them, by reason.",
    ["reason"],
    registry=REGISTRY,
)

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Mapping[str, Any], Receive, Send], Awaitable[None]]

logger = logging.getLogger("aftercourse.server")


def body_limit(path: bytes) -> int:
    """The size of the largest body that is taken at this path, in bytes."""
    try:
        view = resolve(unquote_to_bytes(path.partition(b"?")[0]).decode()).func
    except (Resolver404, ValueError):
        return settings.BODY_LIMIT_BYTES
    return body_limit_of(view, settings.BODY_LIMIT_BYTES)


def with_pieces(application: Application) -> Application:
    """Let the application read bodies from disk, and wait for the readers of its responses."""

    def piecewise(scope: Mapping[str, Any], receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return application(scope, receive, send)
        # Daphne's `send` is a partial of the request.
        request: Request = send.args[0]  # type: ignore[attr-defined]
        return application(scope, partial(request.receive, receive), partial(request.send, send))

    return piecewise


class Channel(http.HTTPChannel):
    """One connection."""

    transport: Any
    _path: Any  # bytes; Twisted's types confuse it with the request

    with_large_body: "ClassVar[dict[Channel, str]]" = {}
    """The connections whose request has or may have a body above the ordinary bound, with their network."""

    def __init__(self) -> None:
        super().__init__()
        self.refused = False
        self.limit = 0
        """Size of the largest body that the current request may have."""
        self._body_seconds = 0.0
        """For how long a large body may have come when the timeout ends."""
        self._discarded = 0
        self._drained: asyncio.Future[None] | None = None

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 Twisted
        """Twisted's own would start the timeout again with each byte."""
        if not self.refused:
            LineReceiver.dataReceived(self, data)
            return
        self._discarded += len(data)
        if self._discarded > LINGER_BYTES:
            self.transport.pauseProducing()

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 Twisted
        if not self.refused:
            super().lineReceived(line)

    def rawDataReceived(self, data: bytes) -> None:  # noqa: N802 Twisted
        if not self.refused:
            super().rawDataReceived(data)

    def allHeadersReceived(self) -> None:  # noqa: N802 Twisted
        """Refuse the request, or go on to its body."""
        if self._command in REFUSED_METHODS:
            self.refuse(405, "method", lambda: gettext("You can’t ask for this here."))
            return
        if self.length != 0:
            self.limit = settings.BODY_LIMIT_BYTES
            if self.length is None or self.length > self.limit:
                self.limit = body_limit(self._path)
            if self.length is not None and self.length > self.limit:
                self.refuse_size()
                return
            if self.limit == settings.BODY_LIMIT_BYTES:
                self.setTimeout(BODY_SECONDS)
            elif self._has_place(network := self._network()):
                self.with_large_body[self] = network
                self._body_seconds = SLOW_START_SECONDS
                self.setTimeout(SLOW_START_SECONDS)
            else:
                self.refuse(
                    503,
                    "busy",
                    lambda: gettext("A lot of files are arriving right now. Try again in a minute."),
                )
                return
        super().allHeadersReceived()

    def allContentReceived(self) -> None:  # noqa: N802 Twisted
        if not self.refused:
            self.timeOut = HEAD_SECONDS  # that of the next request
            super().allContentReceived()

    def _network(self) -> str:
        """The network that the request comes from, as for a page; empty if it is not known."""
        request = HttpRequest()
        request.META["REMOTE_ADDR"] = getattr(self.transport.getPeer(), "host", "")
        if forwarded := self.requests[-1].requestHeaders.getRawHeaders(b"X-Forwarded-For"):
            request.META["HTTP_X_FORWARDED_FOR"] = b",".join(forwarded).decode("latin-1")
        return network_of(request)

    def _has_place(self, network: str) -> bool:
        """Whether one more large body is taken. Without a known network there is no bound for it."""
        others = list(self.with_large_body.values())
        return len(others) < LARGE_BODIES and (
            not network or others.count(network) < LARGE_BODIES_PER_NETWORK
        )

    def refuse_size(self) -> None:
        """Answer that the body is too large, and for how much there is room."""

        def sentence() -> str:
            return gettext(
                "That’s more than we can take: %(limit)s at most. Go back; nothing of it was saved."
            ) % {"limit": filesizeformat(self.limit)}

        self.refuse(413, "too-large", sentence)

    def refuse(self, status: int, reason: str, sentence: Callable[[], str]) -> None:
        """Answer with a sentence and end the connection; what still comes is thrown away."""
        self.refused = True
        REFUSED.labels(reason).inc()
        request = self.requests[-1]
        if request.content is not None:
            request.content.close()
        headers = request.requestHeaders.getAllRawHeaders()
        body = in_their_language(
            [(name.lower(), value) for name, values in headers for value in values], sentence
        )
        self.transport.writeSequence(
            [
                b"HTTP/1.1 %d %s\r\n" % (status, http.RESPONSES.get(status, b"Refused")),
                b"Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n",
                b"X-Content-Type-Options: nosniff\r\n",
                b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body),
                b"" if self._command == b"HEAD" else body,
            ]
        )
        self.transport.loseWriteConnection()
        self.setTimeout(LINGER_SECONDS)

    def timeoutConnection(self) -> None:  # noqa: N802 Twisted
        if self.refused:
            self.transport.abortConnection()
        elif self in self.with_large_body and (earned := self._seconds_earned()) > 0:
            more = max(earned, 1)  # not a timer for each packet
            self._body_seconds += more
            self.setTimeout(more)
        else:
            if self.requests:  # otherwise the connection was only kept open
                REFUSED.labels("slow").inc()
            super().timeoutConnection()

    def _seconds_earned(self) -> float:
        """How much longer a large body may take by what of it has come."""
        earned = self.requests[-1].unread / LARGE_BODY_BYTES_PER_SECOND
        return min(earned, FILES_SECONDS) - self._body_seconds

    async def drained(self) -> None:
        """Return when the reader has taken what was written, or is gone."""
        if self._waitingForTransport:
            self._drained = asyncio.get_running_loop().create_future()
            await self._drained

    def resumeProducing(self) -> None:  # noqa: N802 Twisted
        super().resumeProducing()
        self._wake()

    def requestDone(self, request: Any) -> None:  # noqa: N802 Twisted
        self.with_large_body.pop(self, None)
        super().requestDone(request)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 Twisted
        self.with_large_body.pop(self, None)
        super().connectionLost(reason)
        self._wake()

    def _wake(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None


class UnreadBody:
    """What Daphne finds as the body of a request: nothing. It would put all of it into a queue in memory."""

    __slots__ = ("_file",)

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    @property
    def closed(self) -> bool:
        """Whether the client is gone."""
        return self._file.closed

    def close(self) -> None:
        """Delete the body."""
        self._file.close()

    def seek(self, offset: int, whence: int = 0) -> None:
        """Nothing to do."""

    def read(self, size: int = -1) -> bytes:
        """The end."""
        return b""


class Request(WebRequest):
    """One request."""

    content: Any

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Twisted would read forms and files into memory as well; Django does it.
        self._parsePOSTFormSubmission = False
        self._body: IO[bytes] | None = None
        self.unread = 0
        """Bytes of the body that the application has not received."""
        self._moved_at = 0.0
        """When the response went on, on the monotonic clock."""

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 Twisted
        """Keep a part of the body, unless it is too large now."""
        channel = self.channel
        if channel.refused:
            return
        self.unread += len(data)
        if self.unread > channel.limit:
            channel.refuse_size()
            return
        try:
            super().handleContentChunk(data)
        except OSError as error:
            logger.error("A request body cannot be stored (%s)", error.strerror)
            channel.refuse(
                507, "disk", lambda: gettext("The server is out of space for files at the moment.")
            )

    def process(self) -> Any:
        """Start the application."""
        # Daphne would begin all paths with it, which we keep for other readers and write into mails.
        self.requestHeaders.removeHeader(b"Daphne-Root-Path")
        self._body = self.content
        self._body.seek(0)
        self.content = UnreadBody(self._body)
        return super().process()

    async def receive(self, receive: Receive) -> Message:
        """The next piece of the body, and after its end what Daphne has to tell."""
        if self._body is not None and not self._body.closed:
            piece = self._body.read(PIECE_BYTES)
            self.unread -= len(piece)
            if not self.unread:
                self._body.close()
                self._body = None
            return {"type": "http.request", "body": piece, "more_body": self.unread > 0}
        message = await receive()
        # The empty body that Daphne has read.
        return message if message["type"] != "http.request" else await receive()

    async def send(self, send: Send, message: Message) -> None:
        """Send a part of the response; before the next one the reader has to take it. Raises RequestAborted
        when there is no reader any more."""
        if self.finished or self._disconnected:
            raise RequestAborted
        self._moved_at = monotonic()
        await send(message)
        if message.get("more_body") and (channel := self.channel) is not None:
            await channel.drained()
            self._moved_at = monotonic()

    def check_timeouts(self) -> None:
        """End a response that nobody reads. Daphne ends what the application does not answer."""
        if not self._response_started:
            super().check_timeouts()
        elif not self.finished and self.channel is not None:  # finished, it has no channel
            stalled = monotonic() - self._moved_at > STALL_SECONDS
            if stalled or self.duration() > RESPONSE_SECONDS:
                self.channel.transport.abortConnection()


class Factory(HTTPFactory):
    """Makes the channels."""

    protocol = Channel

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self.timeOut = HEAD_SECONDS

    def buildProtocol(self, addr: Any) -> Channel:  # noqa: N802 Twisted
        channel: Channel = super().buildProtocol(addr)
        channel.requestFactory = Request
        return channel
