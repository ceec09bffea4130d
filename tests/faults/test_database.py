"""Faults of the database: PostgreSQL is killed and restarted, a room's row is locked, SQLite is full."""

import asyncio
import sqlite3
import time
import urllib.error
import urllib.request

import psycopg
import pytest

from tests.faults.checker import check
from tests.faults.crowd import connected, post_in_turn, settle
from tests.faults.scene import EMBEDDED, FORMS, SEVERAL, Scene
from tests.servers import postgres
from tests.waiting import wait_until

LOCK_SECONDS = 3.0
FREE_PAGES = 4
"""Pages SQLite may still allocate when it is nearly full."""


@pytest.mark.parametrize("scene", [SEVERAL], indirect=True)
def test_postgresql_is_killed_and_restarted(scene: Scene) -> None:
    people = scene.start().people(8)

    async def run() -> None:
        async with connected(people):
            posting = asyncio.create_task(post_in_turn(people, 10, 0.08))
            await asyncio.sleep(1)
            await asyncio.to_thread(postgres().crash)
            await asyncio.sleep(3)
            await asyncio.to_thread(postgres().start)
            await posting
            await settle(people)

    try:
        asyncio.run(run())
    finally:
        if postgres().process.poll() is not None:
            postgres().start()
    check(scene.site, people)
    assert not [code for member in people for code in member.close_codes], "a socket was lost"
    for server in scene.servers:
        # Broken connections in the pool are replaced when a request uses them.
        wait_until(lambda url=server.url: is_ready(url), "The server", scene.log)


@pytest.mark.parametrize("scene", FORMS, indirect=True)
def test_a_locked_room_delays_only_its_messages(scene: Scene) -> None:
    people = scene.start().people(8)

    async def run() -> None:
        async with connected(people):
            posting = asyncio.create_task(post_in_turn(people, 8, 0.08))
            await asyncio.sleep(1)
            await asyncio.to_thread(lock_room, scene)
            await posting
            await settle(people)

    asyncio.run(run())
    check(scene.site, people)
    assert not [code for member in people for code in member.close_codes], "a socket was lost"
    delay = max(
        member.acknowledged_at[cid] - member.posted_at[cid] for member in people for cid in member.sent
    )
    assert LOCK_SECONDS / 2 < delay < LOCK_SECONDS + 4, "the delay is that of the lock"


@pytest.mark.parametrize("scene", [EMBEDDED], indirect=True)
def test_a_full_sqlite_database_answers_busy_until_there_is_space(scene: Scene) -> None:
    limit = scene.site.folder / "limit"
    limit.write_text("")
    run_sql(scene, "VACUUM")  # free pages would be reused first
    people = scene.start("the database is small", str(limit)).people(8)

    async def run() -> None:
        async with connected(people):
            await post_in_turn(people, 2)
            await settle(people)
            limit.write_text(str(run_sql(scene, "PRAGMA page_count") + FREE_PAGES))
            await post_in_turn(people, 8, suffix="x" * 1_000)
            async with asyncio.timeout(20):
                while not all(member.busy for member in people):
                    await asyncio.sleep(0.1)
            assert any(member.unacknowledged for member in people)
            limit.write_text("")
            await settle(people)

    asyncio.run(run())
    check(scene.site, people)
    assert not [code for member in people for code in member.close_codes], "a socket was lost"


def is_ready(address: str) -> bool:
    """Whether a server answers that it is ready."""
    try:
        with urllib.request.urlopen(address + "/ready/", timeout=20) as answer:
            return answer.status == 200
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return False


def lock_room(scene: Scene) -> None:
    """Lock the room's row for `LOCK_SECONDS`, like a transaction that hangs."""
    room = scene.template.room
    if scene.site.database == "postgres":
        with psycopg.connect(
            f"host={postgres().folder} user=postgres dbname={scene.site.name}"
        ) as connection:
            connection.execute("SELECT 1 FROM messaging_room WHERE id = %s FOR UPDATE", [room])
            time.sleep(LOCK_SECONDS)
            return
    connection = sqlite3.connect(scene.site.folder / "site.sqlite3", isolation_level=None, timeout=20)
    try:
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(LOCK_SECONDS)
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def run_sql(scene: Scene, statement: str) -> int:
    """Run a statement on SQLite; returns the number it answers with, or 0."""
    connection = sqlite3.connect(scene.site.folder / "site.sqlite3", isolation_level=None)
    try:
        answer = connection.execute(statement).fetchone()
        return int(answer[0]) if answer else 0
    finally:
        connection.close()
