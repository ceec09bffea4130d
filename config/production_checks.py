"""Settings that production refuses to start with: a missing one must fail at the first start."""

from collections.abc import Iterable, Iterator, Mapping
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

MODES = ("production", "demo", "test")
LOG_FORMATS = ("lines", "json")
MIN_SQLITE_VERSION = (3, 35, 0)
DEMO_KEY_PREFIX = "only-for-demo-and-tests-"
MIN_KEY_CHARS = 32
MIN_DIFFERENT_KEY_CHARS = 10


def require_sqlite(version: tuple[int, ...]) -> None:
    """Raise ImproperlyConfigured when SQLite has no RETURNING, which the chat's SQL uses."""
    if version < MIN_SQLITE_VERSION:
        raise ImproperlyConfigured(
            f"SQLite here is {'.'.join(map(str, version))}; "
            f"{'.'.join(map(str, MIN_SQLITE_VERSION))} or newer is needed."
        )


def problems(settings: Mapping[str, Any]) -> list[str]:
    """Why these settings are unsafe in production, one sentence per problem."""
    return [
        *_problems_of_key(settings["SECRET_KEY"]),
        *_problems_of_addresses(settings),
        *_problems_of_names(settings),
        *_others(settings),
    ]


def refuse_to_start(settings: Mapping[str, Any], malformed: Iterable[str] = ()) -> None:
    """Raise ImproperlyConfigured naming every malformed setting, and in production every unsafe one."""
    found = list(malformed)
    if settings["MODE"] == "production":
        found += problems(settings)
    if found:
        raise ImproperlyConfigured("Aftercourse does not start with these settings:\n- " + "\n- ".join(found))


def _problems_of_key(key: str) -> Iterator[str]:
    if len(key) < MIN_KEY_CHARS:
        yield f"AFTERCOURSE_SECRET_KEY is missing or shorter than {MIN_KEY_CHARS} characters."
    elif key.startswith(DEMO_KEY_PREFIX):
        yield "AFTERCOURSE_SECRET_KEY is that of the demo, which everybody can read."
    elif len(set(key)) < MIN_DIFFERENT_KEY_CHARS:
        yield (
            f"AFTERCOURSE_SECRET_KEY has fewer than {MIN_DIFFERENT_KEY_CHARS} different characters; "
            "it should be random."
        )


def _problems_of_addresses(settings: Mapping[str, Any]) -> Iterator[str]:
    hosts, url = settings["ALLOWED_HOSTS"], settings["SITE_URL"]
    if not hosts:
        yield "AFTERCOURSE_HOSTS is empty; name the hosts people reach us by."
    is_wide = any("*" in host or host.startswith(".") for host in hosts)
    if is_wide:
        yield "AFTERCOURSE_HOSTS lets any host in; name each one."
    if not url:
        yield "AFTERCOURSE_URL is missing; links in mails begin with it."
    elif (host := host_of_origin(url)) is None:
        yield "AFTERCOURSE_URL must be https:// and a host, with nothing behind it."
    elif not host.isascii():
        yield f"AFTERCOURSE_URL has letters that no browser sends; write {host} in ASCII (xn--...)."
    elif hosts and not is_wide and host not in [each.lower() for each in hosts]:
        yield f"AFTERCOURSE_HOSTS does not name {host}, the host of AFTERCOURSE_URL."
    if not settings["SESSION_COOKIE_SECURE"] or not settings["CSRF_COOKIE_SECURE"]:
        yield "AFTERCOURSE_URL must begin with https://, or cookies travel in the open."


def _problems_of_names(settings: Mapping[str, Any]) -> Iterator[str]:
    for origin in settings["CSRF_TRUSTED_ORIGINS"]:
        if "*" in origin or host_of_origin(origin) is None:
            yield f"AFTERCOURSE_TRUSTED_ORIGINS has {origin!r}; it should be like https://other.example.org."
    _name, sender = parseaddr(settings["DEFAULT_FROM_EMAIL"])
    domain = sender.rpartition("@")[2]
    if "@" not in sender or "." not in domain or domain.endswith(".localhost"):
        yield (
            "AFTERCOURSE_MAIL_FROM is missing or on localhost, and mail servers would refuse every mail; "
            "it should be like Aftercourse <follow-up@example.org>."
        )


def host_of_origin(url: str) -> str | None:
    """The host of a URL that is a scheme, a host and perhaps a port; else None."""
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return None
    is_origin = parts.scheme in ("http", "https") and f"{parts.scheme}://{parts.netloc}" == url
    return parts.hostname if is_origin and "@" not in parts.netloc else None


def _others(settings: Mapping[str, Any]) -> Iterator[str]:
    if settings["DEBUG"]:
        yield "AFTERCOURSE_DEBUG is on; it shows the inside to strangers."
    if settings["CLOCK_OFFSET_FILE"]:
        yield "AFTERCOURSE_CLOCK_OFFSET_FILE is set; only the demo and the tests move the clock."
    if settings["DEMO_SIGN_IN"]:
        yield "AFTERCOURSE_DEMO_SIGN_IN is on; anybody could be anybody."
    if 0 < len(settings["METRICS_TOKEN"]) < 16:
        yield "AFTERCOURSE_METRICS_TOKEN is shorter than 16 characters."


def forgets_proxy(settings: Mapping[str, Any]) -> bool:
    """Whether production is told of no proxy. It speaks no https itself, so there must be one."""
    return settings["MODE"] == "production" and not settings["BEHIND_PROXY"]
