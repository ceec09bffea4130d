"""Two servers behind one address are restarted one after the other, under load: nobody meets an error, and
nothing of them stays in Valkey."""

import asyncio
import signal
import time

import pytest

from messaging.live import frames
from tests.faults.checker import check
from tests.faults.crowd import Member, settle, talk, together
from tests.faults.proxy import Proxy
from tests.faults.scene import SEVERAL, Scene
from tests.faults.services import Valkey
from tests.site import Server

GONE_WITHIN = 15.0
"""Seconds in which a server that was told to stop has ended."""


@pytest.mark.parametrize("scene", [SEVERAL], indirect=True)
def test_a_rolling_restart_is_noticed_by_nobody(scene: Scene, valkey: Valkey) -> None:
    scene.start()
    ports = [server.port for server in scene.servers]

    async def run() -> list[Member]:
        async with Proxy(*ports) as balancer, Proxy(*ports) as without_sockets:
            without_sockets.lets_sockets_through = False
            people = [scene.member(number, balancer.url) for number in range(10)]
            people += [scene.member(number, without_sockets.url) for number in range(10, 13)]
            for someone in people:
                someone.patience = 20.0
            async with together(people):
                for server in scene.servers:
                    talking = asyncio.create_task(talk(people, 5, 0.08))
                    await asyncio.sleep(1)
                    assert await asyncio.to_thread(ended_by_itself, server) < GONE_WITHIN
                    await asyncio.to_thread(server.start)
                    await talking
                await settle(people)
            assert balancer.refusals == without_sockets.refusals == 0
            return people

    people = asyncio.run(run())
    check(scene.site, people)
    for someone in people:
        assert not someone.errors, someone.errors
    ends = {code for someone in people[:10] for code in someone.ends}
    assert ends == {frames.MOVE}
    for server in scene.servers:
        assert ended_by_itself(server) < GONE_WITHIN
    with valkey.client() as client:
        assert client.keys("asgi*") == []
        assert client.pubsub_channels("*") == []


def ended_by_itself(server: Server) -> float:
    """Tell a server to stop; give the seconds until it had."""
    assert server.process is not None
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(30)
    return time.monotonic() - began
