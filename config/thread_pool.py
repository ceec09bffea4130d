"""Requests served on a small pool of threads, with a bounded queue in front of it.

Django starts a new thread for each request of an ASGI server, and with it a new database connection. Pool
threads keep their connections, which halves the time of a page on SQLite and PostgreSQL alike.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import IO, Any

from asgiref.sync import ThreadSensitiveContext
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpResponseBadRequest
from django.utils.translation import gettext
from prometheus_client import Counter, Histogram

from common import pieces
from common.metrics import LATENCY_BUCKETS_SECONDS, REGISTRY
from config.middleware import content_policy
from config.sentences import in_their_language

PAGE_THREADS = 3
"""SQLite has one writer at a time and a page is mostly Python, so more threads would only wait for each
other."""
MAX_WAITING = 200
"""Requests that may wait for a thread. At about 50 pages a second the last of them waits four seconds;
further requests are refused at once."""
RETRY_AFTER_SECONDS = 5
HEALTH_PATH = "/health/"
"""Answered without a thread: full or waiting threads are no reason to restart the process, which is what a
failing health check leads to."""

PAGES = Counter(
    "aftercourse_page_requests_total",
    "Requests by class of status; none if the client disconnected.",
    ["status"],
    registry=REGISTRY,
)
PAGE_SECONDS = Histogram(
    "aftercourse_page_seconds",
    "From reading a request, waiting for a thread included, to the beginning of its response.",
    buckets=LATENCY_BUCKETS_SECONDS,
    registry=REGISTRY,
)


class PooledHandler(ASGIHandler):
    """Django's ASGI handler, except that each request borrows a thread of the pool.

    A request waits in order while all threads are busy. When MAX_WAITING requests wait already, it is
    answered with 503 and Retry-After. The server has read the whole request body before it calls this
    handler, and the thread is free again when the response begins: a slow client occupies no thread.
    """

    def __init__(self, threads: int = PAGE_THREADS, max_waiting: int = MAX_WAITING) -> None:
        super().__init__()
        self._max_waiting = max_waiting
        self._waiting = 0
        self._free: asyncio.Queue[ThreadPoolExecutor] = asyncio.Queue()
        for number in range(threads):
            self._free.put_nowait(ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"page-{number}"))

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Mapping[str, Any]]],
        send: Callable[[Mapping[str, Any]], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            raise ValueError(f"only HTTP is served here, not {scope['type']}")
        started, status = monotonic(), "none"
        thread: ThreadPoolExecutor | None = None

        def free_thread() -> None:
            nonlocal thread
            if thread is not None:
                self._free.put_nowait(thread)
                thread = None

        async def send_without_thread(message: Mapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = f"{message['status'] // 100}xx"
                PAGE_SECONDS.observe(monotonic() - started)
                free_thread()
            await send(message)

        try:
            if scope["path"] == HEALTH_PATH:
                await say_up(send_without_thread)
            elif self._waiting >= self._max_waiting:
                await refuse(scope, send_without_thread)
            else:
                thread = await self._next_thread()
                async with ThreadSensitiveContext(executor=thread):
                    await self.handle(scope, receive, send_without_thread)
        finally:
            free_thread()
            PAGES.labels(status).inc()

    def create_request(self, scope: Mapping[str, Any], body_file: IO[bytes]) -> Any:
        """As Django's, with 400 as well for a content type that it cannot read and for too many parameters,
        which it counts as soon as the content type names an encoding."""
        try:
            return super().create_request(scope, body_file)
        except (ValueError, SuspiciousOperation):
            body = in_their_language(
                scope["headers"],
                lambda: gettext(
                    "Something in the request was not as it should be. Go back and try once more."
                ),
            )
            return None, HttpResponseBadRequest(body, content_type="text/plain; charset=utf-8")

    async def _next_thread(self) -> ThreadPoolExecutor:
        self._waiting += 1
        try:
            return await self._free.get()
        finally:
            self._waiting -= 1


async def say_up(send: Callable[[Mapping[str, Any]], Awaitable[None]]) -> None:
    """Answer that the process responds, to whatever name it was asked by."""
    headers = [(b"Content-Type", b"text/plain"), (b"Cache-Control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"up\n"})


async def refuse(scope: dict[str, Any], send: Callable[[Mapping[str, Any]], Awaitable[None]]) -> None:
    """Answer 503 in the reader's language, without a thread or the database: with a page, or to a script
    with a sentence. The page is a kept piece, since turning away has to cost next to nothing."""
    is_page = any(b"text/html" in value for name, value in scope["headers"] if name == b"accept")
    is_form = scope["method"] == "POST"

    def words() -> str:
        if is_page:
            return pieces.draw("503.html", is_form=is_form)
        return gettext("That did not get through. Try it again in a moment.")

    body = in_their_language(scope["headers"], words)
    headers = [
        (b"Content-Type", b"text/html; charset=utf-8" if is_page else b"text/plain; charset=utf-8"),
        (b"Content-Length", str(len(body)).encode()),
        (b"Retry-After", str(RETRY_AFTER_SECONDS).encode()),
        (b"Cache-Control", b"no-store"),
        (b"Vary", b"Accept, Accept-Language, Cookie"),
        (b"Content-Security-Policy", content_policy().encode()),
        (b"X-Content-Type-Options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})
