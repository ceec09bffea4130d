"""Clients that stop reading and clients that flood: they are closed, nobody else is delayed, and the memory
of the server stays bounded."""

import asyncio
import contextlib
import json

import pytest

from messaging.live import frames
from tests.faults.checker import check
from tests.faults.crowd import Member, connected, post_in_turn, settle
from tests.faults.raw import RawSocket
from tests.faults.scene import EMBEDDED, Scene, memory_of

STALLED_CLIENTS = 20
LONG_TEXT = ("words and words " * 240).strip()
"""A message nearly as long as allowed."""
MAX_GROWTH_KIB = 32 * 1024
"""Growth of the server's memory allowed while more than two megabytes are sent to each of twenty clients that
do not read."""
CLOSE_TOO_BIG = 1009
"""Close code of RFC 6455 for a frame above the limit."""
pytestmark = pytest.mark.parametrize("scene", [EMBEDDED], indirect=True)


def test_a_client_that_stops_reading_is_closed_and_catches_up(scene: Scene) -> None:
    people = scene.start().people(8)
    stalled = [scene.member(number) for number in range(8, 8 + STALLED_CLIENTS)]
    process = scene.servers[0].process
    assert process is not None

    async def run() -> None:
        async with connected(people):
            await post_in_turn(people, 2)
            await settle(people)
            sockets = [await connect_without_reading(scene, member) for member in stalled]
            before = memory_of(process)
            posting = asyncio.create_task(post_long(people))
            await asyncio.sleep(3)
            codes = await asyncio.gather(
                *(receive_pending(socket, one) for socket, one in first_half(sockets, stalled))
            )
            assert set(codes) == {frames.CLOSE_SLOW}
            await posting
            await settle(people)
            assert memory_of(process) - before < MAX_GROWTH_KIB
            await asyncio.gather(
                *(receive_pending(socket, one) for socket, one in second_half(sockets, stalled))
            )
            async with connected(stalled):
                await settle(people + stalled)
        assert max(delays(people)) < 5

    asyncio.run(run())
    check(scene.site, people + stalled)


@pytest.mark.parametrize("text", ["pings", "nonsense", "long messages", "frames that are too big"])
def test_a_flood_is_closed_and_delays_nobody_else(text: str, scene: Scene) -> None:
    people = scene.start().people(6)
    hostile = scene.member(9)

    async def run() -> None:
        async with connected(people):
            posting = asyncio.create_task(post_in_turn(people, 12, 0.08))
            await asyncio.sleep(0.5)
            once = text == "frames that are too big"
            codes = [await flood(scene, hostile, FLOODS[text](scene), once) for _time in range(4)]
            await posting
            await settle(people)
        assert set(codes) <= ({CLOSE_TOO_BIG} if once else {frames.CLOSE_FLOOD, 0})
        assert any(codes), "no flood got a close code"
        assert max(delays(people)) < 3

    asyncio.run(run())
    check(scene.site, people)


@pytest.mark.parametrize("character", ["(", "&", "!["])
def test_messages_that_are_slow_to_render_delay_nobody_else(character: str, scene: Scene) -> None:
    people = scene.start().people(6)
    hostile = scene.member(9)

    async def run() -> None:
        async with connected([*people, hostile]):
            for _time in range(20):
                hostile.post(character * (3_900 // len(character)))
            await post_in_turn(people, 12, 0.08)
            await settle(people)
        assert max(delays(people)) < 3

    asyncio.run(run())
    check(scene.site, [*people, hostile], all_acknowledged=False)


FLOODS = {
    "pings": lambda scene: '{"t":"ping"}',
    "nonsense": lambda scene: "{" * 50,
    "long messages": lambda scene: json.dumps(
        {"t": "send", "room": scene.template.room, "cid": "no id", "text": LONG_TEXT}
    ),
    "frames that are too big": lambda scene: '{"t":"' + "x" * 70_000,
}


async def flood(scene: Scene, hostile: Member, text: str, once: bool) -> int:
    """Send a text once, or as fast as the connection takes it, until it is closed; returns the close code."""
    socket = await RawSocket.open(
        scene.servers[0].port, hostile.session, t=hostile.ticket, s=f"room:{hostile.room},{hostile.last}"
    )

    async def send_forever() -> None:
        with contextlib.suppress(OSError):
            while not socket.writer.is_closing():
                for _time in range(1 if once else 50):
                    socket.send(text)
                await socket.writer.drain()
                await asyncio.sleep(3600 if once else 0.002)

    sending = asyncio.create_task(send_forever())
    try:
        async with asyncio.timeout(30):
            while (frame := await socket.receive())["t"] != "close":
                pass
        return int(frame["code"])
    finally:
        sending.cancel()
        socket.drop()


async def connect_without_reading(scene: Scene, member: Member) -> RawSocket:
    """A connection on which nothing is read, with a small receive buffer."""
    return await RawSocket.open(
        scene.servers[0].port, member.session, buffer=4096, t=member.ticket, s=f"room:{member.room},0"
    )


async def receive_pending(socket: RawSocket, member: Member) -> int:
    """Receive everything pending; returns the close code."""
    async with asyncio.timeout(30):
        while (frame := await socket.receive())["t"] != "close":
            member._receive(frame)
    member.is_connected = False
    socket.drop()
    return int(frame["code"])


async def post_long(people: list[Member]) -> None:
    for number in range(40):
        for member in people:
            member.post(f"{number} {LONG_TEXT}")
            await asyncio.sleep(0.02)


def first_half(sockets: list[RawSocket], stalled: list[Member]) -> list[tuple[RawSocket, Member]]:
    """The half that resumes reading in time to receive the close code."""
    return list(zip(sockets, stalled, strict=True))[: STALLED_CLIENTS // 2]


def second_half(sockets: list[RawSocket], stalled: list[Member]) -> list[tuple[RawSocket, Member]]:
    """The half that does not resume in time."""
    return list(zip(sockets, stalled, strict=True))[STALLED_CLIENTS // 2 :]


def delays(people: list[Member]) -> list[float]:
    """Seconds from posting to the acknowledgement."""
    return [
        member.acknowledged_at[cid] - member.posted_at[cid]
        for member in people
        for cid in member.acknowledged
    ]
