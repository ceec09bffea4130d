"""Valkey carries hints between servers and nothing else. Killed, emptied, frozen or idle, it costs three
seconds at most, and no socket."""

import asyncio
import statistics

import pytest

from tests.faults.checker import check
from tests.faults.crowd import Member, lags, settle, talk, together
from tests.faults.scene import SEVERAL, Scene
from tests.faults.services import Valkey

LATEST = 3.0 + 1.5
"""Seconds within which everybody reads what was accepted: three, and what a busy machine adds."""
pytestmark = pytest.mark.parametrize("scene", [SEVERAL], indirect=True)


def nobody_noticed(scene: Scene, people: list[Member]) -> None:
    check(scene.site, people)
    assert not [code for someone in people for code in someone.ends], "a socket was lost"
    assert max(lags(people)) < LATEST
    assert scene.log().count("\n") < 500, "the servers cannot stop talking about it"
    assert " ERROR aftercourse" not in scene.log()


@pytest.mark.parametrize("with_data", [True, False], ids=["with its data", "without its data"])
def test_valkey_killed_and_back(with_data: bool, scene: Scene, valkey: Valkey) -> None:
    people = scene.start().people(8)

    async def run() -> None:
        async with together(people):
            talking = asyncio.create_task(talk(people, 12, 0.08))
            await asyncio.sleep(1)
            await asyncio.to_thread(valkey.kill)
            await asyncio.sleep(3)
            if not with_data:
                valkey.forget()
            await asyncio.to_thread(valkey.start)
            await talking
            await settle(people)
            await asyncio.sleep(5)
            await hints_are_back(people)

    asyncio.run(run())
    nobody_noticed(scene, people)


def test_valkey_frozen_for_half_a_minute(scene: Scene, valkey: Valkey) -> None:
    people = scene.start().people(6)

    async def run() -> None:
        async with together(people):
            await talk(people, 2)
            valkey.freeze()
            try:
                await talk(people, 20, 0.25)
            finally:
                valkey.thaw()
            await talk(people, 2)
            await settle(people)
            await asyncio.sleep(5)
            await hints_are_back(people)

    asyncio.run(run())
    nobody_noticed(scene, people)


def test_a_minute_in_which_nobody_says_anything(scene: Scene, valkey: Valkey) -> None:
    people = scene.start().people(6)
    for someone in people:
        someone.patience = 45

    async def run() -> None:
        async with together(people):
            await asyncio.sleep(60)
            await hints_are_back(people)

    asyncio.run(run())
    nobody_noticed(scene, people)
    assert "broke" not in scene.log(), "the line between the servers was idle, not broken"


async def hints_are_back(people: list[Member]) -> None:
    """News goes from server to server by hints again, and not by looking for it every few seconds."""
    first = people[0].last
    await talk(people, 3, 0.1)
    await settle(people)
    told = {number: one.accepted_at[cid] for one in people for cid, number in one.accepted.items()}
    late = [one.read_at[number] - at for one in people for number, at in told.items() if number > first]
    assert statistics.median(late) < 0.5
