"""A minimal WebSocket client over asyncio streams: cheap enough for ten thousand connections, and able to
flood or not to read."""

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


class RawSocket:
    """One connection to a server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port: int, session: str, *, buffer: int = 0, **asked: str) -> "RawSocket":
        """Connect. With a small receive buffer (bytes) little is buffered here when nothing is read."""
        tcp = socket.socket()
        tcp.setblocking(False)
        if buffer:
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        try:
            await asyncio.get_running_loop().sock_connect(tcp, ("127.0.0.1", port))
            reader, writer = await asyncio.open_connection(sock=tcp, limit=buffer or 2**16)
        except OSError:
            tcp.close()
            raise
        key = base64.b64encode(os.urandom(16)).decode()
        query = urllib.parse.urlencode(asked)
        writer.write(HANDSHAKE.format(asked=query, port=port, key=key, session=session).encode())
        try:
            answer = await reader.readuntil(b"\r\n\r\n")
            if not answer.startswith(b"HTTP/1.1 101"):
                raise ConnectionRefusedError(answer.decode("latin-1"))
        except BaseException:
            writer.transport.abort()
            raise
        return cls(reader, writer)

    def send(self, text: str) -> None:
        """Send one text frame."""
        self.writer.write(frame(text))

    async def receive(self) -> dict[str, Any]:
        """The next frame; `{"t": "close", "code": ...}` at the end, with 0 for a connection that broke."""
        try:
            while True:
                first, size = await self.reader.readexactly(2)
                if size == 126:
                    (size,) = struct.unpack("!H", await self.reader.readexactly(2))
                elif size == 127:
                    (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
                payload = await self.reader.readexactly(size)
                if first & 15 == CLOSE:
                    return {"t": "close", "code": struct.unpack("!H", payload[:2])[0]}
                if first & 15 == TEXT:
                    return json.loads(payload)
        except (OSError, asyncio.IncompleteReadError):
            return {"t": "close", "code": 0}

    def drop(self) -> None:
        """Abort the connection."""
        self.writer.transport.abort()


def frame(text: str) -> bytes:
    """A masked text frame; a mask of zeros leaves the payload as it is."""
    payload = text.encode()
    if len(payload) < 126:
        head = bytes((0x81, 0x80 | len(payload)))
    elif len(payload) < 2**16:
        head = b"\x81\xfe" + struct.pack("!H", len(payload))
    else:
        head = b"\x81\xff" + struct.pack("!Q", len(payload))
    return head + bytes(4) + payload
