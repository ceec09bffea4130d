"""The hint is only a hint: shuffled, doubled and lost ones change nothing but the delay. And nobody who comes
in at the very moment a message is committed misses it or has it twice."""

import asyncio
import random

import pytest

from tests.faults.checker import check
from tests.faults.crowd import Member, lags, settle, talk, together
from tests.faults.raw import RawLine
from tests.faults.scene import EMBEDDED, FORMS, PEOPLE, Scene

LATEST = 3.0 + 1.5
"""Seconds within which everybody reads what was accepted: three, and what a busy machine adds."""
JOINS = {EMBEDDED: 10_000}
AT_ONCE = 48


@pytest.mark.parametrize("scene", FORMS, indirect=True)
def test_hints_shuffled_doubled_and_lost_cost_three_seconds_at_most(scene: Scene) -> None:
    people = scene.start("hints go astray", everywhere=True).people(10)

    async def run() -> None:
        async with together(people):
            await talk(people, 12)
            await settle(people)

    asyncio.run(run())
    check(scene.site, people)
    assert max(lags(people)) < LATEST


@pytest.mark.parametrize("form", FORMS)
def test_thousands_join_while_messages_commit(form: str, scene_of) -> None:
    scene = scene_of(form).start()
    speakers = scene.people(2)
    joins = JOINS.get(form, 2_000)
    chance = random.Random(7)

    async def run() -> None:
        async with together(speakers):
            left = iter(range(joins))
            talking = asyncio.create_task(go_on(speakers))
            joining = [joins_again_and_again(scene, speakers, left, chance) for _each in range(AT_ONCE)]
            wrong = [each for some in await asyncio.gather(*joining) for each in some]
            talking.cancel()
            await settle(speakers)
        assert not wrong, wrong[:5]

    asyncio.run(run())
    check(scene.site, speakers)


async def go_on(speakers: list[Member]) -> None:
    """Talk until cancelled."""
    while True:
        await talk(speakers, 1, 0.1)


async def joins_again_and_again(scene: Scene, speakers: list[Member], left, chance) -> list[str]:
    """Come in from some number on, read until what was accepted is there, and go; say what was wrong."""
    wrong = []
    for number in left:
        who = 2 + number % (PEOPLE - 2)
        server = scene.servers[number % len(scene.servers)]
        newest = max(someone.last for someone in speakers)
        after = max(0, newest - chance.choice((0, 0, 1, 3, 30)))
        line = await RawLine.open(
            server.port,
            scene.laid.people[who][1],
            t=scene.ticket_of(who),
            s=f"room:{scene.laid.room},{after}",
        )
        try:
            async with asyncio.timeout(20):
                wrong += await reads_to(line, after, newest + chance.choice((0, 1)))
        except TimeoutError:
            wrong.append(f"join {number}: nothing came after {after}, and there was {newest}")
        finally:
            line.drop()
    return wrong


async def reads_to(line: RawLine, last: int, wanted: int) -> list[str]:
    """Read until a number is there; give what came out of order."""
    while last < wanted:
        said = await line.hear()
        if said["t"] in ("close", "unknown", "reset"):
            return [str(said)]
        for entry in said.get("e", ()):
            if entry["n"] != last + 1:
                return [f"{entry['n']} came after {last}"]
            last = entry["n"]
    return []
