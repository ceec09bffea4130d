"""What holds for the responses of all pages."""

import base64
import hashlib
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


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
