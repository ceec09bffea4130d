"""What the forums are filled with: about as much as a tenth of a programme, in texts as long as ours."""

import json
import os
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

PEOPLE, FORUMS, POSTS_PER_TOPIC = 2_000, 50, 25
TOPICS = int(os.environ.get("BENCH_TOPICS", "2000"))
READ_TOPICS = 700
"""How many topics the reader has read."""
TOLD = 5
"""Who are told of each new post of a topic."""
READ_TOPIC, READ_FORUM = 30, 3
"""The numbers of those that are measured."""
READER = 5
POSTED_TOPICS = range(100, 132)
"""The numbers of those that are written to."""
WORDS = (
    "the pupils wrote more than I had thought they would in our class today and we let them draw it"
).split()

database = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": os.environ["BENCH_DATABASE"],
    "HOST": os.environ["BENCH_POSTGRES"],
    "USER": "postgres",
    "CONN_MAX_AGE": None,
}
"""Connections stay open, which is faster than Django's default."""
common: dict[str, Any] = {
    "SECRET_KEY": "only for measuring " * 3,
    "ALLOWED_HOSTS": ["localhost"],
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
    "CSRF_TRUSTED_ORIGINS": ["https://localhost"],
    "DATABASES": {"default": database},
}
"""The settings of all of them: in production behind a proxy, as ours."""

_random = random.Random(7)


def paragraph() -> str:
    """A text of fifty words."""
    return " ".join(_random.choices(WORDS, k=50)).capitalize() + "."


def title(number: int) -> str:
    """The title of a topic."""
    return f"What I tried in week {number} with my class"


def written_at(topic: int, position: int, now: datetime) -> datetime:
    """When the post at a position of a topic was written; the first topics have the newest posts."""
    return now - timedelta(hours=topic + POSTS_PER_TOPIC - position)


def author_of(topic: int, position: int, people: int = PEOPLE) -> int:
    """The number of who wrote the post at a position of a topic."""
    return (topic * 7 + position * 13) % people


def session_of(user: Any) -> str:
    """The key of a new session."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def batches(rows: list[Any], size: int = 2_000) -> Iterator[list[Any]]:
    """The rows, so many at a time."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def write_plan(file: str, session: str, pages: dict[str, str], posts: list[str]) -> None:
    """Write what the client needs to know: whose session, the pages, and where replies are posted."""
    Path(file).write_text(json.dumps({"session": session, "pages": pages, "posts": posts}))
