"""Requests served on a small pool of threads, with a bounded queue in front of it.

Django starts a new thread for each request of an ASGI server, and with it a new database connection, and goes
a dozen times from the event loop to that thread and back (docs/decisions/0044-one-call-per-request.md).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from time import monotonic
from typing import IO, Any

from django.core.exceptions import RequestAborted, SuspiciousOperation
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.signals import request_started
from django.db import close_old_connections
from django.http import FileResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix
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

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class PooledHandler(ASGIHandler):
    """Django's ASGI handler, except that a request is answered by one call in a thread of the pool.

    Django's own goes from the event loop to a thread and back a dozen times for a page: for each signal, each
    piece of middleware below one that is synchronous, the view and the closing. All of ours is synchronous.

    A request waits in order while all threads are busy. When MAX_WAITING requests wait already, it is
    answered with 503 and Retry-After. The server has read the whole request body before it calls this
    handler, and the thread is free again when the response begins: a slow client occupies no thread.
    """

    def __init__(self, threads: int = PAGE_THREADS, max_waiting: int = MAX_WAITING) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="page")
        self._free = asyncio.Semaphore(threads)
        self._max_waiting = max_waiting
        self._waiting = 0

    def load_middleware(self, is_async: bool = False) -> None:
        """As Django's, for one thread from the first to the last."""
        super().load_middleware(is_async=False)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"only HTTP is served here, not {scope['type']}")
        started, status = monotonic(), "none"

        async def send_counted(message: Mapping[str, Any]) -> None:
            nonlocal status
            await send(message)
            if message["type"] == "http.response.start":
                status = f"{message['status'] // 100}xx"
                PAGE_SECONDS.observe(monotonic() - started)

        try:
            if scope["path"] == HEALTH_PATH:
                await say_up(send_counted)
            elif self._waiting >= self._max_waiting:
                await refuse(scope, send_counted)
            else:
                await self.handle(scope, receive, send_counted)
        except RequestAborted:
            pass  # the client is gone
        finally:
            PAGES.labels(status).inc()

    async def handle(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer when a thread is free. Raises RequestAborted when the client does not wait for it."""
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            body = await self.read_body(receive)
        except BaseException:
            self._free.release()
            raise
        loop = asyncio.get_running_loop()
        # In a context of its own, as a task has: languages and the like are not those of the last request.
        answer = loop.run_in_executor(self._threads, copy_context().run, self.answer, scope, body)
        answer.add_done_callback(lambda _done: self._free.release())
        response = await answer
        try:
            await self.send_response(response, send)
        finally:
            if not response.closed:
                await loop.run_in_executor(self._threads, response.close)

    def answer(self, scope: dict[str, Any], body: IO[bytes]) -> HttpResponseBase:
        """The response to a request. It is closed already, unless it is a stream."""
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=type(self), scope=scope)
        request, response = self.create_request(scope, body)
        if request is None:
            body.close()
        else:
            response = self.get_response(request)
        response._handler_class = type(self)
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        if response.streaming:
            close_old_connections()  # its reader may be slow
        else:
            response.close()
        return response

    def create_request(self, scope: Mapping[str, Any], body_file: IO[bytes]) -> Any:
        """As Django's, with 400 as well for a content type that it cannot read and for too many parameters,
        which it counts as soon as the content type names an encoding."""
        try:
            return super().create_request(scope, body_file)
        except (ValueError, SuspiciousOperation):
            body = in_their_language(
                scope["headers"],
                lambda: gettext("Something in the request wasn’t right. Go back and try again."),
            )
            return None, HttpResponseBadRequest(body, content_type="text/plain; charset=utf-8")


async def say_up(send: Send) -> None:
    """Answer that the process responds, to whatever name it was asked by."""
    headers = [(b"Content-Type", b"text/plain"), (b"Cache-Control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"up\n"})


async def refuse(scope: dict[str, Any], send: Send) -> None:
    """Answer 503 in the reader's language, without a thread or the database: with a page, or to a script
    with a sentence. The page is a kept piece, since turning away has to cost next to nothing."""
    is_page = any(b"text/html" in value for name, value in scope["headers"] if name == b"accept")
    is_form = scope["method"] == "POST"

    def words() -> str:
        if is_page:
            return pieces.draw("503.html", is_form=is_form)
        return gettext("That didn’t go through. Try again in a moment.")

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
