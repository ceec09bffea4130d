"""What people do to a conversation: they sleep, have two tabs, are thrown out; and the clock goes wrong."""

import asyncio
import contextlib

import pytest

from tests.faults.checker import check
from tests.faults.crowd import settle, talk, together
from tests.faults.proxy import Proxy
from tests.faults.raw import RawLine
from tests.faults.scene import FORMS, SEVERAL, Scene
from tests.faults.services import Valkey

in_both_forms = pytest.mark.parametrize("scene", FORMS, indirect=True)


@in_both_forms
def test_who_slept_for_ten_minutes_comes_back_to_everything(scene: Scene) -> None:
    scene.start()

    async def run() -> None:
        async with Proxy(*(server.port for server in scene.servers)) as proxy:
            awake = scene.people(6)
            sleeper = scene.member(6, proxy.url)
            people = [*awake, sleeper]
            async with together(people):
                await talk(people, 2)
                await settle(people)
                proxy.is_down = True
                await sleeper.cut()
                sleeper.say("written on the train")
                await talk(awake, 20)
                scene.site.move_clock(minutes=10)
                await talk(awake, 20)
                proxy.is_down = False
                await settle(people)
            assert len(check(scene.site, people)) == 7 * 2 + 6 * 40 + 1

    asyncio.run(run())


@in_both_forms
def test_two_tabs_of_one_person_send_at_once_and_each_message_is_there_once(scene: Scene) -> None:
    scene.start()
    tabs = [scene.member(0), scene.member(0)]
    tabs[1].addresses.reverse()

    async def run() -> None:
        async with together(tabs):
            for number in range(25):
                cid = tabs[0].say(f"from both {number}")
                tabs[1].say(f"from both {number}", cid)
                tabs[1].say(f"from the second {number}")
                await asyncio.sleep(0.1)
            await settle(tabs)

    asyncio.run(run())
    assert len(check(scene.site, tabs)) == 50


@in_both_forms
def test_a_clock_set_back_changes_nothing(scene: Scene) -> None:
    people = scene.start().people(8)

    async def run() -> None:
        async with together(people):
            talking = asyncio.create_task(talk(people, 10, 0.06))
            for hours in (-2, 2, -24):
                await asyncio.sleep(1)
                scene.site.move_clock(hours=hours)
                await people[hours % 8].cut()
            await talking
            await settle(people)

    asyncio.run(run())
    assert len(check(scene.site, people)) == 80


@in_both_forms
def test_who_is_thrown_out_in_mid_flood_gets_nothing_after_the_leaving(scene: Scene) -> None:
    scene.start()
    trainer, *people = scene.people(10)
    gone = people[-3:]
    membership = {user: place for user, _session, place in scene.laid.people}

    async def run() -> None:
        async with together([trainer, *people]):
            talking = asyncio.create_task(talk(people, 12, 0.03))
            for someone in gone:
                await asyncio.sleep(0.7)
                path = f"/spaces/{scene.laid.space}/people/{membership[someone.id]}/remove/"
                await asyncio.to_thread(trainer.ask, path, really="yes")
            assert not trainer.errors, trainer.errors
            await talking
            async with asyncio.timeout(20):
                while not all(someone.is_out for someone in gone):
                    await asyncio.sleep(0.1)
                for someone in gone:
                    someone.say("and another thing")
                while any(someone.waiting for someone in gone):
                    await asyncio.sleep(0.1)
            await settle([trainer, *people])
            for someone in gone:
                assert await is_told_nothing(scene, someone.session, someone.ticket)

    asyncio.run(run())
    log = check(scene.site, [trainer, *people])
    for someone in gone:
        (left,) = [row.number for row in log if row.kind == "leave" and row.author == someone.id]
        assert someone.last <= left
        assert someone.refused


@pytest.mark.parametrize("scene", [SEVERAL], indirect=True)
def test_who_is_thrown_out_while_servers_do_not_hear_each_other_gets_nothing_after_it(
    scene: Scene, valkey: Valkey
) -> None:
    """At the other server, with a ticket from before, from the first number on, up to their leaving."""
    trainer, *people = scene.start().people(6)
    gone = people[-1]
    membership = {user: place for user, _session, place in scene.laid.people}[gone.id]

    async def run() -> list[int]:
        async with together([trainer, *people]):
            await talk(people, 3)
            await settle([trainer, *people])
            await asyncio.to_thread(valkey.kill)
            talking = asyncio.create_task(talk(people[:-1], 6))
            path = f"/spaces/{scene.laid.space}/people/{membership}/remove/"
            await asyncio.to_thread(trainer.ask, path, really="yes")
            assert not trainer.errors, trainer.errors
            line = await RawLine.open(
                scene.servers[1].port, gone.session, t=gone.ticket, s=f"room:{gone.room},0"
            )
            got = []
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(5):
                    while (said := await line.hear())["t"] != "close":
                        got += [entry["n"] for entry in said.get("e", ())]
            line.drop()
            await talking
            await settle([trainer, *people])
            return got

    got = asyncio.run(run())
    log = check(scene.site, [trainer, *people])
    (left,) = [row.number for row in log if row.kind == "leave" and row.author == gone.id]
    assert max([*got, gone.last]) <= left


async def is_told_nothing(scene: Scene, session: str, ticket: str) -> bool:
    """Whether somebody who comes back with their old ticket is told nothing, at either server."""
    for server in scene.servers:
        line = await RawLine.open(server.port, session, t=ticket, s=f"room:{scene.laid.room},0")
        said = [await line.hear(), await line.hear()]
        line.drop()
        if [word["t"] for word in said] != ["welcome", "unknown"]:
            return False
    return True
