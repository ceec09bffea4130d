"""A socket is opened by pages of this very site: scheme, host and port have to be the same."""

import asyncio
from typing import Any

import pytest

from config.origins import OriginCheck, origin_of
from messaging.live import frames

SITE = "https://aftercourse.example"


@pytest.fixture
def check(settings):
    settings.MODE, settings.SITE_URL = "production", SITE
    settings.CSRF_TRUSTED_ORIGINS = ["https://other.example:8443"]
    settings.ALLOWED_HOSTS = ["aftercourse.example", "localhost"]

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})

    return OriginCheck(application)


def answer(check: OriginCheck, *origins: str, host: str = "aftercourse.example") -> dict[str, Any]:
    """The first thing the client gets."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"host", host.encode()), *((b"origin", origin.encode()) for origin in origins)]
    asyncio.run(check({"type": "websocket", "headers": headers}, receive, send))  # type: ignore[arg-type]
    return sent[0]


@pytest.mark.parametrize("origin", [SITE, "https://other.example:8443"])
def test_pages_of_this_site_are_let_in(check, origin):
    assert answer(check, origin) == {"type": "websocket.accept"}


@pytest.mark.parametrize(
    "origin",
    [
        "http://aftercourse.example",
        "https://aftercourse.example:8443",
        "https://aftercourse.example:80",
        "https://evil.example",
        "https://aftercourse.example.evil.example",
        "https://sub.aftercourse.example",
        "https://other.example",
        "http://localhost",
        "https://aftercourse.example/",
        "null",
        "",
        "file://",
    ],
)
def test_pages_of_another_scheme_host_or_port_are_not(check, origin):
    assert answer(check, origin) == {"type": "websocket.close", "code": frames.CLOSE_ENDED}


def test_without_an_origin_or_with_two_nobody_is_let_in(check):
    assert answer(check)["type"] == "websocket.close"
    assert answer(check, SITE, SITE)["type"] == "websocket.close"


def test_the_demo_is_reached_under_several_names_of_this_machine(check, settings):
    settings.MODE = "demo"
    assert answer(check, "http://localhost:8080", host="localhost:8080")["type"] == "websocket.accept"
    for origin, host in (
        ("http://localhost:8080", "localhost:9090"),
        ("http://evil.example", "evil.example"),
        ("http://localhost:9090", "localhost:8080"),
        ("null", "localhost:8080"),
    ):
        assert answer(check, origin, host=host)["type"] == "websocket.close"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Aftercourse.Example", b"https://aftercourse.example"),
        ("https://aftercourse.example:443", b"https://aftercourse.example"),
        ("http://aftercourse.example:80", b"http://aftercourse.example"),
        ("http://aftercourse.example:443", b"http://aftercourse.example:443"),
        ("http://[::1]:8000", b"http://[::1]:8000"),
    ],
)
def test_an_origin_is_written_as_browsers_do(url, origin):
    assert origin_of(url) == origin


def test_a_refused_socket_is_in_the_log_once_and_without_its_address(check, caplog):
    for _time in range(3):
        answer(check, "https://evil.example")
    [record] = caplog.records
    assert "AFTERCOURSE_TRUSTED_ORIGINS" in record.getMessage()
    assert "evil" not in record.getMessage()
