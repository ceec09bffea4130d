"""The only way out to sockets, from any thread of any process: a hint that a stream has something new, that
somebody's rights changed, or that a sign-in ended.

It leaves after commit and nobody waits for it. In the embedded form it goes straight to the hub of this
process; with several processes it is published to all of them. It may be lost: a hub looks for itself every
few seconds.
"""

import asyncio
import contextvars
import json
import logging
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from django.conf import settings
from django.db import transaction

Hint = dict[str, Any]
PROCESS = uuid.uuid4().hex
"""Names this process in what it publishes, so that its own hub does not hear everything twice."""
GROUP = "live"
"""The group of the channel layer that the hubs of all processes listen to."""
PATIENCE = 2.0
"""Seconds one publication may take before it is given up; the sweep finds what it told of."""
WAITING = 1_000
"""Hints that may wait to be published; more are let go, for a line that is down must not fill the memory."""

logger = logging.getLogger("aftercourse.live")
_here: tuple[asyncio.AbstractEventLoop, Callable[[Hint], None]] | None = None
_lock = threading.Lock()
_room_left = threading.BoundedSemaphore(WAITING)


def listen(loop: asyncio.AbstractEventLoop, hear: Callable[[Hint], None]) -> None:
    """Let the hub of this process hear, in its own loop."""
    global _here
    with _lock:
        _here = (loop, hear)


def deafen() -> None:
    """No hub listens in this process any more."""
    global _here
    with _lock:
        _here = None


def news(stream: str) -> None:
    """A stream has something new."""
    _after_commit({"s": stream})


def rights_changed(user_id: int) -> None:
    """Somebody entered or left something; what they follow is asked again."""
    _after_commit({"rights": user_id})


def signed_out(user_id: int, session_key: str | None = None) -> None:
    """A sign-in ended, or all of a person's."""
    _after_commit({"end": user_id, "session": session_key})


def passing(stream: str, frame: str) -> None:
    """A frame that is no entry (presence, typing), for all who follow the stream; gone when nobody hears."""
    _send({"s": stream, "pass": frame})


def _after_commit(hint: Hint) -> None:
    transaction.on_commit(lambda: _send(hint))


def _send(hint: Hint) -> None:
    here = _here
    if here is not None:
        loop, hear = here
        try:
            # Not in the context of the request that told it: the hub would wait for that request's thread.
            loop.call_soon_threadsafe(hear, hint, context=contextvars.Context())
        except RuntimeError:  # the loop has ended with its server
            deafen()
    if settings.REDIS_URL and _room_left.acquire(blocking=False):
        _publisher().submit(_publish, hint | {"from": PROCESS})


@cache
def _publisher() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="live-publish")


def _publish(hint: Hint) -> None:
    from channels.layers import get_channel_layer

    async def publish() -> None:
        layer = get_channel_layer()
        await asyncio.wait_for(layer.group_send(GROUP, {"type": "hint", "hint": json.dumps(hint)}), PATIENCE)

    try:
        _own_loop().run_until_complete(publish())
    except Exception:
        # The address of the layer may be in the message; what it was about is found by the sweep.
        logger.warning("A live hint could not be published")
    finally:
        _room_left.release()


@cache
def _own_loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()
