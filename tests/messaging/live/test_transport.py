"""The line to one reader, on the server as it is installed: which one it is, that its frames stay whole,
and that a slow reader costs a bounded memory. A new release of the server that changes what the direct
line looks at fails here.
"""

import asyncio
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from autobahn.twisted import websocket
from autobahn.websocket import protocol
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from messaging.live import transport
from messaging.live.transport import Frame, PortableTransport, transport_for
from tests.site import ROOT, reserve_port
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    number = reserve_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.messaging.live.transport_server", str(number)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: _answers(number), "The server", lambda: "")
        yield number
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
def raw_reader() -> Iterator[Callable[[int], "RawReader"]]:
    """Makes readers that are closed after the test."""
    with ExitStack() as open_lines:
        yield lambda port: RawReader(open_lines.enter_context(socket.socket()), port)


def _answers(number: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", number)) == 0


def test_the_server_as_it_is_installed_has_the_direct_line(port):
    with connect(f"ws://127.0.0.1:{port}/") as line:
        line.send("which")
        assert line.recv(timeout=10) == "DirectTransport"


def test_what_the_server_puts_into_words_for_nobody_is_still_called_so():
    transport.disable_debug_formatting()
    for module in (protocol, websocket):
        spared = [name for name in transport.DEBUG_FORMATTERS if hasattr(module, name)]
        assert {"hltype", "hlval"} <= set(spared)
        assert {getattr(module, name)("a value") for name in spared} == {""}


@pytest.mark.parametrize("size", [20, 125, 126, 65_535, 65_536, 200_000])
def test_frames_of_every_length_arrive_as_they_were_written(port, size):
    with connect(f"ws://127.0.0.1:{port}/", max_size=None) as line:
        line.send(f"burst 1 {size}")
        assert line.recv(timeout=10) == "0 ".ljust(size, "x")


def test_frames_stay_whole_and_in_order_among_the_pings_of_the_server(port, raw_reader):
    reader = raw_reader(port)
    reader.say("burst 400 600")
    time.sleep(0.5)
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


def test_the_closing_frame_comes_whole_behind_what_was_written(port):
    with connect(f"ws://127.0.0.1:{port}/") as line:
        line.send("burst 50 2000")
        line.send("close 4012")
        heard = [line.recv(timeout=10) for _frame in range(50)]
        with pytest.raises(ConnectionClosed) as closed:
            line.recv(timeout=10)
    assert [int(text.split()[0]) for text in heard] == list(range(50))
    assert closed.value.rcvd.code == 4012


def test_who_does_not_read_is_sent_away_and_what_came_before_is_whole(port, raw_reader):
    reader = raw_reader(port)
    reader.say("burst 4000 1000")
    time.sleep(1)
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


def test_what_comes_in_can_be_made_to_wait(port):
    with connect(f"ws://127.0.0.1:{port}/") as line:
        began = time.monotonic()
        line.send("pause")
        line.send("which")
        assert line.recv(timeout=10) == "DirectTransport"
        assert time.monotonic() - began > 0.9


def test_a_server_of_another_make_gets_the_portable_line():
    async def send(event):
        sent.append(event)

    async def story():
        line = transport_for(send, lambda: None)
        assert isinstance(line, PortableTransport)
        line.write(Frame("one"))
        line.write(Frame("two"))
        line.close(4012)
        line.write(Frame("too late"))
        await asyncio.sleep(0.01)

    sent: list[dict] = []
    asyncio.run(story())
    assert sent == [
        {"type": "websocket.send", "text": "one"},
        {"type": "websocket.send", "text": "two"},
        {"type": "websocket.close", "code": 4012},
    ]


def test_a_portable_line_that_is_stuck_takes_a_bounded_amount():
    told = []

    async def send(event):
        await asyncio.Event().wait()

    async def story():
        line = PortableTransport(send, lambda: told.append(line.pending()))
        for _frame in range(1000):
            line.write(Frame("x" * 1000))
            await asyncio.sleep(0)
        line.close(4013)
        line._task.cancel()

    asyncio.run(story())
    assert told
    assert max(told) < transport.MAX_PENDING_BYTES + 2000


class RawReader:
    """A socket that reads only when it is told to, with a small buffer."""

    def __init__(self, line: socket.socket, port: int) -> None:
        self.line = line
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.line.settimeout(10)
        self.line.connect(("127.0.0.1", port))
        self.line.sendall(
            f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self.waiting = b""
        while b"\r\n\r\n" not in self.waiting:
            self.waiting += self.line.recv(4096)
        self.waiting = self.waiting.partition(b"\r\n\r\n")[2]

    def say(self, text: str) -> None:
        payload = text.encode()
        self.line.sendall(bytes([0x81, 0x80 | len(payload), 0, 0, 0, 0]) + payload)

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
        while len(self.waiting) < size:
            more = self.line.recv(65_536)
            assert more, "the line ended within a frame"
            self.waiting += more
        taken, self.waiting = self.waiting[:size], self.waiting[size:]
        return taken
