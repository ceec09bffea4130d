"""Which pages may open a socket: those of this very site, by scheme, host and port.

A browser sends the session's cookie with a socket that a page of another service on the same host opens, on
another port or over plain HTTP, because a cookie knows neither.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from messaging.live import frames, metrics

LOG_INTERVAL_SECONDS = 600.0
DEFAULT_PORTS = {"http": 80, "https": 443}

Application = Callable[..., Awaitable[None]]

logger = logging.getLogger("aftercourse.live")


def origin_of(url: str) -> bytes:
    """The origin of a URL as browsers write it: lowercase, without the default port."""
    parts = urlsplit(url.strip().lower())
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in (None, DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}".encode()


class OriginCheck:
    """Passes on sockets from pages of `AFTERCOURSE_URL` and of the trusted origins, and refuses all others.

    The demo and the tests are reached under several names and ports, so there a page of the host that was
    asked for is trusted too.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._trusted = {origin_of(url) for url in (settings.SITE_URL, *settings.CSRF_TRUSTED_ORIGINS) if url}
        self._logged_at = float("-inf")

    def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> Awaitable[None]:
        if self.is_trusted(scope):
            return self._application(scope, receive, send)
        return self._refuse(receive, send)

    def is_trusted(self, scope: Mapping[str, Any]) -> bool:
        """Whether the page that opens this socket is one of ours."""
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        if len(origins) != 1:
            return False
        return origins[0] in self._trusted or (
            settings.MODE != "production" and _is_of_host_asked_for(origins[0], scope)
        )

    async def _refuse(self, receive: Any, send: Any) -> None:
        metrics.REFUSED.labels("origin").inc()
        if monotonic() - self._logged_at > LOG_INTERVAL_SECONDS:
            self._logged_at = monotonic()
            logger.warning(
                "A socket from a page of another address was refused. If people reach this site under "
                "several, name them in AFTERCOURSE_TRUSTED_ORIGINS (logged once in ten minutes)"
            )
        await receive()
        await send({"type": "websocket.close", "code": frames.CLOSE_ENDED})


def _is_of_host_asked_for(origin: bytes, scope: Mapping[str, Any]) -> bool:
    asked = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
    return origin == b"http://" + asked.encode("latin-1") and validate_host(
        split_domain_port(asked)[0], settings.ALLOWED_HOSTS
    )
