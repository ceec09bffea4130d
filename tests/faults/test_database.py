"""The database stops: PostgreSQL dies and comes back, somebody holds a room, SQLite is full."""

import asyncio
import sqlite3
import time
import urllib.request

import psycopg
import pytest

from tests.faults.checker import check
from tests.faults.crowd import settle, talk, together
from tests.faults.scene import EMBEDDED, FORMS, SEVERAL, Scene
from tests.servers import postgres

HELD = 3.0
ROOM_LEFT = 4
"""Pages SQLite may still take when it is nearly full."""


@pytest.mark.parametrize("scene", [SEVERAL], indirect=True)
def test_postgresql_killed_and_back(scene: Scene) -> None:
    people = scene.start().people(8)

    async def run() -> None:
        async with together(people):
            talking = asyncio.create_task(talk(people, 10, 0.08))
            await asyncio.sleep(1)
            await asyncio.to_thread(postgres().die)
            await asyncio.sleep(3)
            await asyncio.to_thread(postgres().start)
            await talking
            await settle(people)

    try:
        asyncio.run(run())
    finally:
        if postgres().process.poll() is not None:
            postgres().start()
    check(scene.site, people)
    assert not [code for someone in people for code in someone.ends], "a socket was lost"
    assert [is_ready(server.url) for server in scene.servers] == [True, True]


@pytest.mark.parametrize("scene", FORMS, indirect=True)
def test_a_lock_on_the_rooms_row_is_waited_for(scene: Scene) -> None:
    people = scene.start().people(8)

    async def run() -> None:
        async with together(people):
            talking = asyncio.create_task(talk(people, 8, 0.08))
            await asyncio.sleep(1)
            await asyncio.to_thread(hold, scene)
            await talking
            await settle(people)

    asyncio.run(run())
    check(scene.site, people)
    assert not [code for someone in people for code in someone.ends], "a socket was lost"
    took = max(one.accepted_at[cid] - one.said_at[cid] for one in people for cid in one.sent)
    assert HELD / 2 < took < HELD + 4, "they waited for the lock, and not much longer"


@pytest.mark.parametrize("scene", [EMBEDDED], indirect=True)
def test_sqlite_full_and_with_room_again(scene: Scene) -> None:
    limit = scene.site.folder / "limit"
    limit.write_text("")
    ask(scene, "VACUUM")  # what earlier rows left free would be taken first
    people = scene.start("the database is small", str(limit)).people(8)

    async def run() -> None:
        async with together(people):
            await talk(people, 2)
            await settle(people)
            limit.write_text(str(ask(scene, "PRAGMA page_count") + ROOM_LEFT))
            await talk(people, 8, more="x" * 1_000)
            async with asyncio.timeout(20):
                while not all(someone.busy for someone in people):
                    await asyncio.sleep(0.1)
            assert any(someone.waiting for someone in people)
            limit.write_text("")
            await settle(people)

    asyncio.run(run())
    check(scene.site, people)
    assert not [code for someone in people for code in someone.ends], "a socket was lost"


def is_ready(address: str) -> bool:
    """What a server says of itself to whoever watches over it."""
    with urllib.request.urlopen(address + "/ready/", timeout=20) as answer:
        return answer.status == 200


def hold(scene: Scene) -> None:
    """Hold the room's row as somebody would who changes it and does not come to an end."""
    room = scene.laid.room
    if scene.site.database == "postgres":
        with psycopg.connect(
            f"host={postgres().folder} user=postgres dbname={scene.site.name}"
        ) as connection:
            connection.execute("SELECT 1 FROM messaging_room WHERE id = %s FOR UPDATE", [room])
            time.sleep(HELD)
            return
    connection = sqlite3.connect(scene.site.folder / "site.sqlite3", isolation_level=None, timeout=20)
    try:
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(HELD)
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def ask(scene: Scene, question: str) -> int:
    """Ask SQLite something that is answered with a number, or with nothing."""
    connection = sqlite3.connect(scene.site.folder / "site.sqlite3", isolation_level=None)
    try:
        answer = connection.execute(question).fetchone()
        return int(answer[0]) if answer else 0
    finally:
        connection.close()
