"""Servers are killed (SIGKILL): under load, inside the commit of a message, and all at once."""

import asyncio
import signal
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.checker import check, check_kept_numbers
from tests.faults.crowd import Member, connected, post_in_turn, settle
from tests.faults.scene import FORMS, SEVERAL, Scene
from tests.waiting import wait_until

POINTS = (
    "killed before the commit",
    "killed after the commit",
    "killed before the answer",
    "killed before the hint",
)
in_both_forms = pytest.mark.parametrize("scene", FORMS, indirect=True)


@in_both_forms
def test_killing_a_server_three_times_under_load_loses_nothing(scene: Scene) -> None:
    people = scene.start().people(12)

    async def run() -> None:
        async with connected(people):
            posting = asyncio.create_task(post_in_turn(people, 14))
            for number in range(3):
                await asyncio.sleep(1)
                server = scene.servers[number % len(scene.servers)]
                await asyncio.to_thread(server.stop, signal.SIGKILL)
                await asyncio.to_thread(server.start)
            await posting
            await settle(people)

    asyncio.run(run())
    assert len(check(scene.site, people)) == 14 * 12


@in_both_forms
@pytest.mark.parametrize("point", POINTS)
def test_killing_a_server_at_any_step_of_inserting_loses_and_duplicates_nothing(
    point: str, scene: Scene
) -> None:
    people = scene.start(point).people(8)
    victim = scene.servers[0]

    async def run() -> None:
        async with connected(people):
            posting = asyncio.create_task(post_in_turn(people, 6))
            assert victim.process is not None
            assert await asyncio.to_thread(victim.process.wait, 40) == -signal.SIGKILL
            victim.program = ("manage.py",)
            await asyncio.to_thread(victim.start)
            await posting
            await settle(people)

    asyncio.run(run())
    assert len(check(scene.site, people)) == 6 * 8


@pytest.mark.parametrize("scene", [SEVERAL], indirect=True)
def test_killing_all_servers_at_once_loses_nothing(scene: Scene) -> None:
    people = scene.start().people(12)

    async def run() -> None:
        async with connected(people):
            posting = asyncio.create_task(post_in_turn(people, 10))
            await asyncio.sleep(1.5)
            for server in scene.servers:
                assert server.process is not None
                server.process.kill()
            for server in scene.servers:
                await asyncio.to_thread(server.stop)
                await asyncio.to_thread(server.start)
            await posting
            await settle(people)

    asyncio.run(run())
    check(scene.site, people)


@in_both_forms
def test_killing_servers_while_people_write_and_read_leaves_no_wrong_number_of_what_is_new(
    scene: Scene,
) -> None:
    people = scene.start().people(8)
    is_over = threading.Event()
    rounds: list[int] = []

    def write_and_read(member: Member) -> None:
        front = f"/spaces/{member.space}/"
        while not is_over.is_set():
            new = {"title": "Notifications", "text": "", "language": "en", "client_id": str(uuid.uuid4())}
            member.ask(f"{front}threads/new/", **new)
            member.ask(front)
            if member is not people[0]:
                member.ask(f"{front}read/", all="1")
            member.ask(front)
            rounds.append(member.id)

    with ThreadPoolExecutor(len(people)) as pool:
        running = [pool.submit(write_and_read, member) for member in people]
        try:
            for number in range(4):
                server, before = scene.servers[number % len(scene.servers)], len(rounds)
                wait_until(lambda before=before: len(rounds) >= before + 8, "Pages", scene.log)
                server.stop(signal.SIGKILL)
                server.start()
        finally:
            is_over.set()
    for one in running:
        one.result()
    for member in people:
        member.ask(f"/spaces/{member.space}/")
    check_kept_numbers(scene.site)
