"""Publishes hints to the hubs, from any thread of any process: a stream has new entries, somebody's rights
changed, a sign-in ended.

A hint is sent after the commit and nobody waits for it. It goes directly to the hub of this process and, with
several processes, over the channel layer to those that have a subscriber for it. It may be lost: every hub
reconciles with the database every few seconds.
"""

import asyncio
import contextvars
import json
import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypedDict, final

from django.conf import settings
from django.db import transaction

from messaging.live import streams
from messaging.live.models import Revocation
from messaging.live.streams import Stream
from messaging.live.ticket import session_digest

PROCESS = uuid.uuid4().hex
"""The id of this process in its publications, so that its own hub does not process everything twice."""
GROUP = "live"
"""The channel layer group of all processes; a shared stream also has one of its own (`group_of`)."""
PUBLISH_TIMEOUT_SECONDS = 2.0
"""How long one publication may take before it is dropped; reconciling finds the entries."""
MAX_PENDING_PUBLICATIONS = 1_000
"""Publications that may be queued; more are dropped, so that a channel layer that is down cannot fill the
memory."""
MAX_HINT_CHARS = 64 * 1024
"""Characters of entries a hint may carry; a longer one only announces that there are new entries."""


@final
class StreamHint(TypedDict):
    """A stream has new entries."""

    s: str


@final
class EntriesHint(TypedDict):
    """A stream has new entries, and this is the frame with them."""

    s: str
    first: int
    last: int
    frame: str
    at: float
    """When the first was written, in seconds since the epoch."""


@final
class HereHint(TypedDict):
    """People (id and name) are present at a stream in another process."""

    s: str
    here: list[tuple[int, str]]
    typing: bool


@final
class GoneHint(TypedDict):
    """Somebody is not present at a stream any more."""

    s: str
    gone: int


@final
class RightsHint(TypedDict):
    """What this user may follow changed."""

    rights: int


@final
class SignedOutHint(TypedDict):
    """The sign-in of a user with this session (its digest) ended, or with an empty one all of theirs."""

    end: int
    session: str


Hint = StreamHint | EntriesHint | HereHint | GoneHint | RightsHint | SignedOutHint


Publication = TypedDict("Publication", {"from": str, "hints": Sequence[Hint]})
"""What goes over the channel layer, as JSON: which process published, and its hints."""

OnHints = Callable[[Sequence[Hint]], None]

logger = logging.getLogger("aftercourse.live")
_local_hub: tuple[asyncio.AbstractEventLoop, OnHints] | None = None
_lock = threading.Lock()
_is_down = False
_capacity = threading.BoundedSemaphore(MAX_PENDING_PUBLICATIONS)


def attach(loop: asyncio.AbstractEventLoop, on_hints: OnHints) -> None:
    """Send hints to the hub of this process, in its event loop."""
    global _local_hub
    with _lock:
        _local_hub = (loop, on_hints)


def detach() -> None:
    """Stop sending hints to the hub of this process."""
    global _local_hub
    with _lock:
        _local_hub = None


def stream_changed(*streams: str) -> None:
    """Publish after the commit that these streams have new entries."""
    _after_commit([StreamHint(s=stream) for stream in streams])


def entries(hints: Sequence[EntriesHint]) -> None:
    """Publish new entries after the commit."""
    _after_commit(
        [hint if len(hint["frame"]) <= MAX_HINT_CHARS else StreamHint(s=hint["s"]) for hint in hints]
    )


def rights_changed(user_id: int) -> None:
    """Record in this transaction that a user's rights changed, and publish it after the commit."""
    Revocation.objects.create(person=user_id)
    _after_commit([RightsHint(rights=user_id)])


def signed_out(user_id: int, session_key: str | None = None) -> None:
    """Record in this transaction that a sign-in ended, or all of a user's, and publish it after the
    commit."""
    digest = session_digest(session_key) if session_key else ""
    Revocation.objects.create(person=user_id, session=digest, ends=True)
    _after_commit([SignedOutHint(end=user_id, session=digest)])


def ephemeral(hint: HereHint | GoneHint) -> None:
    """Publish presence to the other processes, at once; it is stored nowhere."""
    _publish_all([hint])


def heartbeat() -> None:
    """Publish an empty publication to `GROUP`, which this process should receive."""
    _publish_all([])


def group_of(stream: Stream) -> str:
    """The channel layer group that the hints of a stream are published to."""
    return f"{GROUP}.{stream.kind}.{stream.id}" if streams.is_shared(stream) else GROUP


def _after_commit(hints: Sequence[Hint]) -> None:
    transaction.on_commit(lambda: _send(hints))


def _send(hints: Sequence[Hint]) -> None:
    local_hub = _local_hub
    if local_hub is not None:
        loop, on_hints = local_hub
        try:
            # Not in the context of the request that published, with its language and its time zone.
            loop.call_soon_threadsafe(on_hints, hints, context=contextvars.Context())
        except RuntimeError:  # the loop has ended with its server
            detach()
    _publish_all(hints)


def _publish_all(hints: Sequence[Hint]) -> None:
    """Queue hints for the publishing thread; without any (a heartbeat), an empty publication to `GROUP`."""
    if not settings.REDIS_URL or not _capacity.acquire(blocking=False):
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
            publication: Publication = {"from": PROCESS, "hints": hints}
            async with asyncio.timeout(PUBLISH_TIMEOUT_SECONDS):
                await layer.group_send(group, {"type": "hints", "hints": json.dumps(publication)})

    global _is_down
    try:
        _own_loop().run_until_complete(publish())
    except Exception as failed:
        # Log only the type: the message may contain the address of the channel layer.
        if not _is_down:
            logger.warning("Cannot publish hints (%s); other processes reconcile", type(failed).__name__)
        _is_down = True
    else:
        if _is_down:
            logger.info("Publishing hints works again")
        _is_down = False
    finally:
        _capacity.release()


@cache
def _own_loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()
