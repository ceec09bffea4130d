"""What holds for the responses of all pages."""

import base64
import gzip
import hashlib
import io
import re
import secrets
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

COMPRESSION_LEVEL = 1
"""A thread of 17 KB becomes 5 KB in 0.1 ms; level 6 would save an eighth of that and take twice as long."""
LEAST_COMPRESSED_BYTES = 1000
"""What fits into one packet anyway is not compressed."""
MOST_PADDING_BYTES = 64
COMPRESSED_TYPES = ("text/html", "application/json", "text/plain", "text/csv")
ACCEPTS_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|\s|$))")


class CompressionMiddleware:
    """Compresses pages. Static files are compressed already, uploads are served as they are.

    The length of a compressed page tells something of its content to those who see the traffic and can make
    the reader's browser ask for pages with words of their choice in them (BREACH). Other sites cannot: their
    requests come without the session (`SameSite=Lax`). The tokens in a page are masked or encrypted anew
    each time, and the length is blurred besides.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            response.streaming
            or len(response.content) < LEAST_COMPRESSED_BYTES
            or response.has_header("Content-Encoding")
            or response.headers.get("Content-Type", "").partition(";")[0] not in COMPRESSED_TYPES
        ):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        if ACCEPTS_GZIP.search(request.headers.get("Accept-Encoding", "")):
            response.content = _compressed(response.content)
            response.headers["Content-Encoding"] = "gzip"
            response.headers["Content-Length"] = str(len(response.content))
        return response


def _compressed(content: bytes) -> bytes:
    """The content as a gzip file whose own name is of random length, which nobody reads."""
    buffer = io.BytesIO()
    name = "x" * secrets.randbelow(MOST_PADDING_BYTES)
    with gzip.GzipFile(name, "wb", COMPRESSION_LEVEL, buffer, mtime=0) as file:
        file.write(content)
    return buffer.getvalue()


class PrivatePagesMiddleware:
    """No page is kept by a proxy, or by the browser of a shared computer, unless its view says otherwise.

    Static files do not come this far.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class ContentPolicyMiddleware:
    """Names in each response what its page may load and do, unless its view says otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not (settings.DEBUG and response.status_code in (404, 500)):  # Django's pages of errors
            response.headers.setdefault("Content-Security-Policy", content_policy())
        return response


@cache
def content_policy() -> str:
    """The policy of all pages. It has no nonces, so it and the head of a page are made once."""
    script = render_to_string("components/_import_map.html")
    import_map = script[script.index(">") + 1 : script.rindex("</")]
    digest = base64.b64encode(hashlib.sha256(import_map.encode()).digest()).decode()
    allowed = settings.CONTENT_SECURITY_POLICY
    allowed = allowed | {"script-src": f"{allowed['script-src']} 'sha256-{digest}'"}
    return "; ".join(f"{name} {sources}" for name, sources in allowed.items())
