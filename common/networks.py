"""The network address that a request comes from, as far as we know it.

Behind a proxy every connection comes from the proxy, which names the visitor in X-Forwarded-For. If the
setting for that is missing, everybody would seem to be one visitor, whose limits anybody could use up. So an
address of our own network is never taken for a visitor's.
"""

import ipaddress
import logging
import re
from functools import cache

from django.conf import settings
from django.http import HttpRequest

IPV6_PREFIX = 64
"""The part of an IPv6 address that is one household or one school."""
PROXY_HEADERS = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via")

logger = logging.getLogger("aftercourse.network")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def network_of(request: HttpRequest) -> str:
    """The visitor's network address, of IPv6 only the prefix; empty if we do not know it."""
    connected = _parse(request.META.get("REMOTE_ADDR", ""))
    # The nearest proxy appends to the header what it saw itself; the rest a visitor may have made up.
    named = _parse(request.headers.get("X-Forwarded-For", "").rpartition(",")[2])
    if settings.BEHIND_PROXY:
        return _network(named)  # who connected is the proxy, and not one visitor
    if is_proxy_unknown(request):
        warn_of_unknown_proxy()
    if connected is None or connected.is_loopback:
        # This machine, or a proxy on it.
        return _network(named) if named is not None else ""
    return _network(named if named is not None and not connected.is_global else connected)


def is_proxy_unknown(request: HttpRequest) -> bool:
    """Whether a proxy brought this request although the settings say that there is none."""
    return not settings.BEHIND_PROXY and any(name in request.headers for name in PROXY_HEADERS)


@cache
def warn_of_unknown_proxy() -> None:
    """Log, once per process, that the setting is missing."""
    logger.warning(
        "Requests come through a proxy, but AFTERCOURSE_BEHIND_PROXY is not set. Set it to true; until then "
        "limits on guessing cannot tell visitors apart by their network."
    )


def _parse(text: str) -> Address | None:
    # Some proxies add the port.
    with_port = re.fullmatch(r"([\d.]+):\d+|\[([\da-fA-F:.]+)\](?::\d+)?", text.strip())
    try:
        address = ipaddress.ip_address((with_port[1] or with_port[2]) if with_port else text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _network(address: Address | None) -> str:
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((address, IPV6_PREFIX), strict=False).network_address)
    return str(address or "")
