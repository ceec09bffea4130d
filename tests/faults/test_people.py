"""Faults on the side of people: laptops sleep, two tabs send the same, members are removed, clocks are
wrong."""

import asyncio
import contextlib

import pytest

from tests.faults.checker import check
from tests.faults.crowd import connected, post_in_turn, settle
from tests.faults.proxy import Proxy
from tests.faults.raw import RawSocket
from tests.faults.scene import FORMS, SEVERAL, Scene
from tests.faults.services import Valkey

in_both_forms = pytest.mark.parametrize("scene", FORMS, indirect=True)


@in_both_forms
def test_a_client_offline_for_ten_minutes_receives_everything(scene: Scene) -> None:
    scene.start()

    async def run() -> None:
        async with Proxy(*(server.port for server in scene.servers)) as proxy:
            awake = scene.people(6)
            offline_member = scene.member(6, proxy.url)
            people = [*awake, offline_member]
            async with connected(people):
                await post_in_turn(people, 2)
                await settle(people)
                proxy.is_down = True
                await offline_member.cut()
                offline_member.post("written offline")
                await post_in_turn(awake, 20)
                scene.site.move_clock(minutes=10)
                await post_in_turn(awake, 20)
                proxy.is_down = False
                await settle(people)
            assert len(check(scene.site, people)) == 7 * 2 + 6 * 40 + 1

    asyncio.run(run())


@in_both_forms
def test_two_tabs_that_send_the_same_messages_insert_each_once(scene: Scene) -> None:
    scene.start()
    tabs = [scene.member(0), scene.member(0)]
    tabs[1].addresses.reverse()

    async def run() -> None:
        async with connected(tabs):
            for number in range(25):
                cid = tabs[0].post(f"from both {number}")
                tabs[1].post(f"from both {number}", cid)
                tabs[1].post(f"from the second {number}")
                await asyncio.sleep(0.1)
            await settle(tabs)

    asyncio.run(run())
    assert len(check(scene.site, tabs)) == 50


@in_both_forms
def test_a_clock_set_back_changes_nothing(scene: Scene) -> None:
    people = scene.start().people(8)

    async def run() -> None:
        async with connected(people):
            posting = asyncio.create_task(post_in_turn(people, 10, 0.06))
            for hours in (-2, 2, -24):
                await asyncio.sleep(1)
                scene.site.move_clock(hours=hours)
                await people[hours % 8].cut()
            await posting
            await settle(people)

    asyncio.run(run())
    assert len(check(scene.site, people)) == 80


@in_both_forms
def test_nothing_numbered_after_a_dismissal_under_load_reaches_the_dismissed(scene: Scene) -> None:
    scene.start()
    trainer, *people = scene.people(10)
    dismissed = people[-3:]
    membership = {user: membership_id for user, _session, membership_id in scene.template.people}

    async def run() -> None:
        async with connected([trainer, *people]):
            posting = asyncio.create_task(post_in_turn(people, 12, 0.03))
            for member in dismissed:
                await asyncio.sleep(0.7)
                path = f"/spaces/{scene.template.space}/people/{membership[member.id]}/remove/"
                await asyncio.to_thread(trainer.ask, path, really="yes")
            assert not trainer.errors, trainer.errors
            await posting
            async with asyncio.timeout(20):
                while not all(member.is_revoked for member in dismissed):
                    await asyncio.sleep(0.1)
                for member in dismissed:
                    member.post("and another thing")
                while any(member.unacknowledged for member in dismissed):
                    await asyncio.sleep(0.1)
            await settle([trainer, *people])
            for member in dismissed:
                assert await is_refused(scene, member.session, member.ticket)

    asyncio.run(run())
    log = check(scene.site, [trainer, *people])
    for member in dismissed:
        (dismissed_at,) = [row.number for row in log if row.kind == "leave" and row.author == member.id]
        assert member.last <= dismissed_at
        assert member.refused


@pytest.mark.parametrize("scene", [SEVERAL], indirect=True)
def test_nothing_numbered_after_a_dismissal_reaches_them_at_another_server_without_hints(
    scene: Scene, valkey: Valkey
) -> None:
    """They reconnect at the other server with a ticket from before, and get the log up to the dismissal."""
    trainer, *people = scene.start().people(6)
    dismissed = people[-1]
    membership = {user: membership_id for user, _session, membership_id in scene.template.people}[
        dismissed.id
    ]

    async def run() -> list[int]:
        async with connected([trainer, *people]):
            await post_in_turn(people, 3)
            await settle([trainer, *people])
            await asyncio.to_thread(valkey.kill)
            posting = asyncio.create_task(post_in_turn(people[:-1], 6))
            path = f"/spaces/{scene.template.space}/people/{membership}/remove/"
            await asyncio.to_thread(trainer.ask, path, really="yes")
            assert not trainer.errors, trainer.errors
            socket = await RawSocket.open(
                scene.servers[1].port, dismissed.session, t=dismissed.ticket, s=f"room:{dismissed.room},0"
            )
            received_numbers = []
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(5):
                    while (frame := await socket.receive())["t"] != "close":
                        received_numbers += [entry["n"] for entry in frame.get("e", ())]
            socket.drop()
            await posting
            await settle([trainer, *people])
            return received_numbers

    received_numbers = asyncio.run(run())
    log = check(scene.site, [trainer, *people])
    (dismissed_at,) = [row.number for row in log if row.kind == "leave" and row.author == dismissed.id]
    assert max([*received_numbers, dismissed.last]) <= dismissed_at


async def is_refused(scene: Scene, session: str, ticket: str) -> bool:
    """Whether an old ticket gives no access at any server."""
    for server in scene.servers:
        socket = await RawSocket.open(server.port, session, t=ticket, s=f"room:{scene.template.room},0")
        received = [await socket.receive(), await socket.receive()]
        socket.drop()
        if [frame["t"] for frame in received] != ["welcome", "unknown"]:
            return False
    return True
