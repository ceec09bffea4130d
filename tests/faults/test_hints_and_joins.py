"""Reordered, duplicated and lost hints change nothing but the delay; a client that joins while a message is
committed receives it exactly once."""

import asyncio
import random

import pytest

from tests.faults.checker import check
from tests.faults.crowd import Member, connected, delivery_delays, post_in_turn, settle
from tests.faults.raw import RawSocket
from tests.faults.scene import EMBEDDED, FORMS, MEMBERS, Scene

MAX_DELAY_SECONDS = 3.0 + 1.5
"""Until everybody has received a message: one interval of reconciling, and what a busy machine adds."""
JOINS = {EMBEDDED: 10_000}
CONCURRENT_JOINS = 48


@pytest.mark.parametrize("scene", FORMS, indirect=True)
def test_reordered_duplicated_and_lost_hints_delay_by_three_seconds_at_most(scene: Scene) -> None:
    people = scene.start("faulty hints", everywhere=True).people(10)

    async def run() -> None:
        async with connected(people):
            await post_in_turn(people, 12)
            await settle(people)

    asyncio.run(run())
    check(scene.site, people)
    assert max(delivery_delays(people)) < MAX_DELAY_SECONDS


@pytest.mark.parametrize("form", FORMS)
def test_thousands_join_while_messages_are_committed(form: str, scene_of) -> None:
    scene = scene_of(form).start()
    writers = scene.people(2)
    joins = JOINS.get(form, 2_000)
    chance = random.Random(7)

    async def run() -> None:
        async with connected(writers):
            numbers = iter(range(joins))
            posting = asyncio.create_task(post_forever(writers))
            joining = [join_repeatedly(scene, writers, numbers, chance) for _each in range(CONCURRENT_JOINS)]
            wrong = [each for some in await asyncio.gather(*joining) for each in some]
            posting.cancel()
            await settle(writers)
        assert not wrong, wrong[:5]

    asyncio.run(run())
    check(scene.site, writers)


async def post_forever(writers: list[Member]) -> None:
    """Post until cancelled."""
    while True:
        await post_in_turn(writers, 1, 0.1)


async def join_repeatedly(scene: Scene, writers: list[Member], numbers, chance) -> list[str]:
    """Connect with some number, receive up to the newest acknowledged message, and disconnect; returns the
    errors."""
    wrong = []
    for number in numbers:
        number_of_member = 2 + number % (MEMBERS - 2)
        server = scene.servers[number % len(scene.servers)]
        newest = max(member.last for member in writers)
        after = max(0, newest - chance.choice((0, 0, 1, 3, 30)))
        socket = await RawSocket.open(
            server.port,
            scene.template.people[number_of_member][1],
            t=scene.ticket_of(number_of_member),
            s=f"room:{scene.template.room},{after}",
        )
        try:
            async with asyncio.timeout(20):
                wrong += await receive_up_to(socket, after, newest + chance.choice((0, 1)))
        except TimeoutError:
            wrong.append(f"join {number}: nothing arrived after {after}, and there was {newest}")
        finally:
            socket.drop()
    return wrong


async def receive_up_to(socket: RawSocket, last: int, wanted: int) -> list[str]:
    """Receive up to a number; returns errors in the order of the entries."""
    while last < wanted:
        frame = await socket.receive()
        if frame["t"] in ("close", "unknown", "reset"):
            return [str(frame)]
        for entry in frame.get("e", ()):
            if entry["n"] != last + 1:
                return [f"{entry['n']} arrived after {last}"]
            last = entry["n"]
    return []
