"""What must hold whatever broke: every accepted message is in the database once, the numbers have no gap,
every reader has each number once and in order, and nothing is shown as accepted that is not."""

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
LAST = "SELECT last_number FROM messaging_room WHERE id = {}"


@dataclass(frozen=True)
class Row:
    """An entry as it stands in the database."""

    number: int
    kind: str
    cid: str
    author: int
    text: str


def log_of(site: Site, room: int) -> tuple[list[Row], int]:
    """A room's log and the number its next entry follows, read past all of our code."""
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


def check(site: Site, people: list[Member], all_said: bool = True) -> list[Row]:
    """Compare what everybody saw with what is there; give the log of the room they were in."""
    (room,) = {someone.room for someone in people}
    log, last = log_of(site, room)
    assert [row.number for row in log] == list(range(1, len(log) + 1)), "the numbers have a gap"
    assert last == len(log)
    assert not [pair for pair, times in Counter((row.author, row.cid) for row in log).items() if times > 1]
    for someone in people:
        _check_what_was_said(someone, log, all_said)
        _check_what_was_read(someone, log)
    said = {(someone.id, cid) for someone in people for cid in someone.sent}
    strange = [row for row in log if row.kind == "message" and (row.author, row.cid) not in said]
    assert not strange, "somebody wrote who was not there"
    return log


def _check_what_was_said(someone: Member, log: list[Row], all_said: bool) -> None:
    for cid, number in someone.accepted.items():
        assert number <= len(log), f"{cid} was accepted as {number} and is not in the log"
        row = log[number - 1]
        assert (row.cid, row.author, row.text) == (cid, someone.id, someone.sent[cid])
    by_them = {row.cid for row in log if row.author == someone.id}
    assert not by_them & set(someone.refused), "what was refused is in the log"
    if all_said:
        assert not someone.waiting
        assert set(someone.sent) == set(someone.accepted) | set(someone.refused)


def _check_what_was_read(someone: Member, log: list[Row]) -> None:
    assert not someone.wrong, someone.wrong[:5]
    seen = [(entry["n"], entry["m"]["cid"] if entry["k"] == "message" else None) for entry in someone.read]
    there = [(row.number, row.cid if row.kind == "message" else None) for row in log]
    if someone.is_out:
        assert seen == there[: len(seen)]
    else:
        assert seen == there, f"{someone.id} read {len(seen)} of {len(there)}"
