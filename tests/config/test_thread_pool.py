"""The queue in front of the pool of page threads is bounded."""

import asyncio
from typing import Any

from config.thread_pool import RETRY_AFTER_SECONDS, PooledHandler


class Blocked(PooledHandler):
    """One thread, whose request takes until it is released."""

    def __init__(self, max_waiting: int) -> None:
        super().__init__(threads=1, max_waiting=max_waiting)
        self.release = asyncio.Event()

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        await self.release.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def ask(handler: PooledHandler, path: str = "/", language: str = "en") -> list[dict[str, Any]]:
    """Send one request and return the messages of its response."""
    messages: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "headers": [(b"accept-language", language.encode())],
    }
    await handler(scope, None, send)
    return messages


def test_a_request_behind_a_full_queue_gets_503_and_those_in_it_are_served() -> None:
    async def story() -> None:
        handler = Blocked(max_waiting=2)
        served = [asyncio.create_task(ask(handler)) for _ in range(3)]
        await asyncio.sleep(0)  # one has the thread, two wait
        start, body = await ask(handler, language="hu")
        assert start["status"] == 503
        assert dict(start["headers"])[b"Retry-After"] == str(RETRY_AFTER_SECONDS).encode()
        assert "Próbáld meg újra" in body["body"].decode()
        health = asyncio.create_task(ask(handler, path="/health/"))
        handler.release.set()
        assert [(await each)[0]["status"] for each in [*served, health]] == [200] * 4
        assert (await ask(handler))[0]["status"] == 200

    asyncio.run(story())
