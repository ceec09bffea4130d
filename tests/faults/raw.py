"""A socket without manners and without cost: to join ten thousand times, not to read, to flood."""

import asyncio
import base64
import json
import os
import socket
import struct
import urllib.parse
from typing import Any

CLOSE = 8
TEXT = 1
HANDSHAKE = (
    "GET /live/?{asked} HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://localhost:{port}\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
    "Cookie: sessionid={session}\r\n\r\n"
)


class RawLine:
    """One line to a server, as bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port: int, session: str, *, buffer: int = 0, **asked: str) -> "RawLine":
        """Come in. With a small buffer, little waits on our side when we do not read."""
        line = socket.socket()
        line.setblocking(False)
        if buffer:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        try:
            await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", port))
            reader, writer = await asyncio.open_connection(sock=line, limit=buffer or 2**16)
        except OSError:
            line.close()
            raise
        key = base64.b64encode(os.urandom(16)).decode()
        query = urllib.parse.urlencode(asked)
        writer.write(HANDSHAKE.format(asked=query, port=port, key=key, session=session).encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 101"):
            writer.transport.abort()
            raise ConnectionRefusedError(answer.decode("latin-1"))
        return cls(reader, writer)

    def send(self, text: str) -> None:
        """One frame to the server, at once."""
        self.writer.write(frame(text))

    async def hear(self) -> dict[str, Any]:
        """The next word of the server; `{"t": "close", "code": ...}` at the end, 0 for a line that broke."""
        try:
            while True:
                first, size = await self.reader.readexactly(2)
                if size == 126:
                    (size,) = struct.unpack("!H", await self.reader.readexactly(2))
                elif size == 127:
                    (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
                words = await self.reader.readexactly(size)
                if first & 15 == CLOSE:
                    return {"t": "close", "code": struct.unpack("!H", words[:2])[0]}
                if first & 15 == TEXT:
                    return json.loads(words)
        except (OSError, asyncio.IncompleteReadError):
            return {"t": "close", "code": 0}

    def drop(self) -> None:
        """Be gone, without a word."""
        self.writer.transport.abort()


def frame(text: str) -> bytes:
    """A masked text frame, with a mask of nothing but zeros."""
    words = text.encode()
    if len(words) < 126:
        head = bytes((0x81, 0x80 | len(words)))
    elif len(words) < 2**16:
        head = b"\x81\xfe" + struct.pack("!H", len(words))
    else:
        head = b"\x81\xff" + struct.pack("!Q", len(words))
    return head + bytes(4) + words
