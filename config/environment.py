"""Reads the environment. A value that cannot be meant is a sentence about its variable, not a traceback, and
all of them are said at once."""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ

YES = {"1", "on", "true", "yes", "y"}
NO = {"", "0", "off", "false", "no", "n"}
MAIL_SCHEMES = {
    "consolemail": "prints mails",
    "dummymail": "sends nothing",
    "filemail": "writes mails to a folder",
    "memorymail": "keeps mails in memory",
    "smtp": "plain SMTP",
    "smtp+ssl": "SMTP over TLS, usually on port 465",
    "smtp+tls": "SMTP with STARTTLS, usually on port 587",
}
DATABASE_SCHEMES = ("postgres", "postgresql", "sqlite")
REDIS_SCHEMES = ("redis", "rediss")


class Environment:
    """The variables, and the sentences about those that cannot be meant (`problems`)."""

    def __init__(self, values: Mapping[str, str] = os.environ) -> None:
        self._values = values
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        """The value as it is."""
        return self._values.get(name, default)

    def choice(self, name: str, default: str, choices: Iterable[str]) -> str:
        """One of a few words."""
        value = self.text(name, default)
        if value in choices:
            return value
        self.problems.append(f"{name} is {value!r}; it can be {', '.join(choices)}.")
        return default

    def flag(self, name: str, *, default: bool) -> bool:
        """Yes or no."""
        value = self._values.get(name)
        if value is None:
            return default
        word = value.strip().lower()
        if word not in YES | NO:
            self.problems.append(f"{name} is {value!r}; it can be true or false.")
        return word in YES

    def number(self, name: str, default: int, *, least: int = 1) -> int:
        """A whole number that is not too small."""
        value = self.text(name, str(default)).strip()
        if re.fullmatch(r"[0-9]{1,9}", value) and int(value) >= least:
            return int(value)
        self.problems.append(f"{name} is {value!r}; it can be a whole number from {least} up.")
        return default

    def words(self, name: str, default: Iterable[str] = ()) -> list[str]:
        """Values with commas between them."""
        value = self._values.get(name)
        if value is None:
            return list(default)
        return [word for part in value.split(",") if (word := part.strip())]

    def folder(self, name: str, default: Path) -> Path:
        """A folder that we may write to; created if it is missing, and readable by nobody else then."""
        path = Path(self.text(name) or default).resolve()
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            self.problems.append(f"{name} is {str(path)!r}, which cannot be created: {error.strerror}.")
            return path
        if not os.access(path, os.W_OK | os.X_OK):
            self.problems.append(f"{name} is {str(path)!r}, which this user may not write to.")
        return path

    def database(self, name: str, default: str) -> dict[str, Any]:
        """The database of a URL, as Django has it."""
        url = self._url(name, default, DATABASE_SCHEMES)
        return dict(environ.Env.db_url_config(url or default))

    def mail(self, name: str, default: str) -> dict[str, Any]:
        """The way by which mails leave, as Django has it."""
        if self.text(name).strip().startswith("smtps:"):
            self.problems.append(
                f"{name} begins with smtps://, which may mean two things. Write smtp+ssl:// for a server "
                "that speaks TLS at once (usually port 465), smtp+tls:// for STARTTLS (usually port 587)."
            )
            return dict(environ.Env.email_url_config(default))
        url = self._url(name, default, MAIL_SCHEMES)
        if url.startswith("smtp"):
            parts = urlsplit(url)
            if (
                not parts.hostname
                or parts.path not in ("", "/")
                or parts.fragment
                or parts.netloc.count("@") > 1
                or re.search(r"%(?![0-9A-Fa-f]{2})", f"{parts.username}{parts.password}")
            ):
                self.problems.append(
                    f"{name} is not understood: it is smtp+tls://name:password@host:port, and in the name "
                    "and the password / is written as %2F, # as %23, @ as %40, ? as %3F, : as %3A, % as %25."
                )
                url = ""
        return dict(environ.Env.email_url_config(url or default))

    def redis(self, name: str) -> str:
        """The URL of Redis or Valkey, or nothing."""
        if not self.text(name).strip():
            return ""
        url = self._url(name, "", REDIS_SCHEMES)
        parts = urlsplit(url)
        if url and (not parts.hostname or not re.fullmatch(r"/?[0-9]*", parts.path)):
            self.problems.append(f"{name} is not understood: it is redis://name:password@host:port/number.")
            return ""
        return url

    def _url(self, name: str, default: str, schemes: Iterable[str]) -> str:
        """A URL of one of these kinds; nothing, and a problem, if it is none."""
        value = self.text(name).strip() or default
        try:
            scheme, _port = urlsplit(value).scheme, urlsplit(value).port
        except ValueError:
            # Not the error itself, which may quote a part of the password.
            self.problems.append(
                f"{name} is no URL that can be read. Is the port a number, and are signs in the password "
                "written as %xx?"
            )
            return ""
        if scheme in schemes and value.startswith(f"{scheme}://"):
            return value
        self.problems.append(f"{name} must begin with {' or '.join(f'{each}://' for each in schemes)}.")
        return ""
