"""Settings that production refuses to start with: a missing one must fail at the first start."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured

MODES = ("production", "demo", "test")
LOG_FORMATS = ("lines", "json")
MIN_SQLITE_VERSION = (3, 35, 0)


def require_known_mode(mode: str) -> None:
    """Raise ImproperlyConfigured unless the mode is known."""
    if mode not in MODES:
        raise ImproperlyConfigured(f"AFTERCOURSE_MODE is {mode!r}; it can be {', '.join(MODES)}.")


def require_known_log_form(form: str) -> None:
    """Raise ImproperlyConfigured unless the log format is known."""
    if form not in LOG_FORMATS:
        raise ImproperlyConfigured(f"AFTERCOURSE_LOG is {form!r}; it can be {', '.join(LOG_FORMATS)}.")


def require_sqlite(version: tuple[int, ...]) -> None:
    """Raise ImproperlyConfigured when SQLite has no RETURNING, which the chat's SQL uses."""
    if version < MIN_SQLITE_VERSION:
        raise ImproperlyConfigured(
            f"SQLite here is {'.'.join(map(str, version))}; "
            f"{'.'.join(map(str, MIN_SQLITE_VERSION))} or newer is needed."
        )


def problems(settings: Mapping[str, Any]) -> list[str]:
    """Why these settings are unsafe in production, one sentence per problem."""
    found = []
    if len(settings["SECRET_KEY"]) < 32:
        found.append("AFTERCOURSE_SECRET_KEY is missing or shorter than 32 characters.")
    if settings["DEBUG"]:
        found.append("AFTERCOURSE_DEBUG is on; it shows the inside to strangers.")
    if not settings["ALLOWED_HOSTS"]:
        found.append("AFTERCOURSE_HOSTS is empty; name the hosts people reach us by.")
    if any("*" in host or host.startswith(".") for host in settings["ALLOWED_HOSTS"]):
        found.append("AFTERCOURSE_HOSTS lets any host in; name each one.")
    if not settings["SITE_URL"]:
        found.append("AFTERCOURSE_URL is missing; links in mails begin with it.")
    if not settings["SESSION_COOKIE_SECURE"] or not settings["CSRF_COOKIE_SECURE"]:
        found.append("AFTERCOURSE_URL must begin with https://, or cookies travel in the open.")
    if settings["CLOCK_OFFSET_FILE"]:
        found.append("AFTERCOURSE_CLOCK_OFFSET_FILE is set; only the demo and the tests move the clock.")
    if settings["DEMO_SIGN_IN"]:
        found.append("AFTERCOURSE_DEMO_SIGN_IN is on; anybody could be anybody.")
    if 0 < len(settings["METRICS_TOKEN"]) < 16:
        found.append("AFTERCOURSE_METRICS_TOKEN is shorter than 16 characters.")
    return found


def forgets_proxy(settings: Mapping[str, Any]) -> bool:
    """Whether production is told of no proxy. It speaks no https itself, so there must be one."""
    return settings["MODE"] == "production" and not settings["BEHIND_PROXY"]


def refuse_unsafe_production(settings: Mapping[str, Any]) -> None:
    """Raise ImproperlyConfigured naming every problem, when the mode is production."""
    if settings["MODE"] == "production" and (found := problems(settings)):
        raise ImproperlyConfigured("Not safe to start in production:\n- " + "\n- ".join(found))
