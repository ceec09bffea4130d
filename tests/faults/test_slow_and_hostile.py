"""Who stops reading, and who does not stop talking: they are sent away, nobody else notices, and the server
does not grow."""

import asyncio
import contextlib
import json

import pytest

from messaging.live import frames
from tests.faults.checker import check
from tests.faults.crowd import Member, settle, talk, together
from tests.faults.raw import RawLine
from tests.faults.scene import EMBEDDED, Scene, memory_of

STALLED = 20
LONG = ("words and words " * 240).strip()
"""A message nearly as long as they may be."""
GROWTH = 32 * 1024
"""KiB the server may grow while more than two megabytes wait for each of twenty who do not read."""
TOO_BIG = 1009
pytestmark = pytest.mark.parametrize("scene", [EMBEDDED], indirect=True)


def test_who_stops_reading_is_closed_and_comes_back_to_everything(scene: Scene) -> None:
    people = scene.start().people(8)
    stalled = [scene.member(number) for number in range(8, 8 + STALLED)]
    process = scene.servers[0].process
    assert process is not None

    async def run() -> None:
        async with together(people):
            await talk(people, 2)
            await settle(people)
            lines = [await not_reading(scene, someone) for someone in stalled]
            before = memory_of(process)
            talking = asyncio.create_task(say_much(people))
            await asyncio.sleep(3)
            ends = await asyncio.gather(*(read_on(line, one) for line, one in woken(lines, stalled)))
            assert set(ends) == {frames.SLOW}
            await talking
            await settle(people)
            assert memory_of(process) - before < GROWTH
            await asyncio.gather(*(read_on(line, one) for line, one in asleep(lines, stalled)))
            async with together(stalled):
                await settle(people + stalled)
        assert max(delays(people)) < 5

    asyncio.run(run())
    check(scene.site, people + stalled)


@pytest.mark.parametrize("words", ["pings", "nonsense", "long messages", "frames that are too big"])
def test_a_flood_is_closed_and_the_others_do_not_wait(words: str, scene: Scene) -> None:
    people = scene.start().people(6)
    hostile = scene.member(9)

    async def run() -> None:
        async with together(people):
            talking = asyncio.create_task(talk(people, 12, 0.08))
            await asyncio.sleep(0.5)
            once = words == "frames that are too big"
            ends = [await flood(scene, hostile, FLOODS[words](scene), once) for _time in range(4)]
            await talking
            await settle(people)
        assert set(ends) <= ({TOO_BIG} if once else {frames.FLOOD, 0})
        assert any(ends), "the flood was never told why it ended"
        assert max(delays(people)) < 3

    asyncio.run(run())
    check(scene.site, people)


@pytest.mark.parametrize("sign", ["(", "&", "!["])
def test_messages_that_are_hard_to_make_html_of_hold_up_nobody_else(sign: str, scene: Scene) -> None:
    people = scene.start().people(6)
    hostile = scene.member(9)

    async def run() -> None:
        async with together([*people, hostile]):
            for _time in range(20):
                hostile.say(sign * (3_900 // len(sign)))
            await talk(people, 12, 0.08)
            await settle(people)
        assert max(delays(people)) < 3

    asyncio.run(run())
    check(scene.site, [*people, hostile], all_said=False)


FLOODS = {
    "pings": lambda scene: '{"t":"ping"}',
    "nonsense": lambda scene: "{" * 50,
    "long messages": lambda scene: json.dumps(
        {"t": "send", "room": scene.laid.room, "cid": "no id", "text": LONG}
    ),
    "frames that are too big": lambda scene: '{"t":"' + "x" * 70_000,
}


async def flood(scene: Scene, hostile: Member, words: str, once: bool) -> int:
    """Say something once, or as fast as the line takes it, until it is closed; give the code of that."""
    line = await RawLine.open(
        scene.servers[0].port, hostile.session, t=hostile.ticket, s=f"room:{hostile.room},{hostile.last}"
    )

    async def pour() -> None:
        with contextlib.suppress(OSError):
            while not line.writer.is_closing():
                for _time in range(1 if once else 50):
                    line.send(words)
                await line.writer.drain()
                await asyncio.sleep(3600 if once else 0.002)

    pouring = asyncio.create_task(pour())
    try:
        async with asyncio.timeout(30):
            while (said := await line.hear())["t"] != "close":
                pass
        return int(said["code"])
    finally:
        pouring.cancel()
        line.drop()


async def not_reading(scene: Scene, someone: Member) -> RawLine:
    """A line on which somebody reads nothing, with little room on their side."""
    return await RawLine.open(
        scene.servers[0].port, someone.session, buffer=4096, t=someone.ticket, s=f"room:{someone.room},0"
    )


async def read_on(line: RawLine, someone: Member) -> int:
    """Read at last what came, up to the end; give the code of that."""
    async with asyncio.timeout(30):
        while (said := await line.hear())["t"] != "close":
            someone._hear(said)
    someone.is_here = False
    line.drop()
    return int(said["code"])


async def say_much(people: list[Member]) -> None:
    for number in range(40):
        for someone in people:
            someone.say(f"{number} {LONG}")
            await asyncio.sleep(0.02)


def woken(lines: list[RawLine], stalled: list[Member]) -> list[tuple[RawLine, Member]]:
    """Those who read on in time to hear why they are closed."""
    return list(zip(lines, stalled, strict=True))[: STALLED // 2]


def asleep(lines: list[RawLine], stalled: list[Member]) -> list[tuple[RawLine, Member]]:
    """Those who do not."""
    return list(zip(lines, stalled, strict=True))[STALLED // 2 :]


def delays(people: list[Member]) -> list[float]:
    """Seconds from saying to being acknowledged."""
    return [one.accepted_at[cid] - one.said_at[cid] for one in people for cid in one.accepted]
