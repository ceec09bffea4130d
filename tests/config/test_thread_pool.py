"""The queue in front of the pool of page threads is bounded."""

import asyncio
import io
from typing import Any

import pytest
from django.utils import translation

from config.thread_pool import RETRY_AFTER_SECONDS, PooledHandler


class Blocked(PooledHandler):
    """One thread, whose request takes until it is released."""

    def __init__(self, max_waiting: int) -> None:
        super().__init__(threads=1, max_waiting=max_waiting)
        self.release = asyncio.Event()

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        await self.release.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def ask(
    handler: PooledHandler, path: str = "/", language: str = "en", method: str = "GET", accept: str = "*/*"
) -> list[dict[str, Any]]:
    """Send one request and return the messages of its response."""
    messages: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(b"accept-language", language.encode()), (b"accept", accept.encode())],
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
        handler.release.set()
        assert [(await each)[0]["status"] for each in served] == [200] * 3
        assert (await ask(handler))[0]["status"] == 200

    asyncio.run(story())


class Full(Blocked):
    """Nobody may wait, and the one thread is taken."""

    def __init__(self) -> None:
        super().__init__(max_waiting=0)


HTML = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("language", ["en", "hu", "lt", "pl", "ru"])
def test_a_person_who_is_turned_away_gets_a_page_that_asks_no_database(language: str) -> None:
    start, body = asyncio.run(ask(Full(), "/threads/1/", language, accept=HTML))
    headers, page = dict(start["headers"]), body["body"].decode()
    assert start["status"] == 503
    assert headers[b"Content-Type"] == b"text/html; charset=utf-8"
    assert headers[b"Content-Length"] == str(len(body["body"])).encode()
    assert headers[b"Cache-Control"] == b"no-store"
    assert b"default-src 'none'" in headers[b"Content-Security-Policy"]
    assert f'<html lang="{language}"' in page
    assert '<a class="button" href="">' in page
    with translation.override(language):
        assert translation.gettext("That did not get through. Try it again in a moment.") in page


def test_who_sent_a_form_is_told_to_send_it_again() -> None:
    _start, body = asyncio.run(ask(Full(), method="POST", accept=HTML))
    assert "Go back and send it once more." in body["body"].decode()
    assert 'href=""' not in body["body"].decode()


@pytest.mark.parametrize("accept", ["application/json", "*/*", "image/*"])
def test_a_script_that_is_turned_away_gets_a_sentence(accept: str) -> None:
    start, body = asyncio.run(ask(Full(), accept=accept))
    assert dict(start["headers"])[b"Content-Type"] == b"text/plain; charset=utf-8"
    assert body["body"].decode() == "That did not get through. Try it again in a moment."


def test_a_thread_is_free_again_as_soon_as_the_response_begins() -> None:
    class SlowReader(Blocked):
        """A request whose response begins at once and is read when it is released."""

        async def handle(self, scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await self.release.wait()

    async def story() -> None:
        handler = SlowReader(max_waiting=5)
        reading = [asyncio.create_task(ask(handler)) for _ in range(5)]
        for _ in range(20):
            await asyncio.sleep(0)
        assert handler._free.qsize() == 1, "five are read, and the one thread waits for more"
        handler.release.set()
        await asyncio.gather(*reading)
        assert handler._free.qsize() == 1

    asyncio.run(story())


def test_a_thread_comes_back_when_the_application_fails() -> None:
    class Failing(PooledHandler):
        async def handle(self, scope: Any, receive: Any, send: Any) -> None:
            raise RuntimeError

    async def story() -> None:
        handler = Failing(threads=1)
        for _ in range(3):
            with pytest.raises(RuntimeError):
                await ask(handler)
        assert handler._free.qsize() == 1

    asyncio.run(story())


def test_health_needs_no_thread() -> None:
    async def story() -> None:
        handler = Blocked(max_waiting=2)
        hanging = [asyncio.create_task(ask(handler)) for _ in range(3)]
        await asyncio.sleep(0)
        start, body = await ask(handler, path="/health/")
        assert (start["status"], body["body"]) == (200, b"up\n")
        handler.release.set()
        await asyncio.gather(*hanging)

    asyncio.run(story())


def test_a_request_that_cannot_be_read_is_answered_in_its_language() -> None:
    headers = [(b"accept-language", b"hu"), (b"content-type", b"text/plain; charset=utf-8")]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers, "query_string": b"a&" * 2000}
    with translation.override("lt"):
        request, response = PooledHandler().create_request(scope, io.BytesIO())
    assert (request, response.status_code) == (None, 400)
    assert response.content.decode().startswith("Valami nem volt rendben")
