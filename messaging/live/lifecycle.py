"""The live engine of this process, from the moment its server runs until it stops."""

import asyncio
import logging
from collections.abc import Sequence

from django.conf import settings

from messaging.live import frames, publish
from messaging.live.handshake import LiveApp
from messaging.live.hub import Hub
from messaging.live.peers import PeerSubscriber
from messaging.live.presence import Presence
from messaging.live.reconcile import Reconciler
from messaging.live.revocations import Revocations
from messaging.live.streams import parse
from messaging.live.subscription import Chunk
from messaging.live.transport import Frame

RECONNECTS_PER_SECOND = 700
"""Sockets a server can accept in a second beside its other work (bench/chat_connect.py measures 850 and more
alone on two cores). At a shutdown the reconnects are spread accordingly."""

hub = Hub()
presence = Presence(hub)
revocations = Revocations()
hub.on_departure = revocations.changed
app = LiveApp(hub, presence, revocations)
_reconciler = Reconciler(hub, presence, revocations)
_tasks: set[asyncio.Task[None]] = set()

logger = logging.getLogger("aftercourse.live")


def start() -> None:
    """Start receiving hints and reconciling. Called once, in the server's event loop."""
    loop = asyncio.get_event_loop()
    publish.attach(loop, on_hints)
    _track(loop.create_task(_reconciler.run()))
    if settings.REDIS_URL:
        peers = PeerSubscriber(hub, on_hints)
        _track(loop.create_task(peers.listen()))


async def stop() -> None:
    """Refuse new sockets, send `move` to every open one, and stop receiving hints."""
    app.closing = True
    publish.detach()
    for task in _tasks:
        task.cancel()
    within = 2 + len(hub.subscribers) // RECONNECTS_PER_SECOND
    move = Frame(frames.encode(frames.Move(t="move", within=within)))
    for subscriber in list(hub.subscribers):
        subscriber.close_for_shutdown(move)
    await asyncio.gather(*_tasks, return_exceptions=True)
    _tasks.clear()


def on_hints(hints: Sequence[publish.Hint]) -> None:
    """Process hints of this process or another one."""
    for hint in hints:
        if "rights" in hint:
            hub.revocations_received += 1
            revocations.changed(hint["rights"])
            _track(asyncio.ensure_future(_recheck(hint["rights"])))
        elif "end" in hint:
            hub.revocations_received += 1
            revocations.changed(hint["end"])
            hub.close_sessions(hint["end"], hint["session"])
        elif (stream := parse(hint.get("s"))) is None:
            continue
        elif "frame" in hint:
            hub.deliver(stream, Chunk(hint["first"], hint["last"], Frame(hint["frame"])), hint["at"])
        elif "here" in hint:
            presence.on_here(stream, [(user_id, name) for user_id, name in hint["here"]], hint["typing"])
        elif "gone" in hint:
            presence.on_gone(stream, hint["gone"])
        else:
            hub.hint(stream)


async def _recheck(user_id: int) -> None:
    try:
        await _reconciler.recheck(hub.of_person(user_id))
    except Exception:
        logger.exception("Could not check the rights of a person; the next round of reconciling does it")


def _track(task: asyncio.Task[None]) -> None:
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
