"""The live half of this process, from the moment its server runs until it stops."""

import asyncio
import logging

from django.conf import settings

from messaging.live import frames, publish
from messaging.live.handshake import LiveApp
from messaging.live.hub import Hub
from messaging.live.peers import PeerSubscriber
from messaging.live.presence import Presence
from messaging.live.reconcile import Reconciler
from messaging.live.revocations import Revocations
from messaging.live.streams import Stream, parse
from messaging.live.subscription import Chunk
from messaging.live.transport import Frame

A_SECOND = 700
"""Sockets a server can take back in a second, beside its other work: those sent away come over that time."""

hub = Hub()
presence = Presence(hub)
revocations = Revocations()
app = LiveApp(hub, presence, revocations)
_reconciler = Reconciler(hub, presence, revocations)
_tasks: set[asyncio.Task[None]] = set()

logger = logging.getLogger("aftercourse.live")


def start() -> None:
    """Listen to hints from now on. Called in the server's loop, once."""
    loop = asyncio.get_event_loop()
    publish.attach(loop, on_hints)
    _keep(loop.create_task(_reconciler.run()))
    if settings.REDIS_URL:
        peers = PeerSubscriber(hub, on_hints)
        _keep(loop.create_task(peers.listen()))


async def stop() -> None:
    """Let nobody in any more, tell every socket to come back elsewhere, and listen no more."""
    app.closing = True
    publish.detach()
    for task in _tasks:
        task.cancel()
    within = 2 + len(hub.subscribers) // A_SECOND
    move = Frame(frames.write("move", within=within))
    for subscriber in list(hub.subscribers):
        subscriber.close_for_shutdown(move)
    await asyncio.gather(*_tasks, return_exceptions=True)
    _tasks.clear()


def on_hints(hints: list[publish.Hint]) -> None:
    """Take hints, from this process or another."""
    for hint in hints:
        if (stream := parse(hint.get("s"))) is not None:
            _on_stream_hint(stream, hint)
        elif "rights" in hint:
            hub.revoked += 1
            revocations.changed(hint["rights"])
            _keep(asyncio.ensure_future(_recheck(hint["rights"])))
        elif "end" in hint:
            hub.revoked += 1
            revocations.changed(hint["end"])
            hub.end(hint["end"], hint["session"])


def _on_stream_hint(stream: Stream, hint: publish.Hint) -> None:
    if "frame" in hint:
        hub.take(stream, Chunk(hint["first"], hint["last"], Frame(hint["frame"])), hint["at"])
    elif "here" in hint:
        presence.heard(stream, [(one, name) for one, name in hint["here"]], hint["typing"])
    elif "gone" in hint:
        presence.heard_gone(stream, hint["gone"])
    else:
        hub.hint(stream)


async def _recheck(person: int) -> None:
    try:
        await _reconciler.check(hub.of_person(person))
    except Exception:
        logger.exception("Who may follow what could not be asked; the next sweep does it")


def _keep(task: asyncio.Task[None]) -> None:
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
