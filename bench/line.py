"""A client's end of a WebSocket, as cheap as asyncio makes it, so that thousands of them fit one process."""

import asyncio
import base64
import os
from typing import Protocol

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
GONE = 1006
"""The code of a line that broke without a word."""
REFUSED = 0
"""The code of a line that was never opened."""


class Owner(Protocol):
    """Who is at the line."""

    def heard(self, text: bytes) -> None:
        """The server said something."""

    def lost(self, code: int) -> None:
        """The line ended, or could not be had."""


class Line(asyncio.Protocol):
    """One line to a server: opened by a request, then texts both ways."""

    def __init__(self, owner: Owner, request: bytes) -> None:
        self._owner: Owner | None = owner
        self._request = request
        self._buffer = b""
        self._pieces = b""
        self._code = REFUSED
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)
        self._request = b""

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data if self._buffer else data
        start = 0
        if self._code == REFUSED:
            start = data.find(b"\r\n\r\n") + 4
            if start < 4:
                self._buffer = data
                return
            if not data.startswith(b"HTTP/1.1 101"):
                self.close()
                return
            self._code = GONE
        while (frame := _frame(data, start)) is not None:
            first, begin, start = frame
            self._take(first, data[begin:start])
            if self._owner is None:
                return
        self._buffer = data[start:]

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        owner, self._owner = self._owner, None
        if owner is not None:
            owner.lost(self._code)

    def say(self, text: bytes) -> None:
        """Send a text. Masked with nothing, which the server cannot tell from any other mask."""
        self._write(TEXT, text)

    def close(self) -> None:
        """End the line; its owner hears of it if it is still at it."""
        if self._transport is not None:
            self._transport.close()

    def leave(self) -> None:
        """End the line and hear no more of it."""
        self._owner = None
        self._write(CLOSE, b"")
        self.close()

    def _take(self, first: int, payload: bytes) -> None:
        word = first & 15
        if word in (0, TEXT):
            self._pieces += payload
            if first & 128 and self._owner is not None:
                text, self._pieces = self._pieces, b""
                self._owner.heard(text)
        elif word == PING:
            self._write(PONG, payload)
        elif word == CLOSE:
            self._code = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1005
            self._write(CLOSE, payload[:2])
            self.close()

    def _write(self, word: int, payload: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        size = len(payload)
        long = b"" if size < 126 else size.to_bytes(2, "big")
        head = bytes((128 | word, 128 | (126 if long else size))) + long
        self._transport.write(head + b"\0\0\0\0" + payload)


def _frame(data: bytes, start: int) -> tuple[int, int, int] | None:
    """The first byte of the frame that begins there, where its payload begins, and where it ends."""
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
    """What a browser with this session asks to be given a socket."""
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://localhost:{port}\r\n"
        f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {key}\r\nCookie: sessionid={session}\r\n\r\n"
    ).encode()
