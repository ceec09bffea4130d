"""What is too large or too slow is refused by the server, before any page sees it; what is handed out or
taken in is never in memory as a whole. A real server, except for the clock of the timeouts."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from django.conf import settings
from django.urls import get_resolver
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from config import http_protocol
from config.http_protocol import Channel, Request, body_limit
from tests.large_files import PIECE, Library, database
from tests.site import Site
from tests.waiting import wait_until

FILE_BYTES = 6 * 1024 * 1024
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def library() -> Iterator[Library]:
    site = Site(database())
    laid = Library(site, FILE_BYTES)
    site.start()
    yield laid
    site.stop()


@pytest.fixture(autouse=True)
def _no_connection_of_another_test() -> Iterator[None]:
    yield
    while Slow.opened:
        Slow.opened.pop().channel.connectionLost(Failure(ConnectionDone()))


def post(path: str, *headers: str, host: str = "localhost", method: str = "POST") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *headers, "", ""]).encode()


@pytest.mark.parametrize(
    "path", ["/", "/nowhere", "/account/login/?next=/", "/live/", "*", "http://x/files/"]
)
@pytest.mark.parametrize("method", ["POST", "PUT", "GET", "DELETE", "PATCH"])
@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_a_body_that_is_too_large_is_refused_before_it_comes(library, path, method, host):
    head = post(path, f"Content-Length: {settings.BODY_LIMIT_BYTES + 1}", host=host, method=method)
    status, headers, body = library.ask(head)
    assert status == 413
    assert headers["connection"] == "close"
    assert "2.4" in body.decode()


def test_nobody_is_asked_to_go_on_with_a_body_that_is_too_large(library):
    status, _headers, _body = library.ask(post("/", "Content-Length: 600000000", "Expect: 100-continue"))
    assert status == 413


def test_a_head_says_no_body_when_it_is_refused(library):
    status, _headers, body = library.ask(post("/", "Content-Length: 600000000", method="HEAD"))
    assert (status, body) == (413, b"")


@pytest.mark.parametrize("path", ["/", "/account/login/"])
def test_a_body_without_a_length_is_counted_and_refused(library, path):
    assert library.flood(path, 4 * MEBIBYTE, chunked=True) == 413
    assert library.flood(path, 4 * MEBIBYTE, chunked=True, host="evil.example") == 413


def test_the_refusal_is_a_sentence_in_the_readers_language(library):
    head = post("/", "Content-Length: 600000000", "Accept-Language: hu")
    _status, headers, body = library.ask(head)
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert "legfeljebb" in body.decode()


def test_where_files_are_taken_a_body_may_have_one_and_the_form_around_it(library):
    path = f"/months/{library.month}/materials/"
    largest = body_limit(path.encode())
    assert largest > settings.UPLOAD_LIMIT_BYTES
    assert library.flood(path, 3 * MEBIBYTE, chunked=False) == 403, "Django refuses it, for want of a token"
    assert library.flood(path, 3 * MEBIBYTE, chunked=True) == 403
    assert library.ask(post(path, f"Content-Length: {largest + 1}"))[0] == 413
    assert library.flood(path, largest + MEBIBYTE, chunked=True) == 413


def test_every_view_that_reads_files_says_how_large_they_may_be():
    def views(patterns: list[Any]) -> Iterator[Any]:
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                yield from views(pattern.url_patterns)
            else:
                yield pattern.callback

    def innermost(view: Any) -> Any:
        return innermost(view.__wrapped__) if hasattr(view, "__wrapped__") else view

    reading = [
        view
        for view in views(get_resolver().url_patterns)
        if "FILES" in getattr(getattr(innermost(view), "__code__", None), "co_names", ())
        and not view.__module__.startswith("django.")  # its admin has no files here
    ]
    assert len(reading) >= 3
    assert not [view for view in reading if not hasattr(view, "body_limit")]


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT"])
@pytest.mark.parametrize("path", ["/", "/health/", "/live/"])
def test_methods_that_echo_or_tunnel_are_refused(library, method, path):
    status, _headers, body = library.ask(post(path, "Cookie: secret=1", method=method))
    assert status == 405
    assert b"secret" not in body


def test_no_reader_chooses_what_paths_begin_with_for_themselves_or_the_next(library):
    def answer(*headers: str) -> str:
        status, sent, body = library.ask(post("/account/login/", *headers, method="GET"))
        assert status == 200
        return f"{sent}{body.decode()}"

    named = answer("Daphne-Root-Path: https://evil.example")
    assert ["evil.example" in page for page in (named, answer())] == [False, False]


def test_one_connection_carries_one_request_after_the_other(library):
    form = b"email=a&password=b"
    first = post("/account/login/", f"Content-Length: {len(form)}") + form
    with library.connect() as client:
        client.sendall(first + post("/health/", "Connection: close", method="GET"))
        received = b""
        while piece := client.recv(PIECE):
            received += piece
    assert received.startswith(b"HTTP/1.1 403")
    assert b"\r\nup\n\r\n" in received


def test_a_client_that_goes_on_sending_after_the_refusal_still_reads_it(library):
    assert library.flood("/", 30 * MEBIBYTE, chunked=False) == 413
    assert library.flood("/", 30 * MEBIBYTE, chunked=True) == 413


class Wire(StringTransport):
    """What a channel of ours uses of a transport, beside what Twisted's own uses."""

    def loseWriteConnection(self) -> None:  # noqa: N802 Twisted
        """Nobody reads it here."""

    def abortConnection(self) -> None:  # noqa: N802 Twisted
        self.loseConnection()


class Slow:
    """A connection without a network, whose time we move."""

    opened: "ClassVar[list[Slow]]" = []

    def __init__(self, peer: str = "198.51.100.7") -> None:
        self.opened.append(self)
        self.clock, self.transport = Clock(), Wire(peerAddress=IPv4Address("TCP", peer, 40_000))
        self.channel: Any = Channel()
        self.channel.requestFactory = Request
        server = SimpleNamespace(protocol_connected=id, protocol_disconnected=id)
        self.channel.factory = SimpleNamespace(server=server, log=id)
        self.channel.callLater = self.clock.callLater
        self.channel.timeOut = http_protocol.HEAD_SECONDS
        self.channel.makeConnection(self.transport)

    def trickle(self, data: bytes, seconds: float, size: int = 1) -> None:
        """Send a byte, or `size` of them, now and then."""
        for start in range(0, len(data), size):
            self.channel.dataReceived(data[start : start + size])
            self.clock.advance(seconds)
            if self.transport.disconnecting:
                break


def test_a_head_that_trickles_in_ends_in_its_time():
    slow = Slow()
    slow.trickle(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 100, 5)
    assert slow.transport.disconnecting
    assert slow.clock.seconds() <= http_protocol.HEAD_SECONDS + 5


@pytest.mark.parametrize(
    ("path", "seconds"),
    [("/", http_protocol.BODY_SECONDS), ("/months/1/materials/", http_protocol.SLOW_START_SECONDS)],
)
@pytest.mark.parametrize("length", ["Content-Length: 1000000", "Transfer-Encoding: chunked"])
def test_a_body_that_trickles_in_ends_in_its_time(path, seconds, length):
    slow = Slow()
    slow.channel.dataReceived(post(path, length))
    if "chunked" in length:
        slow.channel.dataReceived(b"f4240\r\n")
    elif "materials" in path:
        seconds = http_protocol.BODY_SECONDS  # no file of that size takes longer
    slow.trickle(bytes(1000), 5)
    assert slow.transport.disconnecting
    assert slow.clock.seconds() <= seconds + 5


def test_a_refused_connection_is_read_from_for_a_while_and_ends():
    slow = Slow()
    slow.channel.dataReceived(post("/", "Content-Length: 600000000"))
    assert slow.transport.value().startswith(b"HTTP/1.1 413")
    slow.trickle(bytes(1000), 1)
    assert slow.transport.disconnecting
    assert slow.clock.seconds() <= http_protocol.LINGER_SECONDS + 1


def test_what_is_thrown_away_after_a_refusal_has_an_end_too(monkeypatch):
    monkeypatch.setattr(http_protocol, "LINGER_BYTES", 1000)
    slow = Slow()
    slow.channel.dataReceived(post("/", "Content-Length: 600000000"))
    slow.channel.dataReceived(bytes(1001))
    assert slow.transport.producerState == "paused"


def test_so_many_large_bodies_and_no_more_fill_the_disk_at_a_time(monkeypatch):
    monkeypatch.setattr(http_protocol, "LARGE_BODIES", 2)
    head = post("/months/1/materials/", "Content-Length: 3000000")
    connections = [Slow() for _number in range(3)]
    for slow in connections:
        slow.channel.dataReceived(head)
    assert [slow.transport.value()[:12] for slow in connections] == [b"", b"", b"HTTP/1.1 503"]
    Slow.opened.remove(connections[0])
    connections[0].channel.connectionLost(Failure(ConnectionDone()))
    again = Slow()
    again.channel.dataReceived(head)
    assert again.transport.value() == b""


def answers(forwarded: list[str], peer: str) -> list[bytes]:
    """What is answered to large bodies that begin one after the other, each forwarded for an address."""
    found = []
    for address in forwarded:
        slow = Slow(peer)
        named = [f"X-Forwarded-For: {address}"] if address else []
        slow.channel.dataReceived(post("/months/1/materials/", "Content-Length: 3000000", *named))
        found.append(slow.transport.value()[:12])
    return found


def test_one_network_keeps_nobody_else_from_sending_files(monkeypatch, settings):
    monkeypatch.setattr(http_protocol, "LARGE_BODIES_PER_NETWORK", 2)
    settings.BEHIND_PROXY = False
    assert answers([""] * 3, peer="8.8.8.8") == [b"", b"", b"HTTP/1.1 503"]
    assert answers(["1.1.1.1"] * 3, peer="8.8.8.8") == [b"HTTP/1.1 503"] * 3, "anybody can say so"
    assert answers([""], peer="9.9.9.9") == [b""]


def test_behind_a_proxy_the_network_of_a_large_body_is_what_the_proxy_says(monkeypatch, settings):
    monkeypatch.setattr(http_protocol, "LARGE_BODIES_PER_NETWORK", 2)
    settings.BEHIND_PROXY = True
    named = ["9.9.9.9", "1.1.1.1, 9.9.9.9", "9.9.9.9", "8.8.8.8"]
    assert answers(named, peer="10.0.0.2") == [b"", b"", b"HTTP/1.1 503", b""]
    assert answers([""] * 3, peer="10.0.0.2") == [b""] * 3, "the proxy is not one visitor"
    assert answers(["nobody \N{DROMEDARY CAMEL}"], peer="10.0.0.2") == [b""]


@pytest.mark.parametrize(
    ("bytes_per_second", "ends_after"),
    [
        (9_000, http_protocol.SLOW_START_SECONDS),
        (20_000, http_protocol.FILES_SECONDS),
        (30_000, http_protocol.FILES_SECONDS),
    ],
)
def test_a_large_body_comes_at_a_pace_or_ends(bytes_per_second, ends_after):
    slow = Slow()
    slow.channel.dataReceived(post("/months/1/materials/", "Content-Length: 20000000"))
    slow.trickle(bytes(bytes_per_second * 650), 1, size=bytes_per_second)
    assert slow.transport.disconnecting
    assert ends_after <= slow.clock.seconds() <= ends_after + 1


def test_a_large_body_that_stops_ends_when_its_average_is_too_slow():
    slow = Slow()
    slow.channel.dataReceived(post("/months/1/materials/", "Content-Length: 20000000") + bytes(1_000_000))
    slow.clock.pump([http_protocol.SLOW_START_SECONDS, 69])
    assert not slow.transport.disconnecting
    slow.clock.advance(1)
    assert slow.transport.disconnecting


def test_a_response_that_is_finished_does_not_time_out(monkeypatch):
    monkeypatch.setattr(Request, "process", lambda _request: None)
    slow = Slow()
    slow.channel.dataReceived(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    request = slow.channel.requests[0]
    request._response_started = True
    request.finish()
    request._moved_at = 0.0
    request.check_timeouts()  # the server knows it for a second more
    assert not slow.transport.disconnecting


def test_a_head_request_and_an_aborted_download_leave_nothing_open(library):
    assert library.download("HEAD") == 0
    with library.slow_readers(3):
        pass
    assert library.download() == FILE_BYTES

    def open_uploads() -> list[str]:
        found = []
        for link in Path(f"/proc/{library.site.servers[0].process.pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                found.append(str(link.readlink()))
        return [target for target in found if "/uploads/" in target]

    wait_until(lambda: not open_uploads(), "The files closed", lambda: str(open_uploads()))


def test_memory_stays_while_files_are_handed_out_and_taken_in(library):
    """Smaller than in tests/faults/test_memory.py; kept whole, what readers have not read would take 72 MiB,
    and what is thrown away 60. After `LINGER_BYTES` of it the client would have to wait.
    """
    assert library.download() == FILE_BYTES
    assert library.upload(FILE_BYTES) == 302
    before = library.memory
    for _number in range(6):
        assert library.download() == FILE_BYTES
    with library.slow_readers(12):
        assert library.memory < before + 48
    for _number in range(2):
        assert library.upload(FILE_BYTES) == 302
    assert library.flood("/", 60 * MEBIBYTE, chunked=True) == 413
    library.settles_below(before + 48)


def test_slow_readers_keep_no_page_from_anybody(library):
    """There are three threads for pages; a download needs none once it has begun."""
    with library.slow_readers(12):
        assert library.ask(library.head("GET", "/me/"))[0] == 200
