"""The queue in front of the pool of page threads is bounded."""

import asyncio
import io
import threading
from collections.abc import AsyncIterator, Callable
from typing import IO, Any

import pytest
from django.core.exceptions import RequestAborted
from django.core.signals import request_finished, request_started
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation

from config.thread_pool import RETRY_AFTER_SECONDS, PooledHandler
from tests.waiting import PATIENCE_SECONDS

GET = {"type": "http", "method": "GET", "path": "/", "headers": []}


class Blocked(PooledHandler):
    """One thread, whose request takes until it is released."""

    def __init__(self, max_waiting: int) -> None:
        super().__init__(threads=1, max_waiting=max_waiting)
        self.arrived = threading.Semaphore(0)
        self.release = threading.Event()

    def answer(self, scope: Any, body: IO[bytes]) -> HttpResponseBase:
        self.arrived.release()
        assert self.release.wait(PATIENCE_SECONDS)
        return closed(HttpResponse(), body)


def closed(response: HttpResponse, body: IO[bytes]) -> HttpResponse:
    """A response as `answer` returns it, with the request closed."""
    body.close()
    response.close()
    return response


async def receive() -> dict[str, Any]:
    """A request without a body."""
    return {"type": "http.request", "body": b"", "more_body": False}


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
        "headers": [
            (b"host", b"localhost"),
            (b"accept-language", language.encode()),
            (b"accept", accept.encode()),
        ],
    }
    await handler(scope, receive, send)
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
        assert translation.gettext("That didn’t go through. Try again in a moment.") in page


def test_who_sent_a_form_is_told_to_send_it_again() -> None:
    _start, body = asyncio.run(ask(Full(), method="POST", accept=HTML))
    assert "Go back and send it again." in body["body"].decode()
    assert 'href=""' not in body["body"].decode()


@pytest.mark.parametrize("accept", ["application/json", "*/*", "image/*"])
def test_a_script_that_is_turned_away_gets_a_sentence(accept: str) -> None:
    start, body = asyncio.run(ask(Full(), accept=accept))
    assert dict(start["headers"])[b"Content-Type"] == b"text/plain; charset=utf-8"
    assert body["body"].decode() == "That didn’t go through. Try again in a moment."


def test_a_thread_is_free_again_as_soon_as_the_response_begins() -> None:
    async def story() -> None:
        handler = Blocked(max_waiting=5)
        handler.release.set()
        began, read = asyncio.Semaphore(0), asyncio.Event()

        async def send_slowly(message: dict[str, Any]) -> None:
            began.release()
            await read.wait()

        reading = [asyncio.create_task(handler(GET, receive, send_slowly)) for _ in range(5)]
        for _ in range(5):
            await began.acquire()
        assert (await ask(handler))[0]["status"] == 200, "five are read, and the one thread waits for more"
        read.set()
        await asyncio.gather(*reading)

    asyncio.run(story())


def test_a_thread_comes_back_when_the_application_fails() -> None:
    class Failing(PooledHandler):
        def answer(self, scope: Any, body: IO[bytes]) -> HttpResponseBase:
            body.close()
            raise RuntimeError

    async def story() -> None:
        handler = Failing(threads=1)
        for _ in range(3):
            with pytest.raises(RuntimeError):
                await ask(handler)

    asyncio.run(story())


def test_who_is_gone_before_a_thread_is_free_costs_no_thread() -> None:
    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def story() -> None:
        handler = Blocked(max_waiting=5)
        handler.release.set()
        for _ in range(3):
            await handler(GET, gone, None)
        assert not handler.arrived.acquire(blocking=False)
        assert (await ask(handler))[0]["status"] == 200

    asyncio.run(story())


def test_who_goes_while_the_page_is_made_ends_its_response() -> None:
    sent = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        raise RequestAborted

    async def story() -> None:
        handler = Blocked(max_waiting=5)
        handler.release.set()
        await handler(GET, receive, send)
        assert len(sent) == 1
        assert (await ask(handler))[0]["status"] == 200

    asyncio.run(story())


def test_a_request_that_is_cancelled_while_it_waits_leaves_its_place_to_the_next() -> None:
    async def story() -> None:
        handler = Blocked(max_waiting=1)
        served = asyncio.create_task(ask(handler))
        await asyncio.to_thread(handler.arrived.acquire)
        waiting = asyncio.create_task(ask(handler))
        await asyncio.sleep(0)
        assert (await ask(handler))[0]["status"] == 503
        waiting.cancel()
        await asyncio.wait([waiting])
        last = asyncio.create_task(ask(handler))
        await asyncio.sleep(0)
        handler.release.set()
        assert [(await each)[0]["status"] for each in (served, last)] == [200, 200]

    asyncio.run(story())


class Stream(StreamingHttpResponse):
    """A stream that says in which thread it was closed."""

    closed_in = ""

    def close(self) -> None:
        self.closed_in = threading.current_thread().name
        super().close()


@pytest.mark.parametrize("fails", [False, True])
def test_a_stream_is_closed_in_a_thread_of_the_pool_when_its_reader_has_it_or_is_gone(fails: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    stream = Stream(pieces())
    got = []

    async def send(message: dict[str, Any]) -> None:
        got.append(message.get("body"))
        if fails and len(got) == 2:
            raise RequestAborted

    class Streaming(PooledHandler):
        def answer(self, scope: Any, body: IO[bytes]) -> HttpResponseBase:
            body.close()
            return stream

    asyncio.run(Streaming()(GET, receive, send))
    assert got == ([None, b"one"] if fails else [None, b"one", b"two", None])
    assert stream.closed_in.startswith("page")


@pytest.mark.django_db
def test_a_page_is_made_by_one_call_in_one_thread_and_closed_there() -> None:
    """From the first signal to the last, the middleware between them included."""
    heard: list[tuple[str, str]] = []

    def listen(name: str) -> Callable[..., None]:
        return lambda **_more: heard.append((name, threading.current_thread().name))

    started, finished = listen("started"), listen("finished")
    request_started.connect(started)
    request_finished.connect(finished)
    try:
        start, _body = asyncio.run(ask(PooledHandler(), "/no-such-page/", "hu", accept=HTML))
    finally:
        request_started.disconnect(started)
        request_finished.disconnect(finished)
    assert start["status"] == 404
    assert [name for name, _thread in heard] == ["started", "finished"]
    assert {thread for _name, thread in heard} == {"page_0"}


def test_the_language_of_a_request_is_not_that_of_the_next_in_its_thread() -> None:
    class Speaking(PooledHandler):
        def answer(self, scope: Any, body: IO[bytes]) -> HttpResponseBase:
            before = translation.get_language()
            translation.activate("hu")
            return closed(HttpResponse(before), body)

    async def story() -> None:
        handler = Speaking(threads=1)
        bodies = [(await ask(handler))[1]["body"] for _ in range(2)]
        assert bodies == [b"en", b"en"]

    with translation.override("en"):
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
