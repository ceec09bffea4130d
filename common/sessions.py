"""Sessions in the database, whose keys are there only as digests.

The key in a visitor's cookie lets them in for weeks. With the digest of it nobody can sign in, so neither the
table nor a backup of it lets anybody in.

While the database can store nothing, because the disk is full, sessions are stored in the cache: people can
sign in to read. Those are lost with the cache, at the latest after a day.
"""

import hashlib
from collections.abc import Collection
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import DatabaseError
from django.db.models import QuerySet

from common import clock, database

DIGEST_LENGTH = 40
"""Hexadecimal digits, as many as the column takes."""

CACHE_PREFIX = "session:"
CACHE_SECONDS = 24 * 60 * 60


def stored_key(session_key: str) -> str:
    """What stands in the table for the key in a cookie. The key is random and long, so it needs no salt."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:DIGEST_LENGTH]


def lasting() -> QuerySet[Session]:
    """The sessions that have not ended."""
    return Session.objects.filter(expire_date__gt=clock.now())


def rows_of(stored_keys: Collection[str]) -> dict[str, Session]:
    """The sessions that have not ended, by the keys in the table."""
    rows = lasting().in_bulk(stored_keys)
    for key in set(stored_keys) - rows.keys():
        if (stored := cache.get(CACHE_PREFIX + key)) is not None:
            rows[key] = Session(session_key=key, session_data=stored)
    return rows


class SessionStore(db.SessionStore):
    """The store of the setting SESSION_ENGINE; `session_key` is the one in the cookie."""

    @property
    def is_loaded(self) -> bool:
        """Whether what it contains is known."""
        return hasattr(self, "_session_cache")

    def take(self, session_data: str) -> None:
        """Load it from what its row contains, which somebody else has read."""
        self._session_cache = self.decode(session_data)

    def exists(self, session_key: str) -> bool:
        """Whether there is a session with this key."""
        key = stored_key(session_key)
        return super().exists(key) or cache.has_key(CACHE_PREFIX + key)

    def save(self, must_create: bool = False) -> None:
        """Store it. Raises CreateError and UpdateError as Django's."""
        try:
            super().save(must_create=must_create)
        except (DatabaseError, UpdateError) as error:
            key = CACHE_PREFIX + stored_key(self.session_key or "")
            if not database.cannot_write(error) and (must_create or not cache.has_key(key)):
                raise
            database.log_no_room()
            cache.set(key, self.encode(getattr(self, "_session_cache", {})), CACHE_SECONDS)

    def cycle_key(self) -> None:
        """Give it another key, at a sign-in. That the visitor's cannot be deleted is no reason to refuse."""
        stored, key = dict(self.items()), self.session_key
        self.create()
        self._session_cache = stored
        if key:
            with database.if_there_is_room():
                self.delete(key)

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """The row as it is to be saved."""
        row = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        """Delete this session, or the one with this key."""
        key = session_key or self.session_key
        if key is not None:
            cache.delete(CACHE_PREFIX + stored_key(key))
            super().delete(stored_key(key))

    def _get_session_from_db(self) -> Session | None:
        key = stored_key(self.session_key or "")
        row = rows_of([key]).get(key)
        if row is None:
            self._session_key = None
        return row

    async def aexists(self, session_key: str) -> bool:
        """As `exists`."""
        return await sync_to_async(self.exists)(session_key)

    async def acreate_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """As `create_model_instance`."""
        return await sync_to_async(self.create_model_instance)(data)

    async def adelete(self, session_key: str | None = None) -> None:
        """As `delete`."""
        await sync_to_async(self.delete)(session_key)

    async def _aget_session_from_db(self) -> Session | None:
        return await sync_to_async(self._get_session_from_db)()
