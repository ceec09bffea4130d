"""Two servers behind one address are restarted one after the other, under load: no request fails, and nothing
of them stays in Valkey."""

import asyncio
import signal
import time

import pytest

from messaging.live import frames
from tests.faults.checker import check
from tests.faults.crowd import Member, connected, post_in_turn, settle
from tests.faults.proxy import Proxy
from tests.faults.scene import SEVERAL, Scene
from tests.faults.services import Valkey
from tests.site import Server

STOP_TIMEOUT_SECONDS = 15.0
"""How long a server may take to stop after SIGTERM."""


@pytest.mark.parametrize("scene", [SEVERAL], indirect=True)
def test_a_rolling_restart_fails_no_request_and_loses_nothing(scene: Scene, valkey: Valkey) -> None:
    scene.start()
    ports = [server.port for server in scene.servers]

    async def run() -> list[Member]:
        async with Proxy(*ports) as balancer, Proxy(*ports) as without_sockets:
            without_sockets.allows_sockets = False
            people = [scene.member(number, balancer.url) for number in range(10)]
            people += [scene.member(number, without_sockets.url) for number in range(10, 13)]
            for member in people:
                member.silence_timeout = 20.0
            async with connected(people):
                for server in scene.servers:
                    posting = asyncio.create_task(post_in_turn(people, 5, 0.08))
                    await asyncio.sleep(1)
                    assert await asyncio.to_thread(stop_time, server) < STOP_TIMEOUT_SECONDS
                    await asyncio.to_thread(server.start)
                    await posting
                await settle(people)
            assert balancer.refusals == without_sockets.refusals == 0
            return people

    people = asyncio.run(run())
    check(scene.site, people)
    for member in people:
        assert not member.errors, member.errors
    ends = {code for member in people[:10] for code in member.close_codes}
    assert ends == {frames.CLOSE_MOVE}
    for server in scene.servers:
        assert stop_time(server) < STOP_TIMEOUT_SECONDS
    with valkey.client() as client:
        assert client.keys("asgi*") == []
        assert client.pubsub_channels("*") == []


def stop_time(server: Server) -> float:
    """Send SIGTERM to a server; returns the seconds until it exited."""
    assert server.process is not None
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(30)
    return time.monotonic() - began
