"""The live half of this process, from the moment its server runs until it stops."""

import asyncio
import logging

from django.conf import settings

from messaging.live import frames, tell
from messaging.live.channel import Piece
from messaging.live.entrance import Live
from messaging.live.hub import Hub
from messaging.live.others import Others
from messaging.live.presence import Presence
from messaging.live.revocations import Revocations
from messaging.live.streams import Stream, parse
from messaging.live.sweeping import Sweeper
from messaging.live.wire import Frame

A_SECOND = 700
"""Sockets a server can take back in a second, beside its other work: those sent away come over that time."""

hub = Hub()
presence = Presence(hub)
revocations = Revocations()
live = Live(hub, presence, revocations)
_sweeper = Sweeper(hub, presence, revocations)
_tasks: set[asyncio.Task[None]] = set()

logger = logging.getLogger("aftercourse.live")


def start() -> None:
    """Listen to hints from now on. Called in the server's loop, once."""
    loop = asyncio.get_event_loop()
    tell.listen(loop, hear)
    _keep(loop.create_task(_sweeper.run()))
    if settings.REDIS_URL:
        others = Others(hub, hear)
        _keep(loop.create_task(others.listen()))


async def stop() -> None:
    """Let nobody in any more, tell every socket to come back elsewhere, and listen no more."""
    live.closing = True
    tell.deafen()
    for task in _tasks:
        task.cancel()
    within = 2 + len(hub.sinks) // A_SECOND
    move = Frame(frames.write("move", within=within))
    for sink in list(hub.sinks):
        sink.see_off(move)
    await asyncio.gather(*_tasks, return_exceptions=True)
    _tasks.clear()


def hear(hints: list[tell.Hint]) -> None:
    """Take hints, from this process or another."""
    for hint in hints:
        if (stream := parse(hint.get("s"))) is not None:
            _hear_of(stream, hint)
        elif "rights" in hint:
            hub.revoked += 1
            revocations.changed(hint["rights"])
            _keep(asyncio.ensure_future(_recheck(hint["rights"])))
        elif "end" in hint:
            hub.revoked += 1
            revocations.changed(hint["end"])
            hub.end(hint["end"], hint["session"])


def _hear_of(stream: Stream, hint: tell.Hint) -> None:
    if "frame" in hint:
        hub.take(stream, Piece(hint["first"], hint["last"], Frame(hint["frame"])), hint["at"])
    elif "here" in hint:
        presence.heard(stream, [(one, name) for one, name in hint["here"]], hint["typing"])
    elif "gone" in hint:
        presence.heard_gone(stream, hint["gone"])
    else:
        hub.hint(stream)


async def _recheck(person: int) -> None:
    try:
        await _sweeper.check(hub.of_person(person))
    except Exception:
        logger.exception("Who may follow what could not be asked; the next sweep does it")


def _keep(task: asyncio.Task[None]) -> None:
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
