"""The metrics of this process, in the text format of Prometheus."""

import hmac
import ipaddress

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from common.metrics import REGISTRY

PROXY_HEADERS = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")
"""Headers that a reverse proxy adds: then the request only seems to come from this machine."""


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """All metrics of `common.metrics`. Raises Http404 if the client may not read them."""
    if not may_see(request):
        raise Http404
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def may_see(request: HttpRequest) -> bool:
    """Whether the client sends the token. Without one in the settings nobody in production, because a proxy
    may forward requests without a trace, and elsewhere whoever is on this machine."""
    if settings.METRICS_TOKEN:
        kind, _space, token = request.headers.get("Authorization", "").partition(" ")
        # Compared as bytes, because compare_digest refuses strings that are not ASCII.
        same = hmac.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
        return kind.lower() == "bearer" and same
    return (
        settings.MODE != "production"
        and not any(name in request.headers for name in PROXY_HEADERS)
        and _is_this_machine(request.META.get("REMOTE_ADDR", ""))
    )


def _is_this_machine(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
