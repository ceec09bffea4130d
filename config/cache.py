"""The cache that all processes share, in Redis or Valkey, and what happens without it.

Limits of attempts are counted there. A cache that fails must not keep anybody from signing in: each process
then counts for itself in its memory, and tries the shared cache again after a few seconds.
"""

import logging
from collections.abc import Callable
from time import monotonic
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

RETRY_SECONDS = 5.0
"""How long this process does without the shared cache after it failed."""
TIMEOUT_SECONDS = 2.0
"""How long a request waits for the shared cache, once in RETRY_SECONDS."""
LOG_INTERVAL_SECONDS = 600.0
OPERATIONS = "add get set touch delete get_many has_key incr set_many delete_many clear".split()

logger = logging.getLogger("aftercourse.cache")
_retry_at = _logged_at = float("-inf")
"""On the monotonic clock, of all threads of this process."""


class SharedCache(RedisCache):
    """Django's cache in Redis or Valkey, with the memory of this process in its place while that fails."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        timeouts = {"socket_timeout": TIMEOUT_SECONDS, "socket_connect_timeout": TIMEOUT_SECONDS}
        super().__init__(server, params | {"OPTIONS": timeouts | params.get("OPTIONS", {})})
        self._memory = LocMemCache("without-the-shared-cache", params)


def _with_fallback(name: str) -> Callable[..., Any]:
    in_redis = getattr(RedisCache, name)
    in_memory = getattr(LocMemCache, name)

    def operation(self: SharedCache, *args: Any, **options: Any) -> Any:
        if monotonic() >= _retry_at:
            try:
                return in_redis(self, *args, **options)
            except (RedisError, OSError) as error:
                _note_failure(error)
        return in_memory(self._memory, *args, **options)

    return operation


for _name in OPERATIONS:
    setattr(SharedCache, _name, _with_fallback(_name))


def _note_failure(error: Exception) -> None:
    global _retry_at, _logged_at
    now = monotonic()
    _retry_at = now + RETRY_SECONDS
    if now - _logged_at >= LOG_INTERVAL_SECONDS:
        _logged_at = now
        logger.error(
            "Redis or Valkey does not answer (%s): each process counts attempts for itself meanwhile",
            type(error).__name__,
        )
