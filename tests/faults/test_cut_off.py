"""What networks do to a line: a proxy of our own cuts it, stalls it one way, lets it through a byte at a
time or late, resets it in the middle of a frame, or lets no socket through at all."""

import asyncio
from collections.abc import Callable

import pytest

from tests.faults.checker import check
from tests.faults.crowd import settle, talk, together
from tests.faults.proxy import Proxy
from tests.faults.scene import EMBEDDED, FORMS, Scene


def is_cut(proxy: Proxy) -> None:
    proxy.is_down = True
    proxy.cut()


def stalls_to_people(proxy: Proxy) -> None:
    proxy.to_people.stall()


def stalls_to_the_server(proxy: Proxy) -> None:
    proxy.to_servers.stall()


def comes_a_byte_at_a_time(proxy: Proxy) -> None:
    proxy.to_people.one_byte_at_a_time = proxy.to_servers.one_byte_at_a_time = True


def comes_late(proxy: Proxy) -> None:
    proxy.to_people.delay = proxy.to_servers.delay = 0.2


def breaks_off_frames_to_people(proxy: Proxy) -> None:
    proxy.to_people.breaks_off = True


def breaks_off_frames_to_the_server(proxy: Proxy) -> None:
    proxy.to_servers.breaks_off = True


FAULTS = (
    is_cut,
    stalls_to_people,
    stalls_to_the_server,
    comes_a_byte_at_a_time,
    comes_late,
    breaks_off_frames_to_people,
    breaks_off_frames_to_the_server,
)


def heal(proxy: Proxy) -> None:
    """Let everything be as it should."""
    for way in (proxy.to_people, proxy.to_servers):
        way.flow()
        way.delay, way.one_byte_at_a_time, way.breaks_off = 0.0, False, False
    proxy.is_down = False


@pytest.mark.parametrize("scene", FORMS, indirect=True)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__.replace("_", " "))
def test_a_server_behind_a_line_that(fault: Callable[[Proxy], None], scene: Scene) -> None:
    scene.start()

    async def run() -> None:
        async with Proxy(scene.servers[0].port) as proxy:
            far = [scene.member(number, proxy.url) for number in range(4)]
            near = [scene.member(number) for number in range(4, 8)]
            for someone in far:
                someone.patience = 3.0
            async with together(far + near):
                talking = asyncio.create_task(talk(far + near, 6, 0.08))
                await asyncio.sleep(1)
                fault(proxy)
                await asyncio.sleep(4)
                heal(proxy)
                await talking
                await settle(far + near)
            check(scene.site, far + near)

    asyncio.run(run())


@pytest.mark.parametrize("scene", [EMBEDDED], indirect=True)
def test_where_no_socket_gets_through_the_room_goes_on_by_requests(scene: Scene) -> None:
    scene.start()

    async def run() -> None:
        async with Proxy(scene.servers[0].port) as proxy:
            proxy.lets_sockets_through = False
            people = [scene.member(0, proxy.url), scene.member(1, proxy.url), scene.member(2)]
            async with together(people):
                await talk(people, 4)
                await settle(people)
            check(scene.site, people)
            assert all(someone.posted for someone in people[:2])

    asyncio.run(run())
