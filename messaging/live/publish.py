"""The only way out to sockets, from any thread of any process: a hint that a stream has something new, that
somebody's rights changed, or that a sign-in ended.

It leaves after commit and nobody waits for it. In the embedded form it goes straight to the hub of this
process; with several processes it is published to those that have somebody for it. It may be lost: a hub
looks for itself every few seconds.
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

from messaging.live import streams
from messaging.live.models import Revocation
from messaging.live.streams import Stream
from messaging.live.ticket import session_digest

Hint = dict[str, Any]
PROCESS = uuid.uuid4().hex
"""Names this process in what it publishes, so that its own hub does not hear everything twice."""
GROUP = "live"
"""The group of the subscription layer that all processes listen to; a stream that many share has its own."""
PATIENCE = 2.0
"""Seconds one publication may take before it is given up; the sweep finds what it told of."""
WAITING = 1_000
"""Publications that may wait; more are let go, for a line that is down must not fill the memory."""
CARRIED = 64 * 1024
"""Characters of entries a hint brings along; with more it only says that there is something."""

logger = logging.getLogger("aftercourse.live")
_here: tuple[asyncio.AbstractEventLoop, Callable[[list[Hint]], None]] | None = None
_lock = threading.Lock()
_is_down = False
_room_left = threading.BoundedSemaphore(WAITING)


def attach(loop: asyncio.AbstractEventLoop, hear: Callable[[list[Hint]], None]) -> None:
    """Let the hub of this process hear, in its own loop."""
    global _here
    with _lock:
        _here = (loop, hear)


def detach() -> None:
    """No hub listens in this process any more."""
    global _here
    with _lock:
        _here = None


def stream_changed(stream: str) -> None:
    """A stream has something new."""
    _after_commit([{"s": stream}])


def entries(told: list[Hint]) -> None:
    """Streams have something new, and here it is: `s`, the `first` and `last` number, the `frame`, and
    when it was written (`at`, seconds since 1970)."""
    _after_commit([hint if len(hint["frame"]) <= CARRIED else {"s": hint["s"]} for hint in told])


def rights_changed(user_id: int) -> None:
    """Somebody entered or left something; what they follow is asked again."""
    Revocation.objects.create(person=user_id)
    _after_commit([{"rights": user_id}])


def signed_out(user_id: int, session_key: str | None = None) -> None:
    """A sign-in ended, or all of a person's."""
    digest = session_digest(session_key) if session_key else ""
    Revocation.objects.create(person=user_id, session=digest, ends=True)
    _after_commit([{"end": user_id, "session": digest}])


def ephemeral(stream: str, **about: Any) -> None:
    """Something that is no entry (presence, typing), for the other processes; gone when nobody hears."""
    _publish_all([{"s": stream, **about}])


def heartbeat() -> None:
    """Say nothing, to hear whether it comes back."""
    _publish_all([])


def group_of(stream: Stream) -> str:
    """Where hints of a stream are published."""
    return f"{GROUP}.{stream.kind}.{stream.id}" if streams.is_shared(stream) else GROUP


def _after_commit(hints: list[Hint]) -> None:
    transaction.on_commit(lambda: _send(hints))


def _send(hints: list[Hint]) -> None:
    here = _here
    if here is not None:
        loop, hear = here
        try:
            # Not in the context of the request that told it: the hub would wait for that request's thread.
            loop.call_soon_threadsafe(hear, hints, context=contextvars.Context())
        except RuntimeError:  # the loop has ended with its server
            detach()
    _publish_all(hints)


def _publish_all(hints: list[Hint]) -> None:
    """Hand hints to the thread that publishes; a beat, which is none, goes to where all listen."""
    if not settings.REDIS_URL or not _room_left.acquire(blocking=False):
        return
    groups: dict[str, list[Hint]] = {} if hints else {GROUP: []}
    for hint in hints:
        stream = streams.parse(hint.get("s"))
        groups.setdefault(group_of(stream) if stream else GROUP, []).append(hint)
    _publisher().submit(_publish, groups)


@cache
def _publisher() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="live-publish")


def _publish(groups: dict[str, list[Hint]]) -> None:
    from channels.layers import get_channel_layer

    async def publish() -> None:
        layer = get_channel_layer()
        for group, hints in groups.items():
            said = {"type": "hints", "hints": json.dumps({"from": PROCESS, "hints": hints})}
            async with asyncio.timeout(PATIENCE):
                await layer.group_send(group, said)

    global _is_down
    try:
        _own_loop().run_until_complete(publish())
    except Exception as failed:
        # The address of the layer may be in the message; what it was about is found by the sweep.
        if not _is_down:
            logger.warning(
                "Hints cannot be published (%s); others find out by looking", type(failed).__name__
            )
        _is_down = True
    else:
        if _is_down:
            logger.info("Hints are published again")
        _is_down = False
    finally:
        _room_left.release()


@cache
def _own_loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()
