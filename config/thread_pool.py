"""Pages made on a few threads that stay.

Django takes a new thread for each request of an asynchronous server, and with it a new connection to the
database. On threads that stay the connections stay too; a page on SQLite or PostgreSQL takes half the time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

from asgiref.sync import ThreadSensitiveContext
from django.core.handlers.asgi import ASGIHandler
from prometheus_client import Counter, Histogram

from common.metrics import LATENCY_BUCKETS_SECONDS, REGISTRY

THREADS = 3
"""SQLite lets one write at a time, and a page of ours is mostly Python: more threads only wait for each
other."""

PAGES = Counter(
    "aftercourse_page_requests_total",
    "Requests by class of status; none where the client had gone.",
    ["status"],
    registry=REGISTRY,
)
PAGE_SECONDS = Histogram(
    "aftercourse_page_seconds",
    "From reading a request, waiting for a thread included, to the end of its answer.",
    buckets=LATENCY_BUCKETS_SECONDS,
    registry=REGISTRY,
)


class PooledHandler(ASGIHandler):
    """Django's way in, except that each request borrows one of the kept threads and gives it back.

    Who comes while all are taken waits its turn. The server has read the whole request before it comes
    here, so a slow line holds no thread.
    """

    def __init__(self, threads: int = THREADS) -> None:
        super().__init__()
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
            raise ValueError(f"only pages are served here, not {scope['type']}")
        came, answer = monotonic(), "none"

        async def send_and_note(message: Mapping[str, Any]) -> None:
            nonlocal answer
            if message["type"] == "http.response.start":
                answer = f"{message['status'] // 100}xx"
            await send(message)

        thread = await self._free.get()
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self.handle(scope, receive, send_and_note)
        finally:
            self._free.put_nowait(thread)
            PAGES.labels(answer).inc()
            PAGE_SECONDS.observe(monotonic() - came)
