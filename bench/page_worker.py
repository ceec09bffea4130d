"""A process that asks Django for pages of one database and measures what they take, without a server.

Each installation has a process of its own, so that several are measured in turn. The process has the settings
of production and the server's of the garbage collector; a request passes every middleware and gives its
database connection back to the pool, as under a server.
"""

import cProfile
import gc
import gzip
import io
import multiprocessing
import os
import pstats
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests.site import ROOT

HOST = "localhost"
PROFILED_LINES = 60
UNDRAWN_REQUESTS, CHANGED_REQUESTS = 3, 7


@dataclass(frozen=True)
class Cost:
    """What a page takes apart from the time of requests that follow each other."""

    status: int
    statements: int
    raw: int
    gzipped: int
    undrawn_ms: float
    """Processor time in this process when no piece of the page is kept from an earlier request."""
    changed_ms: float
    """The same for the first request after somebody else has replied in the reader's space."""


@dataclass(frozen=True)
class Times:
    """Milliseconds of the processor for each of several requests: in this process, and in its connection to
    PostgreSQL (zero with SQLite, which is part of this process)."""

    ours: list[float]
    database: float


class Worker:
    """The process of one database."""

    def __init__(self, url: str) -> None:
        # Settings are read once in a process, so it is a new one and not a fork.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, url), daemon=True)
        self._process.start()

    def pages(self) -> dict[str, dict[str, str]]:
        """The path of each page by its name, by the name of its reader."""
        return self._ask("pages")

    def cost(self, reader: str, page: str) -> Cost:
        """What it takes apart from time, after requests that are not measured."""
        return self._ask("cost", reader, page)

    def times(self, reader: str, page: str, requests: int) -> Times:
        """How long so many requests take."""
        return self._ask("times", reader, page, requests)

    def profile(self, reader: str, page: str, requests: int) -> str:
        """The statements of a request and their milliseconds, and the functions of so many."""
        return self._ask("profile", reader, page, requests)

    def end(self) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.join()

    def _ask(self, *question: Any) -> Any:
        self._pipe.send(question)
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


def production(folder: str, url: str) -> dict[str, str]:
    """The environment of an installation in production, with its files in a folder."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AFTERCOURSE_")}
    return clean | {
        "AFTERCOURSE_MODE": "production",
        "AFTERCOURSE_SECRET_KEY": "a key of nobody, 0123456789 abcdefghijklm",
        "AFTERCOURSE_URL": f"https://{HOST}",
        "AFTERCOURSE_BEHIND_PROXY": "true",
        "AFTERCOURSE_MAIL_FROM": "Aftercourse <bench@programme.example>",
        "AFTERCOURSE_MAIL_URL": "dummymail://",
        "AFTERCOURSE_VAR": folder,
        "AFTERCOURSE_DATABASE_URL": url,
    }


def _work(pipe: Connection, url: str) -> None:
    """Answer questions until the process is ended."""
    with tempfile.TemporaryDirectory(prefix="aftercourse-bench-") as folder:
        os.environ.update(production(folder, url))
        command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
        subprocess.run(command, cwd=ROOT, check=True)
        asking = _Asking(Path(folder))
        while True:
            name, *arguments = pipe.recv()
            try:
                pipe.send(getattr(asking, name)(*arguments))
            except Exception as error:
                pipe.send(RuntimeError(f"{name} {arguments}: {error!r}"))


class _Asking:
    """Asks for pages, in the process of the worker."""

    def __init__(self, folder: Path) -> None:
        import django

        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        django.setup()
        from django.core.handlers.wsgi import WSGIHandler
        from django.db import connection

        from bench.page_readers import READERS, pages_of, sign_in
        from config.garbage import THRESHOLDS

        self._connection = connection
        self._paths = {reader.name: pages_of(reader) for reader in READERS}
        self._keys = {reader.name: sign_in(reader.address) for reader in READERS if self._paths[reader.name]}
        self._backend = 0
        connection.close()
        self._handler = WSGIHandler()
        gc.collect()
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)

    def pages(self) -> dict[str, dict[str, str]]:
        return self._paths

    def cost(self, reader: str, page: str) -> Cost:
        from django.test.utils import CaptureQueriesContext

        from common import pieces

        ask = self._request(reader, page)
        ask()
        ask()
        with CaptureQueriesContext(self._connection) as captured:
            status, body = ask()
        # Counted now, since the next request clears the log.
        statements = len(captured.captured_queries)
        undrawn = []
        for _ in range(UNDRAWN_REQUESTS):
            pieces.store.clear()
            started = time.process_time()
            ask()
            undrawn.append(1000 * (time.process_time() - started))
        size, gzipped = len(body), len(gzip.compress(body, 6))
        changed = [self._after_a_reply(reader, ask) for _ in range(CHANGED_REQUESTS)]
        return Cost(status, statements, size, gzipped, statistics.median(undrawn), statistics.median(changed))

    def _after_a_reply(self, reader: str, ask: Callable[[], tuple[int, bytes]]) -> float:
        """Milliseconds of the first request after somebody else has replied."""
        from bench.page_readers import READERS, replied

        ask()
        with replied(next(each for each in READERS if each.name == reader)):
            self._connection.close()
            started = time.process_time()
            ask()
            taken = 1000 * (time.process_time() - started)
        self._connection.close()
        return taken

    def times(self, reader: str, page: str, requests: int) -> Times:
        ask = self._request(reader, page)
        ask()
        self._find_backend()
        gc.collect()
        ours, before = [], self._database_seconds()
        for _ in range(requests):
            started = time.process_time()
            ask()
            ours.append(1000 * (time.process_time() - started))
        return Times(ours, 1000 * (self._database_seconds() - before) / requests)

    def profile(self, reader: str, page: str, requests: int) -> str:
        ask = self._request(reader, page)
        ask()
        statements: list[str] = []

        def timed(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
            # Not from the log of queries, which has no text of statements that are prepared.
            started = time.perf_counter()
            try:
                return execute(sql, *arguments)
            finally:
                statements.append(f"{1000 * (time.perf_counter() - started):7.1f} ms  {sql}")

        with self._connection.execute_wrapper(timed):
            ask()
        profile = cProfile.Profile()
        profile.enable()
        for _ in range(requests):
            ask()
        profile.disable()
        text = io.StringIO()
        stats = pstats.Stats(profile, stream=text)
        stats.sort_stats("tottime").print_stats(PROFILED_LINES)
        stats.sort_stats("cumulative").print_stats(2 * PROFILED_LINES)
        return "\n".join(statements) + "\n" + text.getvalue().replace(f"{ROOT}/", "")

    def _request(self, reader: str, page: str) -> Callable[[], tuple[int, bytes]]:
        """A function that asks for the page and returns its status and body."""
        path, key = self._paths[reader][page], self._keys[reader]
        status: list[str] = []

        def respond(line: str, _headers: list[tuple[str, str]], _error: Any = None) -> Any:
            status.append(line)

        def ask() -> tuple[int, bytes]:
            status.clear()
            response = self._handler(_environ(path, key), respond)
            body = b"".join(response)
            response.close()
            return int(status[0].split()[0]), body

        return ask

    def _find_backend(self) -> None:
        """Find the process of our connection, which the pool replaces now and then."""
        if self._connection.vendor == "postgresql":
            with self._connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self._backend = int(cursor.fetchone()[0])
            self._connection.close()

    def _database_seconds(self) -> float:
        """Processor seconds of our connection's process in PostgreSQL so far; 0 where it cannot be read."""
        file = Path(f"/proc/{self._backend}/schedstat")
        return int(file.read_text().split()[0]) / 1e9 if self._backend and file.exists() else 0.0


def _environ(path: str, key: str) -> dict[str, Any]:
    """What a server would hand to Django."""
    path, _, query = path.partition("?")
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": HOST,
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": HOST,
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_X_FORWARDED_FOR": "127.0.0.1",
        "HTTP_ACCEPT": "text/html",
        "HTTP_ACCEPT_LANGUAGE": "en",
        "HTTP_COOKIE": f"sessionid={key}",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
