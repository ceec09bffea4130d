"""Faults of networks: a proxy cuts connections, stalls one direction, delivers byte by byte or late, resets
in the middle of a frame, or blocks WebSockets."""

import asyncio
from collections.abc import Callable

import pytest

from tests.faults.checker import check
from tests.faults.crowd import connected, post_in_turn, settle
from tests.faults.proxy import Proxy
from tests.faults.scene import EMBEDDED, FORMS, Scene


def is_cut(proxy: Proxy) -> None:
    proxy.is_down = True
    proxy.cut()


def stalls_to_clients(proxy: Proxy) -> None:
    proxy.to_clients.stall()


def stalls_to_the_server(proxy: Proxy) -> None:
    proxy.to_servers.stall()


def delivers_a_byte_at_a_time(proxy: Proxy) -> None:
    proxy.to_clients.one_byte_at_a_time = proxy.to_servers.one_byte_at_a_time = True


def delivers_late(proxy: Proxy) -> None:
    proxy.to_clients.delay = proxy.to_servers.delay = 0.2


def truncates_frames_to_clients(proxy: Proxy) -> None:
    proxy.to_clients.truncates = True


def truncates_frames_to_the_server(proxy: Proxy) -> None:
    proxy.to_servers.truncates = True


FAULTS = (
    is_cut,
    stalls_to_clients,
    stalls_to_the_server,
    delivers_a_byte_at_a_time,
    delivers_late,
    truncates_frames_to_clients,
    truncates_frames_to_the_server,
)


def heal(proxy: Proxy) -> None:
    """Remove all faults."""
    for direction in (proxy.to_clients, proxy.to_servers):
        direction.resume()
        direction.delay, direction.one_byte_at_a_time, direction.truncates = 0.0, False, False
    proxy.is_down = False


@pytest.mark.parametrize("scene", FORMS, indirect=True)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__.replace("_", " "))
def test_a_connection_that(fault: Callable[[Proxy], None], scene: Scene) -> None:
    scene.start()

    async def run() -> None:
        async with Proxy(scene.servers[0].port) as proxy:
            far = [scene.member(number, proxy.url) for number in range(4)]
            near = [scene.member(number) for number in range(4, 8)]
            for member in far:
                member.silence_timeout = 3.0
            async with connected(far + near):
                posting = asyncio.create_task(post_in_turn(far + near, 6, 0.08))
                await asyncio.sleep(1)
                fault(proxy)
                await asyncio.sleep(4)
                heal(proxy)
                await posting
                await settle(far + near)
            check(scene.site, far + near)

    asyncio.run(run())


@pytest.mark.parametrize("scene", [EMBEDDED], indirect=True)
def test_a_room_without_websockets_goes_on_by_polling(scene: Scene) -> None:
    scene.start()

    async def run() -> None:
        async with Proxy(scene.servers[0].port) as proxy:
            proxy.allows_sockets = False
            people = [scene.member(0, proxy.url), scene.member(1, proxy.url), scene.member(2)]
            async with connected(people):
                await post_in_turn(people, 4)
                await settle(people)
            check(scene.site, people)
            assert all(member.posted for member in people[:2])

    asyncio.run(run())
