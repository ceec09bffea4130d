"""The transport to one reader, on the server as it is installed: which one is used, that its frames stay
whole, and that a slow reader costs bounded memory. A release of the server that changes an attribute the
direct transport uses fails here.
"""

import asyncio
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from types import SimpleNamespace

import pytest
from autobahn.twisted import websocket
from autobahn.websocket import protocol
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from messaging.live import transport
from messaging.live.transport import DirectTransport, Frame, PortableTransport, transport_for
from tests.site import ROOT, reserve_port
from tests.waiting import PATIENCE_SECONDS, wait_until


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    number = reserve_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.messaging.live.transport_server", str(number)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: _answers(number), "The server")
        yield number
    finally:
        server.terminate()
        server.wait(PATIENCE_SECONDS)


@pytest.fixture
def raw_reader() -> Iterator[Callable[[int], "RawReader"]]:
    """Makes readers that are closed after the test."""
    with ExitStack() as sockets:
        yield lambda port: RawReader(sockets.enter_context(socket.socket()), port)


def wait_for_turn(port: int) -> None:
    """Return when the server has done what it was sent before; nobody has read the result yet."""
    with connect(f"ws://127.0.0.1:{port}/") as client:
        client.send("which")
        client.recv(timeout=PATIENCE_SECONDS)


def _answers(number: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", number)) == 0


def test_the_installed_server_gets_the_direct_transport(port):
    with connect(f"ws://127.0.0.1:{port}/") as client:
        client.send("which")
        assert client.recv(timeout=PATIENCE_SECONDS) == "DirectTransport"


def test_the_debug_formatters_of_the_installed_server_are_disabled():
    transport.disable_debug_formatting()
    for module in (protocol, websocket):
        spared = [name for name in transport.DEBUG_FORMATTERS if hasattr(module, name)]
        assert {"hltype", "hlval"} <= set(spared)
        assert {getattr(module, name)("a value") for name in spared} == {""}


@pytest.mark.parametrize("size", [20, 125, 126, 65_535, 65_536, 200_000])
def test_frames_of_every_length_arrive_whole(port, size):
    with connect(f"ws://127.0.0.1:{port}/", max_size=None) as client:
        client.send(f"burst 1 {size}")
        assert client.recv(timeout=PATIENCE_SECONDS) == "0 ".ljust(size, "x")


def test_frames_are_not_interleaved_with_pings_of_the_server(port, raw_reader):
    reader = raw_reader(port)
    reader.send("burst 400 600")
    wait_for_turn(port)
    numbers, pings = [], 0
    while len(numbers) < 400:
        kind, payload = reader.frame()
        if kind == 1:
            assert len(payload) == 600
            numbers.append(int(payload.split()[0]))
        else:
            assert (kind, payload) == (9, b"still there?")
            pings += 1
    assert numbers == list(range(400))
    assert pings >= 39


def test_the_close_frame_comes_after_everything_written_before(port):
    with connect(f"ws://127.0.0.1:{port}/") as client:
        client.send("burst 50 2000")
        client.send("close 4012")
        received = [client.recv(timeout=PATIENCE_SECONDS) for _frame in range(50)]
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=PATIENCE_SECONDS)
    assert [int(text.split()[0]) for text in received] == list(range(50))
    assert closed.value.rcvd.code == 4012


def test_a_reader_that_does_not_read_is_closed_after_whole_frames(port, raw_reader):
    reader = raw_reader(port)
    reader.send("burst 4000 1000")
    wait_for_turn(port)
    numbers = []
    while True:
        kind, payload = reader.frame()
        if kind == 8:
            break
        if kind == 1:
            numbers.append(int(payload.split()[0]))
    assert struct.unpack("!H", payload[:2]) == (4013,)
    assert numbers == list(range(len(numbers)))
    assert len(numbers) * 1000 < transport.MAX_PENDING_BYTES + 8 * transport.KERNEL_BUFFER_BYTES


def test_reading_from_a_peer_can_be_paused(port):
    with connect(f"ws://127.0.0.1:{port}/") as client:
        began = time.monotonic()
        client.send("pause")
        client.send("which")
        assert client.recv(timeout=PATIENCE_SECONDS) == "DirectTransport"
        assert time.monotonic() - began > 0.9


def test_the_tcp_transport_is_found_behind_the_wrappers_of_twisted():
    async def send(_protocol, _event):
        pass

    with socket.socket() as tcp:
        tcp_transport = SimpleNamespace(**dict.fromkeys(transport.TRANSPORT_ATTRIBUTES), TLS=False)
        tcp_transport.socket = tcp
        reader = SimpleNamespace(**dict.fromkeys(transport.PROTOCOL_ATTRIBUTES))
        reader.last_ping = 0.0
        # An HTTP request has a channel, which has the TCP transport.
        reader.transport = SimpleNamespace(channel=SimpleNamespace(transport=tcp_transport))
        assert isinstance(transport_for(partial(send, reader), lambda: None), DirectTransport)


class FullBuffer:
    """A TCP transport whose buffer is over the limit; the kernel takes `takes` bytes of it."""

    def __init__(self, takes: int) -> None:
        self.dataBuffer, self.offset = b"x" * (transport.MAX_PENDING_BYTES + 1), 0
        self._tempDataBuffer: list[bytes] = []
        self._tempDataLen = 0
        self.connected, self.disconnecting = True, False
        self.takes = takes

    def doWrite(self) -> None:  # noqa: N802 (Twisted's name)
        self.offset += self.takes

    def write(self, written: bytes) -> None:
        self._tempDataBuffer.append(written)
        self._tempDataLen += len(written)


@pytest.mark.parametrize(("takes", "slow"), [(65_536, False), (0, True)])
def test_a_reader_is_slow_only_if_the_kernel_takes_nothing_more(takes, slow):
    found: list[str] = []
    with socket.socket() as tcp:
        full = FullBuffer(takes)
        full.socket = tcp
        reader = SimpleNamespace(STATE_OPEN=3, state=3, last_ping=0.0)
        DirectTransport(reader, full, lambda: found.append("slow")).write(Frame("one more"))
    assert found == (["slow"] if slow else [])
    assert full._tempDataBuffer == ([] if slow else [Frame("one more").bytes])


def test_an_unknown_server_gets_the_portable_transport():
    async def send(event):
        sent.append(event)

    async def scenario():
        portable = transport_for(send, lambda: None)
        assert isinstance(portable, PortableTransport)
        portable.write(Frame("one"))
        portable.write(Frame("two"))
        portable.close(4012)
        portable.write(Frame("too late"))
        await asyncio.sleep(0.01)

    sent: list[dict] = []
    asyncio.run(scenario())
    assert sent == [
        {"type": "websocket.send", "text": "one"},
        {"type": "websocket.send", "text": "two"},
        {"type": "websocket.close", "code": 4012},
    ]


def test_a_stuck_portable_transport_queues_a_bounded_amount():
    pending = []

    async def send(event):
        await asyncio.Event().wait()

    async def scenario():
        portable = PortableTransport(send, lambda: pending.append(portable.pending()))
        for _frame in range(1000):
            portable.write(Frame("x" * 1000))
            await asyncio.sleep(0)
        portable.close(4013)
        portable._task.cancel()

    asyncio.run(scenario())
    assert pending
    assert max(pending) < transport.MAX_PENDING_BYTES + 2000


class RawReader:
    """A client that reads only when told to, with a small receive buffer."""

    def __init__(self, tcp: socket.socket, port: int) -> None:
        self.socket = tcp
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(PATIENCE_SECONDS)
        self.socket.connect(("127.0.0.1", port))
        self.socket.sendall(
            f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.socket.recv(4096)
        self.buffer = self.buffer.partition(b"\r\n\r\n")[2]

    def send(self, text: str) -> None:
        payload = text.encode()
        self.socket.sendall(bytes([0x81, 0x80 | len(payload), 0, 0, 0, 0]) + payload)

    def frame(self) -> tuple[int, bytes]:
        """The next frame: its kind and what it carries. Raises when it is none."""
        first, size = self._take(2)
        assert first & 0x70 == 0
        assert first & 0x80
        assert size < 128
        if size == 126:
            (size,) = struct.unpack("!H", self._take(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._take(8))
        return first & 15, self._take(size)

    def _take(self, size: int) -> bytes:
        while len(self.buffer) < size:
            more = self.socket.recv(65_536)
            assert more, "the connection ended within a frame"
            self.buffer += more
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken
