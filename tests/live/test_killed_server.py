"""A server is killed while ten clients write. Nothing is lost, duplicated or out of order for anybody, and
all reconnect by themselves. tests/faults/test_killed_servers.py kills several servers, and more often."""

import asyncio
import json
import signal

from tests.live.clients import ChatClient
from tests.site import Site
from tests.waiting import PATIENCE_SECONDS

SCENE = """
from django.test import Client
from tests.cast import join, create_cast, person
cast = create_cast()
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
MESSAGES_EACH = 6


def test_a_killed_server_loses_nothing() -> None:
    site = Site("sqlite")
    room, *sessions = site.manage("shell", "-v", "0", "-c", SCENE).split()
    site.start()
    try:
        clients = [ChatClient(site.servers[0], session, int(room)) for session in sessions]
        asyncio.run(_write_while_killed(site, clients))
    finally:
        site.stop()
    log = json.loads(site.manage("shell", "-v", "0", "-c", LOG))
    sent = sorted(text for client in clients for text in client.sent.values())
    assert [number for number, _text in log] == list(range(1, len(log) + 1))
    assert sorted(text for _number, text in log) == sent, "each message is in the log once"
    for client in clients:
        assert not client.errors
        assert [(entry["n"], entry["m"]["text"]) for entry in client.received] == [tuple(row) for row in log]


async def _write_while_killed(site: Site, clients: list[ChatClient]) -> None:
    tasks = [asyncio.create_task(client.run()) for client in clients]
    try:
        for number in range(MESSAGES_EACH):
            for index, client in enumerate(clients):
                client.post(f"{number} from {index}")
                await asyncio.sleep(0.03)
            if number == MESSAGES_EACH // 2:
                server = site.servers[0]
                await asyncio.to_thread(server.stop, signal.SIGKILL)
                await asyncio.to_thread(server.start)
        total = MESSAGES_EACH * len(clients)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while any(client.unacknowledged or client.last < total for client in clients):
                await asyncio.sleep(0.1)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
