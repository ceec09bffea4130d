"""Two ways to accept messages durably, each as fast as it goes, in one process that does nothing else.

Runs in `manage.py shell`, on the database of an installation. A message is accepted when it is committed with
the next number of its room and its sender has been told the number.
"""

import asyncio
import json
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from channels.db import database_sync_to_async
from django.db import connection, transaction

from bench.sentences import sentence
from messaging.chat.accepting import Draft, Outcome
from messaging.chat.texts import written
from messaging.chat.writer import writer
from messaging.models import Entry, Room, RoomMember

Accept = Callable[[RoomMember, str, uuid.UUID], Awaitable[int]]
"""Has a member's message accepted under the sender's id, and gives its number."""


@dataclass(frozen=True)
class Load:
    """How many wait for an answer at any time, and for how long it is done."""

    waiting: int
    seconds: float


async def by_writer(member: RoomMember, text: str, client_id: uuid.UUID) -> int:
    """Our way: the one writer of the process commits together what waits."""
    told: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
    writer().send(Draft(member.room_id, member.user_id, client_id, text, "en"), told.set_result)
    outcome = await told
    assert outcome is not None
    assert outcome.entry is not None
    return outcome.entry.number


async def one_by_one(member: RoomMember, text: str, client_id: uuid.UUID) -> int:
    """The ordinary way: a transaction for each message, in the thread that Channels has for the database."""
    return await database_sync_to_async(_post)(member.room_id, member.user_id, text, client_id)


def _post(room_id: int, user_id: int, text: str, client_id: uuid.UUID) -> int:
    with transaction.atomic():
        room = Room.objects.select_for_update().get(pk=room_id)
        member = RoomMember.objects.current().get(room=room, user=user_id, user__suspended_at=None)
        room.last_number += 1
        room.save(update_fields=["last_number"])
        entry = Entry.objects.create(
            room=room,
            number=room.last_number,
            author_id=member.user_id,
            client_id=client_id,
            language="en",
            **written(text),
        )
    return entry.number


WAYS: dict[str, Accept] = {"ours": by_writer, "ordinary": one_by_one}


def measure(file: str, way: str, waiting: int, seconds: float) -> None:
    """Accept messages in one way, and write down how fast it was and what is wrong with the log."""
    members = list(RoomMember.objects.select_related("room", "user").order_by("user"))
    before = Entry.objects.count()
    spent = time.process_time()
    times, sent = asyncio.run(_accept(WAYS[way], members, Load(waiting, seconds)))
    spent = time.process_time() - spent
    Path(file).write_text(
        json.dumps(
            {
                "a_second": len(times) / seconds,
                "times": sorted(times),
                "cpu": spent / max(len(times), 1),
                "wrong": _wrong(sent, before),
            }
        )
    )
    connection.close()


async def _accept(
    accept: Accept, members: list[RoomMember], load: Load
) -> tuple[list[float], dict[str, int]]:
    """How long each took, and the number each was given."""
    times: list[float] = []
    sent: dict[str, int] = {}
    # Threads, connections and statements are there when it begins.
    for member in members[:10]:
        client_id = uuid.uuid4()
        sent[str(client_id)] = await accept(member, sentence(), client_id)
    ends = time.perf_counter() + load.seconds

    async def sender(number: int) -> None:
        turn = number
        while (started := time.perf_counter()) < ends:
            client_id = uuid.uuid4()
            sent[str(client_id)] = await accept(members[turn % len(members)], sentence(), client_id)
            times.append(time.perf_counter() - started)
            turn += load.waiting

    await asyncio.gather(*(sender(number) for number in range(load.waiting)))
    return times, sent


def _wrong(sent: dict[str, int], before: int) -> int:
    """Numbers that are missing or stand twice in their room, and messages that are not there once, under the
    number that was said."""
    logs: dict[int, list[int]] = {room: [] for room in Room.objects.values_list("pk", flat=True)}
    found: Counter[tuple[str, int]] = Counter()
    for room, number, client_id in Entry.objects.values_list("room", "number", "client_id"):
        logs[room].append(number)
        found[str(client_id), number] += 1
    lasts = dict(Room.objects.values_list("pk", "last_number"))
    wrong = sum(sorted(numbers) != list(range(1, lasts[room] + 1)) for room, numbers in logs.items())
    wrong += sum(found[pair] != 1 for pair in sent.items())
    return wrong + abs(sum(found.values()) - before - len(sent))
