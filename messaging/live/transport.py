"""How a frame gets onto a socket: straight into the TCP socket where possible, else by ASGI's `send`.

The only module that knows the insides of Daphne, autobahn and Twisted. `transport_for` looks at the `send`
that the server gave: if everything `DirectTransport` needs is there, it is used, whatever the server;
otherwise every frame goes through `send`. tests/messaging/live/test_transport.py fails when a new release
changes what is used.

Both bound what may wait for a slow reader, in bytes of ours; what the kernel buffers beside that is bounded
too.
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

BOUND = 256 * 1024
"""Bytes that may wait for one reader; with more its socket is closed, and it comes back by catching up."""
KERNEL_BUFFER = 64 * 1024
"""Bytes we ask the kernel to hold for one socket (it takes twice as much); its own measure would be
megabytes."""
SILENCE = 60
"""Seconds after which a peer that acknowledges nothing on the network counts as gone."""
FAREWELL = 5
"""Seconds a reader has to read up to the closing frame."""
PING = 120
"""Seconds between the server's own pings of a socket on which nothing comes in."""

Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Slow = Callable[[], None]


class Frame:
    """One text frame, made once for all who get it."""

    __slots__ = ("bytes", "event")

    def __init__(self, text: str) -> None:
        payload = text.encode()
        self.event = {"type": "websocket.send", "text": text}
        self.bytes = _head(len(payload)) + payload


class Transport(Protocol):
    """The way to one reader."""

    def write(self, frame: Frame) -> None:
        """Hand over a frame without waiting; calls `slow` when too much waits."""

    def close(self, code: int) -> None:
        """Say goodbye with a code; nothing is written after that."""

    def close_for_shutdown(self, last_frame: Frame, code: int) -> None:
        """Write a last frame and the code, and end the line without waiting for an answer."""

    def waiting(self) -> int:
        """Bytes that the reader has not taken yet."""

    def pause(self, paused: bool) -> None:
        """Take nothing in from the peer for a while, or again."""


def spare_the_server() -> None:
    """Let the server leave out what costs a fifth of each connecting: autobahn puts names, values and all its
    settings into words for lines of its debugging log, also where there is none."""
    with contextlib.suppress(ImportError):
        from autobahn.twisted import websocket
        from autobahn.websocket import protocol

        for module in (protocol, websocket):
            for name in PUT_INTO_WORDS:
                if hasattr(module, name):
                    setattr(module, name, _unwritten)


PUT_INTO_WORDS = ("hltype", "hlval", "pformat")
"""What autobahn calls for a line of its debugging log, before it asks whether there is one."""


def _unwritten(_what: object) -> str:
    return ""


def transport_for(send: Send, slow: Slow) -> Transport:
    """The best line there is behind this `send`. `slow` is called once the reader is too far behind."""
    return DirectTransport.behind(send, slow) or PortableTransport(send, slow)


class PortableTransport:
    """Frames through `send`, one after the other, by a task that lives only while there are any."""

    def __init__(self, send: Send, slow: Slow) -> None:
        self._send, self._slow = send, slow
        self._frames: deque[Frame] = deque()
        self._waiting = 0
        self._code: int | None = None
        self._task: asyncio.Task[None] | None = None

    def write(self, frame: Frame) -> None:
        """Hand over a frame."""
        if self._code is not None:
            return
        if self._waiting > BOUND:
            self._slow()
            return
        self._frames.append(frame)
        self._waiting += len(frame.bytes)
        self._run()

    def close_for_shutdown(self, last_frame: Frame, code: int) -> None:
        """Write a last frame, and say goodbye."""
        self.write(last_frame)
        self.close(code)

    def close(self, code: int) -> None:
        """Say goodbye; what still waited is let go, for its reader comes back and asks for it."""
        if self._code is None:
            self._code = code
            if self._waiting > BOUND:
                self._frames.clear()
            self._run()

    def waiting(self) -> int:
        """Bytes handed over and not sent."""
        return self._waiting

    def pause(self, paused: bool) -> None:
        """Nothing to do: what comes in is taken only when it is asked for."""

    def _run(self) -> None:
        if self._task is None:
            self._task = asyncio.ensure_future(self._drain())

    async def _drain(self) -> None:
        try:
            while self._frames:
                frame = self._frames.popleft()
                await self._send(frame.event)
                self._waiting -= len(frame.bytes)
            if self._code is not None:
                await self._send({"type": "websocket.close", "code": self._code})
        finally:
            self._task = None


class DirectTransport:
    """Bytes straight into the socket while nothing waits, behind the server's own buffer when something does.

    What the server itself sends (pings, the closing handshake) goes the same way, so frames stay whole: its
    buffer is either empty, and a frame of ours goes out before it writes again, or our frame waits behind
    what is in it.
    """

    __slots__ = ("_open", "_protocol", "_slow", "_socket", "_transport")

    def __init__(self, protocol: Any, transport: Any, slow: Slow) -> None:
        self._protocol, self._transport, self._slow = protocol, transport, slow
        self._socket: socket.socket = transport.socket
        self._open = protocol.STATE_OPEN
        _tune(self._socket)
        protocol.closeHandshakeTimeout = FAREWELL
        protocol.failByDrop = False  # what is wrong with a frame is said (1002, 1009), and then the line ends
        # Sockets that came together are not to be pinged together.
        protocol.last_ping -= random.uniform(0, PING)

    @classmethod
    def behind(cls, send: Send, slow: Slow) -> "DirectTransport | None":
        """The direct line, if this `send` leads to a protocol and a plain socket as we know them."""
        if not isinstance(send, partial) or len(send.args) != 1:
            return None
        protocol = send.args[0]
        transport = getattr(protocol, "transport", None)
        for _wrapped in range(3):
            if transport is None or hasattr(transport, "socket"):
                break
            transport = getattr(getattr(transport, "subscription", transport), "transport", None)
        if not all(hasattr(protocol, name) for name in PROTOCOL_HAS):
            return None
        if not all(hasattr(transport, name) for name in TRANSPORT_HAS) or getattr(transport, "TLS", False):
            return None
        return cls(protocol, transport, slow)

    def write(self, frame: Frame) -> None:
        """Hand over a frame."""
        transport = self._transport
        if self._protocol.state != self._open or transport.disconnecting or not transport.connected:
            return
        if transport.dataBuffer or transport._tempDataBuffer:
            if self.waiting() > BOUND:
                self._slow()
            else:
                transport.write(frame.bytes)
            return
        self._send(frame.bytes)

    def _send(self, written: bytes) -> None:
        """Straight into the socket; what does not fit waits in the server's buffer."""
        try:
            sent = self._socket.send(written)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:  # gone; the server hears of it by itself
            return
        if sent < len(written):
            self._transport.write(written[sent:])

    def close(self, code: int) -> None:
        """Say goodbye. Who does not answer in `FAREWELL` seconds is cut off."""
        if self._protocol.state == self._open:
            self._protocol.sendClose(code=code)

    def close_for_shutdown(self, last_frame: Frame, code: int) -> None:
        """Write a last frame and the code in one go, and end the line: a server that stops has thousands."""
        if self._protocol.state != self._open:
            return
        last = last_frame.bytes + b"\x88\x02" + struct.pack("!H", code)
        if self.waiting():
            self._transport.write(last)
        else:
            self._send(last)
        self._transport.loseConnection()

    def waiting(self) -> int:
        """Bytes in the server's buffer."""
        transport = self._transport
        return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)

    def pause(self, paused: bool) -> None:
        """Let what the peer sends wait on the network."""
        transport = self._transport
        if transport.connected and not transport.disconnecting:
            (transport.pauseProducing if paused else transport.resumeProducing)()


PROTOCOL_HAS = (
    "STATE_OPEN",
    "closeHandshakeTimeout",
    "failByDrop",
    "last_ping",
    "sendClose",
    "state",
    "transport",
)
"""What the direct line asks of the protocol (Daphne's, on autobahn)."""
TRANSPORT_HAS = (
    "_tempDataBuffer",
    "_tempDataLen",
    "connected",
    "dataBuffer",
    "disconnecting",
    "loseConnection",
    "offset",
    "pauseProducing",
    "resumeProducing",
    "socket",
    "write",
)
"""What it asks of the transport (Twisted's over TCP)."""


def _tune(line: socket.socket) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE * 1000)


def _head(size: int) -> bytes:
    """The head of an unmasked text frame in one chunk (RFC 6455, 5.2)."""
    if size < 126:
        return bytes((0x81, size))
    if size < 65_536:
        return b"\x81\x7e" + struct.pack("!H", size)
    return b"\x81\x7f" + struct.pack("!Q", size)
