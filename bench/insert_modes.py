"""Two modes of committing messages, each as fast as it goes, in one process that does nothing else.

Runs in `manage.py shell` on the database of an installation. A message counts when it is committed with the
next number of its room and its sender has been answered.
"""

import asyncio
import json
import statistics
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

from channels.db import database_sync_to_async
from django.db import connection, transaction

from bench.sentences import sentence
from messaging.chat.posting import NewMessage, Outcome
from messaging.chat.texts import clean_and_render
from messaging.chat.writer import writer
from messaging.models import Entry, Room, RoomMember

Accept = Callable[[RoomMember, str, uuid.UUID], Awaitable[int]]
"""Commits a message of a member with a client id; returns its number."""


async def by_writer(member: RoomMember, text: str, client_id: uuid.UUID) -> int:
    """Ours: the writer of the process commits queued messages together."""
    answered: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
    writer().send(NewMessage(member.room_id, member.user_id, client_id, text, "en"), answered.set_result)
    outcome = await answered
    assert outcome is not None
    assert outcome.entry is not None
    return outcome.entry.number


async def one_transaction_each(member: RoomMember, text: str, client_id: uuid.UUID) -> int:
    """The usual mode: a transaction for each message, in the thread Channels uses for the database."""
    return await database_sync_to_async(_post)(member.room_id, member.user_id, text, client_id)


def _post(room_id: int, user_id: int, text: str, client_id: uuid.UUID) -> int:
    with transaction.atomic():
        room = Room.objects.select_for_update().get(pk=room_id)
        if already := Entry.objects.filter(room=room, author=user_id, client_id=client_id).first():
            return already.number
        member = RoomMember.objects.current().get(room=room, user=user_id, user__suspended_at=None)
        room.last_number += 1
        room.save(update_fields=["last_number"])
        entry = Entry.objects.create(
            room=room,
            number=room.last_number,
            author_id=member.user_id,
            client_id=client_id,
            language="en",
            **clean_and_render(text),
        )
    return entry.number


MODES: dict[str, Accept] = {"ours": by_writer, "ordinary": one_transaction_each}


def measure(file: str, waiting: int, repeats: int, seconds: float) -> None:
    """Commit messages in both modes in turn, many at once and one alone. Writes the speed and the number of
    faults in the log to a file."""
    members = list(RoomMember.objects.select_related("room", "user").order_by("user"))
    sent: dict[str, int] = {}
    many: dict[str, list[dict[str, float]]] = {mode: [] for mode in MODES}
    for _ in range(repeats):
        for mode, accept in MODES.items():
            # Warm up: threads, connections and prepared statements.
            asyncio.run(_together(accept, members, sent, waiting=4, seconds=0.3))
            spent = time.process_time()
            times = sorted(asyncio.run(_together(accept, members, sent, waiting=waiting, seconds=seconds)))
            spent = time.process_time() - spent
            many[mode].append(
                {
                    "a_second": len(times) / seconds,
                    "p50": times[len(times) // 2],
                    "p99": times[int(len(times) * 0.99)],
                    "cpu": spent / len(times),
                }
            )
    alone = [asyncio.run(_alone(members, sent, seconds)) for _ in range(repeats)]
    result = {"many": many, "alone": alone, "wrong": _count_faults(sent), "messages": len(sent)}
    Path(file).write_text(json.dumps(result))
    connection.close()


async def _together(
    accept: Accept, members: list[RoomMember], sent: dict[str, int], *, waiting: int, seconds: float
) -> list[float]:
    """The seconds each message took with `waiting` messages in flight at any time."""
    times: list[float] = []
    ends = time.perf_counter() + seconds

    async def sender(number: int) -> None:
        turn = number
        while (started := time.perf_counter()) < ends:
            await _one(accept, members[turn % len(members)], sent)
            times.append(time.perf_counter() - started)
            turn += waiting

    await asyncio.gather(*(sender(number) for number in range(waiting)))
    return times


async def _alone(members: list[RoomMember], sent: dict[str, int], seconds: float) -> dict[str, float]:
    """The median seconds of a message that is sent alone, the modes alternating message by message."""
    times: dict[str, list[float]] = {mode: [] for mode in MODES}
    ends, turn = time.perf_counter() + seconds, 0
    while time.perf_counter() < ends:
        turn += 1
        for mode, accept in MODES.items():
            started = time.perf_counter()
            await _one(accept, members[turn % len(members)], sent)
            times[mode].append(time.perf_counter() - started)
    return {mode: statistics.median(durations) for mode, durations in times.items()}


async def _one(accept: Accept, member: RoomMember, sent: dict[str, int]) -> None:
    client_id = uuid.uuid4()
    sent[str(client_id)] = await accept(member, sentence(), client_id)


def _count_faults(sent: dict[str, int]) -> int:
    """How many rooms have gaps or duplicate numbers, and how many messages are not in the log once under the
    acknowledged number."""
    logs: dict[int, list[int]] = {room: [] for room in Room.objects.values_list("pk", flat=True)}
    found: Counter[tuple[str, int]] = Counter()
    for room, number, client_id in Entry.objects.values_list("room", "number", "client_id"):
        logs[room].append(number)
        found[str(client_id), number] += 1
    lasts = dict(Room.objects.values_list("pk", "last_number"))
    wrong = sum(sorted(numbers) != list(range(1, lasts[room] + 1)) for room, numbers in logs.items())
    wrong += sum(found[pair] != 1 for pair in sent.items())
    return wrong + abs(sum(found.values()) - len(sent))
