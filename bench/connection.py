"""A WebSocket client on a bare asyncio protocol, so that thousands of them fit into one process."""

import asyncio
import base64
import os
from typing import Protocol

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
ABNORMAL_CLOSURE = 1006
"""The close code of a connection that broke without a close frame."""
NEVER_OPENED = 0
"""The close code of a connection that was never opened."""


class Owner(Protocol):
    """Receives the events of a connection."""

    def on_text(self, text: bytes) -> None:
        """A text frame arrived."""

    def on_close(self, code: int) -> None:
        """The connection was closed, or could not be opened."""


class Connection(asyncio.Protocol):
    """One connection to a server: opened by an HTTP request, then text frames both ways."""

    def __init__(self, owner: Owner, request: bytes) -> None:
        self._owner: Owner | None = owner
        self._request = request
        self._buffer = b""
        self._fragments = b""
        self._code = NEVER_OPENED
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)
        self._request = b""

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data if self._buffer else data
        start = 0
        if self._code == NEVER_OPENED:
            start = data.find(b"\r\n\r\n") + 4
            if start < 4:
                self._buffer = data
                return
            if not data.startswith(b"HTTP/1.1 101"):
                self.close()
                return
            self._code = ABNORMAL_CLOSURE
        while (frame := _frame(data, start)) is not None:
            first, begin, start = frame
            self._receive_frame(first, data[begin:start])
            if self._owner is None:
                return
        self._buffer = data[start:]

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        owner, self._owner = self._owner, None
        if owner is not None:
            owner.on_close(self._code)

    def send(self, text: bytes) -> None:
        """Send a text frame, with a mask of zeros."""
        self._write(TEXT, text)

    def close(self) -> None:
        """Close, and call `on_close` of the owner."""
        if self._transport is not None:
            self._transport.close()

    def leave(self) -> None:
        """Close without calling the owner."""
        self._owner = None
        self._write(CLOSE, b"")
        self.close()

    def _receive_frame(self, first: int, payload: bytes) -> None:
        opcode = first & 15
        if opcode in (0, TEXT):
            self._fragments += payload
            if first & 128 and self._owner is not None:
                text, self._fragments = self._fragments, b""
                self._owner.on_text(text)
        elif opcode == PING:
            self._write(PONG, payload)
        elif opcode == CLOSE:
            self._code = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1005
            self._write(CLOSE, payload[:2])
            self.close()

    def _write(self, opcode: int, payload: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        size = len(payload)
        long = b"" if size < 126 else size.to_bytes(2, "big")
        head = bytes((128 | opcode, 128 | (126 if long else size))) + long
        self._transport.write(head + b"\0\0\0\0" + payload)


def _frame(data: bytes, start: int) -> tuple[int, int, int] | None:
    """The first byte of the frame at this offset, and the offsets of its payload and its end; None if it is
    incomplete."""
    if len(data) - start < 2:
        return None
    size, begin = data[start + 1] & 127, start + 2
    if size > 125:
        more = 2 if size == 126 else 8
        begin += more
        if len(data) < begin:
            return None
        size = int.from_bytes(data[begin - more : begin], "big")
    end = begin + size
    return None if len(data) < end else (data[start], begin, end)


def request(port: int, path: str, session: str) -> bytes:
    """The upgrade request of a browser with this session."""
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://localhost:{port}\r\n"
        f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {key}\r\nCookie: sessionid={session}\r\n\r\n"
    ).encode()
