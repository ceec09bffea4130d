"""Writes frames to a socket: directly to the TCP socket where possible, else by ASGI's `send`.

The only module that depends on the internals of Daphne, autobahn and Twisted. `transport_for` inspects the
`send` of the server: if everything `DirectTransport` needs is there, it is used, whatever the server;
otherwise every frame goes through `send`. tests/messaging/live/test_transport.py fails when a new release
changes what is used.

Both limit the bytes pending for a slow reader, in our buffers and in the kernel's.
"""

import asyncio
import contextlib
import random
import socket
import struct
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Protocol

MAX_PENDING_BYTES = 256 * 1024
"""Bytes that may be pending for one reader; with more its socket is closed, and it reconnects and catches
up."""
KERNEL_BUFFER_BYTES = 64 * 1024
"""The send buffer requested for one socket (Linux reserves twice as much); the default grows to megabytes."""
TCP_USER_TIMEOUT_SECONDS = 60
"""Time without a TCP acknowledgement after which the connection is closed."""
CLOSE_TIMEOUT_SECONDS = 5
"""How long a reader may take to read up to the close frame."""
PING_INTERVAL_SECONDS = 120
"""Interval of the server's own pings of a socket that sends nothing."""

Send = Callable[[Mapping[str, Any]], Awaitable[None]]
OnSlow = Callable[[], None]


class Frame:
    """One text frame, encoded once for all its readers."""

    __slots__ = ("bytes", "event")

    def __init__(self, text: str) -> None:
        payload = text.encode()
        self.event = {"type": "websocket.send", "text": text}
        self.bytes = _header(len(payload)) + payload


class Transport(Protocol):
    """The way to one reader."""

    def write(self, frame: Frame) -> None:
        """Take a frame without waiting; calls `on_slow` when too much is pending."""

    def close(self, code: int) -> None:
        """Close with a code; nothing is written after that."""

    def close_for_shutdown(self, last_frame: Frame, code: int) -> None:
        """Write a last frame and close with a code, without waiting for the peer."""

    def pending(self) -> int:
        """Bytes not sent to the reader yet."""

    def pause(self, paused: bool) -> None:
        """Stop reading from the peer, or start again."""


def disable_debug_formatting() -> None:
    """Skip the formatting of autobahn's debug log, which takes a fifth of the time of each handshake even if
    the log is disabled."""
    with contextlib.suppress(ImportError):
        from autobahn.twisted import websocket
        from autobahn.websocket import protocol

        for module in (protocol, websocket):
            for name in DEBUG_FORMATTERS:
                if hasattr(module, name):
                    setattr(module, name, _no_text)


DEBUG_FORMATTERS = ("hltype", "hlval", "pformat")
"""What autobahn calls for its debug log before it checks the log level."""


def _no_text(_what: object) -> str:
    return ""


def transport_for(send: Send, on_slow: OnSlow) -> Transport:
    """The best transport behind this `send`. `on_slow` is called when too much is pending for the reader."""
    return DirectTransport.behind(send, on_slow) or PortableTransport(send, on_slow)


class PortableTransport:
    """Sends frames through `send`, one after the other, in a task that lives only while there are any."""

    def __init__(self, send: Send, on_slow: OnSlow) -> None:
        self._send, self._on_slow = send, on_slow
        self._frames: deque[Frame] = deque()
        self._pending = 0
        self._code: int | None = None
        self._task: asyncio.Task[None] | None = None

    def write(self, frame: Frame) -> None:
        """Take a frame."""
        if self._code is not None:
            return
        if self._pending > MAX_PENDING_BYTES:
            self._on_slow()
            return
        self._frames.append(frame)
        self._pending += len(frame.bytes)
        self._run()

    def close_for_shutdown(self, last_frame: Frame, code: int) -> None:
        """Write a last frame and close."""
        self.write(last_frame)
        self.close(code)

    def close(self, code: int) -> None:
        """Close; frames pending over the limit are dropped, since the reader reconnects and catches up."""
        if self._code is None:
            self._code = code
            if self._pending > MAX_PENDING_BYTES:
                self._frames.clear()
            self._run()

    def pending(self) -> int:
        """Bytes accepted and not sent."""
        return self._pending

    def pause(self, paused: bool) -> None:
        """Nothing to do: ASGI servers read only when `receive` is awaited."""

    def _run(self) -> None:
        if self._task is None:
            self._task = asyncio.ensure_future(self._drain())

    async def _drain(self) -> None:
        try:
            while self._frames:
                frame = self._frames.popleft()
                await self._send(frame.event)
                self._pending -= len(frame.bytes)
            if self._code is not None:
                await self._send({"type": "websocket.close", "code": self._code})
        finally:
            self._task = None


class DirectTransport:
    """Writes into the TCP socket while the server's buffer is empty, and to that buffer otherwise.

    What the server itself sends (pings, the close handshake) goes through the same buffer, so frames are
    never interleaved: either the buffer is empty, and our frame is complete before the server writes again,
    or our frame is queued behind what is in it.
    """

    __slots__ = ("_on_slow", "_open", "_protocol", "_socket", "_transport")

    def __init__(self, protocol: Any, transport: Any, on_slow: OnSlow) -> None:
        self._protocol, self._transport, self._on_slow = protocol, transport, on_slow
        self._socket: socket.socket = transport.socket
        self._open = protocol.STATE_OPEN
        _tune(self._socket)
        protocol.closeHandshakeTimeout = CLOSE_TIMEOUT_SECONDS
        protocol.failByDrop = False  # a malformed frame gets a close code (1002, 1009) first
        # Jitter: sockets that connected together must not all be pinged together.
        protocol.last_ping -= random.uniform(0, PING_INTERVAL_SECONDS)

    @classmethod
    def behind(cls, send: Send, on_slow: OnSlow) -> "DirectTransport | None":
        """The direct transport, if this `send` leads to a protocol and a plain TCP socket with all we need;
        else None."""
        if not isinstance(send, partial) or len(send.args) != 1:
            return None
        protocol = send.args[0]
        transport = getattr(protocol, "transport", None)
        for _wrapper in range(3):
            if transport is None or hasattr(transport, "socket"):
                break
            # Twisted's name: a request has a channel, which has the TCP transport.
            transport = getattr(getattr(transport, "channel", transport), "transport", None)
        if not all(hasattr(protocol, name) for name in PROTOCOL_ATTRIBUTES):
            return None
        if not all(hasattr(transport, name) for name in TRANSPORT_ATTRIBUTES) or getattr(
            transport, "TLS", False
        ):
            return None
        return cls(protocol, transport, on_slow)

    def write(self, frame: Frame) -> None:
        """Take a frame."""
        transport = self._transport
        if self._protocol.state != self._open or transport.disconnecting or not transport.connected:
            return
        if not transport.dataBuffer and not transport._tempDataBuffer:
            self._send(frame.bytes)
        elif self._has_room():
            transport.write(frame.bytes)
        else:
            self._on_slow()

    def _has_room(self) -> bool:
        """Whether more may be queued. Before it says no, it sends what the kernel takes: after a burst of our
        own, the reader may have read all that was sent, and the server not have come to sending more."""
        if self.pending() > MAX_PENDING_BYTES:
            self._transport.doWrite()
        return self.pending() <= MAX_PENDING_BYTES

    def _send(self, written: bytes) -> None:
        """Write into the socket; what does not fit is queued in the server's buffer."""
        try:
            sent = self._socket.send(written)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:  # closed; the server notices it itself
            return
        if sent < len(written):
            self._transport.write(written[sent:])

    def close(self, code: int) -> None:
        """Start the close handshake; a peer that does not answer in `CLOSE_TIMEOUT_SECONDS` is
        disconnected."""
        if self._protocol.state == self._open:
            self._protocol.sendClose(code=code)

    def close_for_shutdown(self, last_frame: Frame, code: int) -> None:
        """Write a last frame and the close frame at once and disconnect, without a close handshake: a server
        that stops has thousands of sockets."""
        if self._protocol.state != self._open:
            return
        last = last_frame.bytes + b"\x88\x02" + struct.pack("!H", code)
        if self.pending():
            self._transport.write(last)
        else:
            self._send(last)
        self._transport.loseConnection()

    def pending(self) -> int:
        """Bytes in the server's buffer."""
        transport = self._transport
        return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)

    def pause(self, paused: bool) -> None:
        """Stop reading: what the peer sends stays in the TCP buffers."""
        transport = self._transport
        if transport.connected and not transport.disconnecting:
            (transport.pauseProducing if paused else transport.resumeProducing)()


PROTOCOL_ATTRIBUTES = (
    "STATE_OPEN",
    "closeHandshakeTimeout",
    "failByDrop",
    "last_ping",
    "sendClose",
    "state",
    "transport",
)
"""The attributes used of the protocol (Daphne's, on autobahn)."""
TRANSPORT_ATTRIBUTES = (
    "_tempDataBuffer",
    "_tempDataLen",
    "connected",
    "dataBuffer",
    "disconnecting",
    "doWrite",
    "loseConnection",
    "offset",
    "pauseProducing",
    "resumeProducing",
    "socket",
    "write",
)
"""The attributes used of the transport (Twisted's TCP transport)."""


def _tune(tcp: socket.socket) -> None:
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER_BYTES)
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, TCP_USER_TIMEOUT_SECONDS * 1000)


def _header(size: int) -> bytes:
    """The header of an unmasked text frame in one chunk (RFC 6455, 5.2)."""
    if size < 126:
        return bytes((0x81, size))
    if size < 65_536:
        return b"\x81\x7e" + struct.pack("!H", size)
    return b"\x81\x7f" + struct.pack("!Q", size)
