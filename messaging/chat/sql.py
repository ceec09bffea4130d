"""The statements by which messages are taken, written out, for what is done a hundred times a second.

Django's queries would ask the same; putting them together takes it several times as long as the database
needs to answer. tests/messaging/chat/test_statements.py holds them to what the models say.
"""

import datetime as dt
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
"""What is shown of an author: their role in the room, and their name."""


def lock_rooms(ids: Collection[int]) -> dict[int, tuple[int, bool]]:
    """Hold rooms until the end of the transaction, in the order of their ids; of each its last number, and
    whether it is open."""
    lock = "FOR UPDATE" if connection.features.has_select_for_update else ""
    rows = _ask(
        f"SELECT id, last_number, closes_at IS NULL OR closes_at > %s FROM {_name(Room)} "
        f"WHERE id IN ({_marks(ids)}) ORDER BY id {lock}",
        [_moment(clock.now()), *ids],
    )
    return {pk: (number, bool(is_open)) for pk, number, is_open in rows}


def writers(rooms: Collection[int], users: Collection[int]) -> dict[RoomUser, Writer]:
    """Who of these people may write in which of these rooms now (`RoomMember.objects.current()`, and not
    suspended): their role there, and their name."""
    now = _moment(clock.now())
    rows = _ask(
        f"SELECT m.room_id, m.user_id, m.role, u.name FROM {_name(RoomMember)} m "
        f"JOIN {_name(get_user_model())} u ON u.id = m.user_id "
        f"WHERE m.room_id IN ({_marks(rooms)}) AND m.user_id IN ({_marks(users)}) "
        "AND m.dismissed_at IS NULL AND u.suspended_at IS NULL "
        "AND (m.until IS NULL OR m.until > %s)",
        [*rooms, *users, now],
    )
    return {(room, user): (role, name) for room, user, role, name in rows}


def sent_before(rooms: Collection[int], authors: Collection[int], client_ids: Collection[Any]) -> list[Entry]:
    """The entries that these senders made of these ids before."""
    field = Entry._meta.get_field("client_id")
    rows = _ask(
        f"SELECT id FROM {_name(Entry)} WHERE room_id IN ({_marks(rooms)}) "
        f"AND author_id IN ({_marks(authors)}) AND client_id IN ({_marks(client_ids)})",
        [*rooms, *authors, *(field.get_db_prep_value(one, connection) for one in client_ids)],
    )
    return list(Entry.objects.filter(pk__in=[pk for (pk,) in rows])) if rows else []


def advance(numbers: Mapping[int, int]) -> None:
    """Write how far rooms have come."""
    set_numbers(Room, "last_number", numbers)


def set_numbers(model: type, column: str, numbers: Mapping[int, int]) -> None:
    """Raise a number of several rows at once, each to its own; never down."""
    rows = ", ".join(f"({pk:d}, {number:d})" for pk, number in sorted(numbers.items()))
    table = _name(model)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH come (row, number) AS (VALUES {rows}) "  # whole numbers, written out by us
            f"UPDATE {table} SET {column} = come.number FROM come "
            f"WHERE {table}.id = come.row AND {table}.{column} < come.number"
        )


def insert(entries: Sequence[Entry]) -> None:
    """Write new entries, and give them their ids."""
    fields = [field for field in Entry._meta.concrete_fields if not field.primary_key]
    values = [
        field.get_db_prep_save(field.pre_save(entry, add=True), connection)
        for entry in entries
        for field in fields
    ]
    one = f"({_marks(fields)})"
    rows = _ask(
        f"INSERT INTO {_name(Entry)} ({_columns()}) VALUES {', '.join([one] * len(entries))} RETURNING id",
        values,
    )
    for entry, (pk,) in zip(entries, rows, strict=True):
        entry.pk = pk
        entry._state.adding, entry._state.db = False, connection.alias


@cache
def _columns() -> str:
    columns = (field.column for field in Entry._meta.concrete_fields if not field.primary_key)
    return ", ".join(f'"{column}"' for column in columns)


def _ask(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _marks(values: Iterable[object]) -> str:
    return ", ".join("%s" for _value in values)


def _moment(at: dt.datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)


def _name(model: type) -> str:
    return f'"{model._meta.db_table}"'  # type: ignore[attr-defined]
