"""Hand-written SQL for inserting messages and read marks, which happens a hundred times a second, and for
reading the blocks that search found.

The ORM would send the same statements, but takes several times as long to build them as the database takes to
answer. tests/messaging/chat/test_sql.py compares them with the models.
"""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection

from common import clock
from messaging.chat.models import Entry, Room, RoomMember

RoomUser = tuple[int, int]
"""The id of a room and of a user."""
Writer = tuple[str, str]
"""An author as shown: their role in the room, and their name."""


def lock_rooms(ids: Collection[int]) -> dict[int, tuple[int, bool]]:
    """Lock rooms until the end of the transaction, in the order of their ids. Returns the last number of each
    and whether it is open. On SQLite the transaction has the write lock of the database already."""
    lock = "FOR UPDATE" if connection.features.has_select_for_update else ""
    rows = _fetch_all(
        f"SELECT id, last_number, closes_at IS NULL OR closes_at > %s FROM {_name(Room)} "
        f"WHERE id IN ({_placeholders(ids)}) ORDER BY id {lock}",
        [_datetime(clock.now()), *ids],
    )
    return {pk: (number, bool(is_open)) for pk, number, is_open in rows}


def writers(rooms: Collection[int], users: Collection[int]) -> dict[RoomUser, Writer]:
    """Those of these users who may write in these rooms now: `RoomMember.objects.current()`, and not
    suspended."""
    now = _datetime(clock.now())
    rows = _fetch_all(
        f"SELECT m.room_id, m.user_id, m.role, u.name FROM {_name(RoomMember)} m "
        f"JOIN {_name(get_user_model())} u ON u.id = m.user_id "
        f"WHERE m.room_id IN ({_placeholders(rooms)}) AND m.user_id IN ({_placeholders(users)}) "
        "AND m.dismissed_at IS NULL AND u.suspended_at IS NULL "
        "AND (m.until IS NULL OR m.until > %s)",
        [*rooms, *users, now],
    )
    return {(room, user): (role, name) for room, user, role, name in rows}


def sent_before(rooms: Collection[int], authors: Collection[int], client_ids: Collection[Any]) -> list[Entry]:
    """The existing entries of these authors with these client ids."""
    field = Entry._meta.get_field("client_id")
    rows = _fetch_all(
        f"SELECT id FROM {_name(Entry)} WHERE room_id IN ({_placeholders(rooms)}) "
        f"AND author_id IN ({_placeholders(authors)}) AND client_id IN ({_placeholders(client_ids)})",
        [*rooms, *authors, *(field.get_db_prep_value(client_id, connection) for client_id in client_ids)],
    )
    return list(Entry.objects.filter(pk__in=[pk for (pk,) in rows])) if rows else []


def advance(numbers: Mapping[int, int]) -> None:
    """Set the last number of rooms."""
    set_numbers(Room, "last_number", numbers)


def set_numbers(model: type, column: str, numbers: Mapping[int, int]) -> None:
    """Raise a column of several rows in one statement, each to its own number; never lower it."""
    rows = ", ".join(f"({pk:d}, {number:d})" for pk, number in sorted(numbers.items()))
    table = _name(model)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH new (row, number) AS (VALUES {rows}) "  # integers, formatted above
            f"UPDATE {table} SET {column} = new.number FROM new "
            f"WHERE {table}.id = new.row AND {table}.{column} < new.number"
        )


def insert(entries: Sequence[Entry]) -> None:
    """Insert entries, and set their primary keys."""
    fields = [field for field in Entry._meta.concrete_fields if not field.primary_key]
    values = [
        field.get_db_prep_save(field.pre_save(entry, add=True), connection)
        for entry in entries
        for field in fields
    ]
    row = f"({_placeholders(fields)})"
    rows = _fetch_all(
        f"INSERT INTO {_name(Entry)} ({_columns()}) VALUES {', '.join([row] * len(entries))} RETURNING id",
        values,
    )
    for entry, (pk,) in zip(entries, rows, strict=True):
        entry.pk = pk
        entry._state.adding, entry._state.db = False, connection.alias


def messages_in(room: int, firsts: Sequence[int], size: int, words: Sequence[str], limit: int) -> list[int]:
    """The ids of the newest messages with all these words among those with a number from one of `firsts`, and
    before that plus `size`, newest first. (`number__among` would look up each number.)"""
    on_postgres = connection.vendor == "postgresql"
    matches = (
        "e.room_id = %s AND e.number >= first.value AND e.number < first.value + %s AND e.kind = %s "
        "AND e.withdrawn_at IS NULL" + " AND e.folded LIKE %s ESCAPE '\\'" * len(words)
    )
    # Both would rather read the whole room, if they were not told in which order to join.
    statement = (
        f"SELECT found.id FROM unnest(%s::bigint[]) first (value) CROSS JOIN LATERAL "
        f"(SELECT e.id, e.number FROM {_name(Entry)} e WHERE {matches} OFFSET 0) found ORDER BY found.number"
        if on_postgres
        else f"SELECT e.id FROM json_each(%s) first CROSS JOIN {_name(Entry)} e WHERE {matches} "
        "ORDER BY e.number"
    )
    rows = _fetch_all(
        f"{statement} DESC LIMIT %s",
        [
            list(firsts) if on_postgres else json.dumps(firsts),
            *(room, size, Entry.Kind.MESSAGE),
            *(f"%{connection.ops.prep_for_like_query(word)}%" for word in words),
            limit,
        ],
    )
    return [pk for (pk,) in rows]


@cache
def _columns() -> str:
    columns = (field.column for field in Entry._meta.concrete_fields if not field.primary_key)
    return ", ".join(f'"{column}"' for column in columns)


def _fetch_all(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _placeholders(values: Iterable[object]) -> str:
    return ", ".join("%s" for _value in values)


def _datetime(at: dt.datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)


def _name(model: type) -> str:
    return f'"{model._meta.db_table}"'  # type: ignore[attr-defined]
