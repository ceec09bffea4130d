"""The record of erased accounts: a file outside the database, so that they are erased again when an older
back-up of the database is restored (`manage.py erase_again`).

One JSON object per line, with the random key of the account and the day: no name, no address, no number that
could belong to somebody else in the restored database.
"""

import fcntl
import json
import os
import uuid
from pathlib import Path
from typing import TypedDict

from django.conf import settings

from common import clock


class Line(TypedDict):
    """One erased account."""

    account: str
    on: str
    posts: bool
    """Whether what others could read went too."""


def add(key: uuid.UUID, *, takes_posts: bool) -> None:
    """Append an account, unless it is there, and wait until it is on the disk. Raises OSError."""
    path: Path = settings.ERASED_FILE
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        text = file.read()
        if read_text(text).get(key) == takes_posts:
            return
        line = Line(account=str(key), on=clock.today("UTC").isoformat(), posts=takes_posts)
        # After a line that a full disk cut off, begin a new one.
        gap = "\n" if text and not text.endswith("\n") else ""
        file.write(f"{gap}{json.dumps(line)}\n")
        file.flush()
        os.fsync(file.fileno())


def has(key: uuid.UUID) -> bool:
    """Whether an account is recorded here. Raises OSError."""
    try:
        return key in read(settings.ERASED_FILE)
    except FileNotFoundError:
        return False


def read(path: Path) -> dict[uuid.UUID, bool]:
    """The accounts in such a file, each with whether its posts went too. Raises OSError."""
    return read_text(path.read_text(encoding="utf-8"))


def read_text(text: str) -> dict[uuid.UUID, bool]:
    """The accounts in the text of such a file. A line that was cut off is left out."""
    found: dict[uuid.UUID, bool] = {}
    for line in text.splitlines():
        try:
            account: Line = json.loads(line)
            key = uuid.UUID(account["account"])
            found[key] = found.get(key, False) or bool(account.get("posts"))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    return found
