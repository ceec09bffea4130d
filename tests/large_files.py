"""A site with one large file, and clients that ask it for more than they should: for tests of its memory."""

import json
import os
import secrets
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

from tests.site import Site
from tests.waiting import PATIENCE_SECONDS, wait_until

PIECE = 64 * 1024
MARK = "t" * 32
LAY = """
import json
from django.core.files.base import ContentFile
from django.test import Client
from followup.materials.models import Material
from messaging.files.actions import store_upload
from tests.cast import create_cast
cast = create_cast()
material = Material.objects.create(run=cast.run, title="Film")
film = ContentFile(b"%PDF-" + bytes({size} - 5), name="film.pdf")
file = store_upload(kind="material", thing_id=material.pk, upload=film, by=cast.trainer)
client = Client()
client.force_login(cast.trainer)
session = client.cookies["sessionid"].value
print(json.dumps([session, file.get_absolute_url(), cast.month.pk, cast.run.pk]))
"""


class Library:
    """The site, asked by its trainer."""

    def __init__(self, site: Site, size: int) -> None:
        self.site, self.size = site, size
        printed = site.manage("shell", "-v0", "-c", LAY.format(size=size)).splitlines()[-1]
        self.session, self.path, self.month, self.run = json.loads(printed)
        self.cookie = f"Cookie: sessionid={self.session}; csrftoken={MARK}\r\n"

    @property
    def memory(self) -> int:
        """The resident memory of the server in MiB."""
        process = self.site.servers[0].process
        assert process is not None
        status = Path(f"/proc/{process.pid}/status").read_text()
        (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
        return int(line.split()[1]) // 1024

    def connect(self, receive_buffer: int = 0) -> socket.socket:
        """A connection to the server."""
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(PATIENCE_SECONDS)
        client.connect(("127.0.0.1", self.site.servers[0].port))
        return client

    def head(self, method: str, path: str, *headers: str, close: bool = True) -> bytes:
        """The head of a request in the trainer's name."""
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers, self.cookie.strip()]
        lines += ["Connection: close"] if close else []
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def ask(self, *parts: bytes) -> tuple[int, dict[str, str], bytes]:
        """Send these bytes and return the whole answer: status, headers and body. A server that refuses need
        not read all."""
        with self.connect() as client:
            with suppress(ConnectionError):
                for part in parts:
                    client.sendall(part)
            return read_answer(client)

    def download(self, method: str = "GET") -> int:
        """Download the file, and return how many bytes of it came."""
        status, headers, body = self.ask(self.head(method, self.path))
        assert status == 200
        assert int(headers["content-length"]) == self.size
        return len(body)

    def slow_readers(self, count: int) -> ExitStack:
        """Readers who begin the download and then read nothing; they are gone when the stack is closed."""
        readers = ExitStack()
        for _number in range(count):
            client = readers.enter_context(self.connect(receive_buffer=4096))
            # Gone at once, whatever has not been read.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.sendall(self.head("GET", self.path))
            assert client.recv(16).startswith(b"HTTP/1.1 200")
        return readers

    def upload(self, size: int, title: str | None = None) -> int:
        """Upload a file of this size, under a new title or this one, and return the status."""
        boundary = secrets.token_hex(8)
        fields = {
            "csrfmiddlewaretoken": MARK,
            "run": self.run,
            "title": f"Film {secrets.token_hex(4)}" if title is None else title,
        }
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        parts.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="upload"; filename="film.pdf"\r\n\r\n%PDF-'
        )
        before, after = "".join(parts).encode(), f"\r\n--{boundary}--\r\n".encode()
        head = self.head(
            "POST",
            f"/months/{self.month}/materials/",
            f"Content-Length: {len(before) + size - 5 + len(after)}",
            f"Content-Type: multipart/form-data; boundary={boundary}",
        )
        pieces = [bytes(PIECE)] * ((size - 5) // PIECE) + [bytes((size - 5) % PIECE)]
        return self.ask(head, before, *pieces, after)[0]

    def flood(self, path: str, size: int, *, chunked: bool, host: str = "localhost") -> int:
        """Send a body of this size; returns the status."""
        length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
        head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{length}\r\n\r\n"
        piece = b"%x\r\n%s\r\n" % (PIECE, bytes(PIECE)) if chunked else bytes(PIECE)
        end = b"0\r\n\r\n" if chunked else b""
        return self.ask(head.encode(), *[piece] * (size // PIECE), end)[0]

    def settles_below(self, limit: int) -> None:
        """Wait until its memory (MiB) is below a limit; collecting garbage may take some seconds."""
        wait_until(lambda: self.memory < limit, f"memory below {limit} MiB", lambda: f"{self.memory} MiB")


def read_answer(client: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """The answer on a connection that the server closes."""
    received = bytearray()
    with suppress(ConnectionError):
        while piece := client.recv(PIECE):
            received += piece
    head, _blank, body = bytes(received).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines)}
    assert first, "the connection ended without an answer"
    return int(first.split()[1]), headers, body


def database() -> str:
    """The database of this test run."""
    return os.environ.get("AFTERCOURSE_TEST_DATABASE", "sqlite")
