"""The hub of this process, from the moment its server runs until it stops."""

import asyncio
import json
import logging
from functools import partial

from channels.layers import get_channel_layer
from django.conf import settings

from messaging.live import frames, tell
from messaging.live.hub import Hub
from messaging.live.socket import end_stale_sessions
from messaging.live.streams import parse

hub = Hub()
_tasks: set[asyncio.Task[None]] = set()

logger = logging.getLogger("aftercourse.live")


def start() -> None:
    """Listen to hints from now on. Called in the server's loop, once."""
    loop = asyncio.get_event_loop()
    tell.listen(loop, hear)
    _tasks.add(loop.create_task(hub.sweep_for_ever(partial(end_stale_sessions, hub))))
    if settings.REDIS_URL:
        _tasks.add(loop.create_task(_listen_to_others()))


async def stop() -> None:
    """Tell every socket to come back elsewhere, and listen no more."""
    tell.deafen()
    for task in _tasks:
        task.cancel()
    for sink in list(hub.sinks):
        sink.close(frames.MOVE)
    await asyncio.gather(*_tasks, return_exceptions=True)
    _tasks.clear()


def hear(hint: tell.Hint) -> None:
    """Take a hint, from this process or another."""
    if (stream := parse(hint.get("s"))) is not None:
        if "pass" in hint:
            hub.pass_on(stream, hint["pass"])
        else:
            hub.hint(stream)
    elif "rights" in hint:
        task = asyncio.ensure_future(hub.recheck(hint["rights"]))
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)
    elif "end" in hint:
        hub.end(hint["end"], hint.get("session"))


async def _listen_to_others() -> None:
    """Hear what other processes publish; begin again when the line breaks, and let the sweep fill the gap."""
    layer = get_channel_layer()
    while True:
        channel = None
        try:
            channel = await layer.new_channel()
            await layer.group_add(tell.GROUP, channel)
            while True:
                hint = json.loads((await layer.receive(channel))["hint"])
                if hint.get("from") != tell.PROCESS:
                    hear(hint)
        except asyncio.CancelledError:
            if channel is not None:
                await asyncio.wait_for(layer.group_discard(tell.GROUP, channel), tell.PATIENCE)
            raise
        except Exception:
            logger.warning("The line to the other processes broke; trying again")
            await asyncio.sleep(1)
