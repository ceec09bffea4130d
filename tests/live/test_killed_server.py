"""A server dies in the middle of a conversation of ten. Nothing is lost, doubled or out of order for anyone,
and nobody has to come back by hand."""

import asyncio
import json
import signal

import pytest

from tests.live.people import Person
from tests.servers import valkey_url
from tests.site import Site

SCENE = """
from django.test import Client
from tests.cast import join, make_cast, person
cast = make_cast()
print(cast.space.room_id)
for number in range(10):
    user = person(f"Member {number}")
    join(cast.space, user)
    client = Client()
    client.force_login(user)
    print(client.cookies["sessionid"].value)
"""
LOG = """
import json
from messaging.models import Entry
print(json.dumps(list(Entry.objects.order_by("number").values_list("number", "text"))))
"""
MESSAGES = 12
"""What each of the ten says."""


@pytest.mark.parametrize("form", ["one process on SQLite", "two on PostgreSQL and Valkey"])
def test_a_killed_server_loses_nothing(form: str) -> None:
    several = form.startswith("two")
    site = Site("postgres" if several else "sqlite", redis_url=valkey_url() if several else "")
    room, *sessions = site.manage("shell", "-v", "0", "-c", SCENE).split()
    site.start()
    if several:
        site.start_another()
    try:
        people = [
            Person(site.servers[number % len(site.servers)], session, int(room))
            for number, session in enumerate(sessions)
        ]
        asyncio.run(_talk(site, people))
    finally:
        site.stop()
    log = json.loads(site.manage("shell", "-v", "0", "-c", LOG))
    said = sorted(text for someone in people for text in someone.sent.values())
    assert [number for number, _text in log] == list(range(1, len(log) + 1))
    assert sorted(text for _number, text in log) == said, "each message stands in the log once"
    for someone in people:
        assert not someone.wrong
        assert [(entry["n"], entry["m"]["text"]) for entry in someone.read] == [tuple(row) for row in log]


async def _talk(site: Site, people: list[Person]) -> None:
    lives = [asyncio.create_task(someone.live()) for someone in people]
    try:
        for number in range(MESSAGES):
            for place, someone in enumerate(people):
                someone.say(f"{number} from {place}")
                await asyncio.sleep(0.03)
            if number == MESSAGES // 2:
                server = site.servers[0]
                await asyncio.to_thread(server.stop, signal.SIGKILL)
                await asyncio.to_thread(server.start)
        total = MESSAGES * len(people)
        async with asyncio.timeout(90):
            while any(someone.waiting or someone.last < total for someone in people):
                await asyncio.sleep(0.1)
    finally:
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)
