"""Search in a room of 100,000 messages, on both databases: with its index, and by reading the messages.

The messages are words of the programme's five languages and compounds of them, so that there are words of
every frequency. Times are of the processor: of the connection in PostgreSQL; of the whole search on SQLite.
"""

import json
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from bench.client_processes import read_json
from bench.installation import Installation
from bench.report import Row, log, run
from tests import servers

MESSAGES, QUICK_MESSAGES = 100_000, 10_000
QUERIES = 20
"""Of each sort."""
SEARCH_MS = 10.0
COMPOUNDS = 0.15
"""The share of words that are made of two."""
TURNS = 3


def measure(quick: bool) -> list[Row]:
    """Both databases."""
    servers.Postgres.settings = ()
    return [row for database in ("sqlite", "postgres") for row in _on(database, quick)]


def _on(database: str, quick: bool) -> list[Row]:
    site = Installation(database)
    file = site.folder / "searching"
    log(f"Searching on {database}")
    arguments = f"{str(file)!r}, {QUICK_MESSAGES if quick else MESSAGES}"
    site.manage(
        "shell", "-v", "0", "-c", f"from bench.room_search import write_times; write_times({arguments})"
    )
    result = read_json(file)
    name = {"sqlite": "SQLite", "postgres": "PostgreSQL"}[database]
    sorts = ", ".join(f"{sort} {statistics.median(times):.1f}" for sort, times in result["times"].items())
    everything = sorted(each for times in result["times"].values() for each in times)
    reading = sorted(each for times in result["reading"].values() for each in times)
    return [
        Row(
            f"search: {name}, p95 in 100,000 messages, in the database",
            _p95(everything),
            "ms",
            at_most=SEARCH_MS,
            detail=f"medians: {sorts}; without the index p95 {_p95(reading):.1f}",
        ),
        Row(f"search: {name}, size of the index", result["bytes"] / 1_000_000, "MB"),
        Row(f"search: {name}, making the index", result["made"], "s"),
        Row(f"search: {name}, searches that differ from reading", result["wrong"], "faults", at_most=0),
    ]


def _p95(times: list[float]) -> float:
    return times[min(len(times) - 1, len(times) * 95 // 100)]


def write_times(file: str, count: int) -> None:
    """Fill a room, search in it, and write the times to a file. Runs in `manage.py shell`."""
    from django.db.models import Sum
    from django.db.models.functions import Length

    from messaging.chat import search, search_index
    from messaging.chat.models import Entry, Room, SearchGrams, SearchSegment

    room, counts = _fill(count)
    queries = _queries(count, counts)

    def reading(words: list[str]) -> Any:
        messages = Entry.objects.filter(room=room, kind=Entry.Kind.MESSAGE, withdrawn_at=None)
        return search.newest(messages, words)

    def searching(words: list[str]) -> Any:
        return search.found_in(Room.objects.get(pk=room.pk), words)[0]

    started = time.monotonic()
    search_index.sweep()
    made = time.monotonic() - started
    assert not SearchSegment.objects.filter(due_at__isnull=False).exists()
    _analyze()
    result = {
        "made": made,
        "bytes": SearchGrams.objects.aggregate(size=Sum(Length("bitmaps")))["size"] or 0,
        "times": {sort: [_took(searching, words) for words in some] for sort, some in queries.items()},
        "reading": {sort: [_took(reading, words) for words in some] for sort, some in queries.items()},
        "wrong": sum(
            searching(words) != reading(words)[: search.MAX_FOUND]
            for some in queries.values()
            for words in some
        ),
    }
    Path(file).write_text(json.dumps(result))


def _took(search: Callable[[list[str]], Any], words: list[str]) -> float:
    """Milliseconds of the processor in the database for the quickest of some turns."""
    times = []
    for _ in range(TURNS):
        started = _database_seconds()
        search(words)
        times.append((_database_seconds() - started) * 1000)
    return min(times)


def _database_seconds() -> float:
    """The processor time of our connection to PostgreSQL so far; with SQLite, of this process."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return time.process_time()
    with connection.cursor() as cursor:
        backend = cursor.connection.info.backend_pid
    return int(Path(f"/proc/{backend}/schedstat").read_text().split()[0]) / 1e9


def _fill(count: int) -> tuple[Any, Counter[str]]:
    """A room with so many messages, and how often each word is in them."""
    from messaging.chat.models import Entry, Room
    from messaging.chat.texts import render
    from tests.cast import person

    author, room, chance = person("Writer"), Room.objects.create(), random.Random(1)
    counts: Counter[str] = Counter()
    entries = []
    for number in range(1, count + 1):
        words = _words(number // 50 % 5)
        chosen = [
            word + (chance.choice(words) if chance.random() < COMPOUNDS else "")
            for word in chance.choices(words, k=chance.choice((2, 6, 14)))
        ]
        columns = render(" ".join(chosen))
        counts.update(columns["folded"].split())
        entries.append(Entry(room=room, number=number, author=author, language="en", **columns))
    Entry.objects.bulk_create(entries, batch_size=1000)
    Room.objects.filter(pk=room.pk).update(last_number=count)
    return room, counts


@cache
def _words(language: int) -> list[str]:
    from followup.demo.phrases import LANGUAGES, Phrases

    phrases = Phrases(LANGUAGES[language], seed=1)
    return " ".join(phrases.message(number).text for number in range(2_000)).replace(".", "").split()


def _queries(count: int, counts: Counter[str]) -> dict[str, list[list[str]]]:
    """Searches of each sort, as lists of words."""
    chance = random.Random(2)
    words = [word for word, _count in counts.most_common() if len(word) > 3]

    def having(least: float, most: float) -> list[str]:
        return chance.choices([word for word in words if least <= counts[word] <= most], k=QUERIES)

    rare, some, frequent = having(1, 5), having(count * 0.0005, count * 0.004), words[:QUERIES]
    return {
        "rare": [[word] for word in rare],
        "in 0.05 to 0.4 %": [[word] for word in some],
        "frequent": [[word] for word in frequent],
        "two frequent": [list(pair) for pair in zip(frequent, frequent[::-1], strict=True)],
        "frequent and rare": [list(pair) for pair in zip(frequent, rare, strict=True)],
        "inside a compound": [[word[len(word) // 3 :][:6]] for word in rare],
        "nothing": [[word[::-1] + "x"] for word in rare],
        "two letters": [[word[1:3]] for word in some],
    }


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    sys.exit(run(measure, __doc__))
