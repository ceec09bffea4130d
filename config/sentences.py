"""A sentence for whoever sent a request that no view will see: in their browser's language, as plain text."""

import io
from collections.abc import Callable, Iterable

from django.core.handlers.asgi import ASGIRequest
from django.utils import translation

Headers = Iterable[tuple[bytes, bytes]]


def in_their_language(headers: Headers, sentence: Callable[[], str]) -> bytes:
    """The encoded sentence in the language that these request headers ask for.

    `headers` have lowercase names, as in ASGI. Uses no database.
    """
    telling = [header for header in headers if header[0] in (b"accept-language", b"cookie")]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": telling}
    request = ASGIRequest(scope, io.BytesIO())
    with translation.override(translation.get_language_from_request(request)):
        return sentence().encode()
