"""Servers die by kill -9: in mid load, inside the commit of a message, and all at once."""

import asyncio
import signal

import pytest

from tests.faults.checker import check
from tests.faults.crowd import settle, talk, together
from tests.faults.scene import FORMS, SEVERAL, Scene

POINTS = (
    "killed before the commit",
    "killed after the commit",
    "killed before the answer",
    "killed before the hint",
)
in_both_forms = pytest.mark.parametrize("scene", FORMS, indirect=True)


@in_both_forms
def test_a_server_killed_three_times_in_mid_load_loses_nothing(scene: Scene) -> None:
    people = scene.start().people(12)

    async def run() -> None:
        async with together(people):
            talking = asyncio.create_task(talk(people, 14))
            for number in range(3):
                await asyncio.sleep(1)
                server = scene.servers[number % len(scene.servers)]
                await asyncio.to_thread(server.stop, signal.SIGKILL)
                await asyncio.to_thread(server.start)
            await talking
            await settle(people)

    asyncio.run(run())
    assert len(check(scene.site, people)) == 14 * 12


@in_both_forms
@pytest.mark.parametrize("point", POINTS)
def test_a_server_killed_at_a_point_of_accepting_loses_and_doubles_nothing(point: str, scene: Scene) -> None:
    people = scene.start(point).people(8)
    victim = scene.servers[0]

    async def run() -> None:
        async with together(people):
            talking = asyncio.create_task(talk(people, 6))
            assert victim.process is not None
            assert await asyncio.to_thread(victim.process.wait, 40) == -signal.SIGKILL
            victim.program = ("manage.py",)
            await asyncio.to_thread(victim.start)
            await talking
            await settle(people)

    asyncio.run(run())
    assert len(check(scene.site, people)) == 6 * 8


@pytest.mark.parametrize("scene", [SEVERAL], indirect=True)
def test_when_all_servers_are_killed_at_once_everybody_comes_back_with_what_they_had(scene: Scene) -> None:
    people = scene.start().people(12)

    async def run() -> None:
        async with together(people):
            talking = asyncio.create_task(talk(people, 10))
            await asyncio.sleep(1.5)
            for server in scene.servers:
                assert server.process is not None
                server.process.kill()
            for server in scene.servers:
                await asyncio.to_thread(server.stop)
                await asyncio.to_thread(server.start)
            await talking
            await settle(people)

    asyncio.run(run())
    check(scene.site, people)
