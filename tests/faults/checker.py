"""The invariants under every fault: each acknowledged message is in the database once, numbers have no gap,
every client has each number once and in order, and nothing is shown as sent that is not."""

import sqlite3
import uuid
from collections import Counter
from dataclasses import dataclass

import psycopg

from tests.faults.crowd import Member
from tests.servers import postgres
from tests.site import Site

LOG = (
    "SELECT number, kind, client_id, author_id, text FROM messaging_entry WHERE room_id = {} ORDER BY number"
)
KEPT = """
from django.db.models import F
from community.unread.models import Unread
print(Unread.objects.filter(space_token=F("space__version__token"), own_token=F("state")).count())
"""
LAST = "SELECT last_number FROM messaging_room WHERE id = {}"


@dataclass(frozen=True)
class Row:
    """An entry in the database."""

    number: int
    kind: str
    cid: str
    author: int
    text: str


def log_of(site: Site, room: int) -> tuple[list[Row], int]:
    """A room's log and its last number, read without any of our code."""
    if site.database == "postgres":
        with psycopg.connect(f"host={postgres().folder} user=postgres dbname={site.name}") as connection:
            rows = connection.execute(LOG.format(room)).fetchall()
            last = connection.execute(LAST.format(room)).fetchone()
    else:
        connection = sqlite3.connect(site.folder / "site.sqlite3")
        try:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            rows = connection.execute(LOG.format(room)).fetchall()
            last = connection.execute(LAST.format(room)).fetchone()
        finally:
            connection.close()
    log = [
        Row(number, kind, str(uuid.UUID(str(cid))), author, text) for number, kind, cid, author, text in rows
    ]
    assert last is not None
    return log, last[0]


def check(site: Site, people: list[Member], all_acknowledged: bool = True) -> list[Row]:
    """Compare what the clients of a room saw with its log; returns the log."""
    (room,) = {member.room for member in people}
    log, last = log_of(site, room)
    assert [row.number for row in log] == list(range(1, len(log) + 1)), "the numbers have a gap"
    assert last == len(log)
    assert not [pair for pair, times in Counter((row.author, row.cid) for row in log).items() if times > 1]
    for member in people:
        _check_sent(member, log, all_acknowledged)
        _check_received(member, log)
    sent = {(member.id, cid) for member in people for cid in member.sent}
    foreign = [row for row in log if row.kind == "message" and (row.author, row.cid) not in sent]
    assert not foreign, "a message nobody sent"
    return log


def check_kept_numbers(site: Site) -> None:
    """Compare how much is kept as new to each reader with the posts, of which some have to be kept."""
    assert int(site.manage("shell", "-v", "0", "-c", KEPT)), "nothing was kept, so nothing was compared"
    site.manage("check_unread")


def _check_sent(member: Member, log: list[Row], all_acknowledged: bool) -> None:
    for cid, number in member.acknowledged.items():
        assert number <= len(log), f"{cid} was acknowledged as {number} and is not in the log"
        row = log[number - 1]
        assert (row.cid, row.author, row.text) == (cid, member.id, member.sent[cid])
    own = {row.cid for row in log if row.author == member.id}
    assert not own & set(member.refused), "a refused message is in the log"
    if all_acknowledged:
        assert not member.unacknowledged
        assert set(member.sent) == set(member.acknowledged) | set(member.refused)


def _check_received(member: Member, log: list[Row]) -> None:
    assert not member.violations, member.violations[:5]
    seen = [(entry["n"], entry["m"]["cid"] if entry["k"] == "message" else None) for entry in member.received]
    expected = [(row.number, row.cid if row.kind == "message" else None) for row in log]
    if member.is_revoked:
        assert seen == expected[: len(seen)]
    else:
        assert seen == expected, f"{member.id} received {len(seen)} of {len(expected)}"
