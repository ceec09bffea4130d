"""Hand-written SQL that notifies many people in as many statements as one.

The rows differ only in their user, so the database makes them of a list of users: the ORM would convert every
value of every row. tests/messaging/notifications/test_bell.py compares them with the models.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Field, Model

from common.statement_texts import sent_list
from messaging.notifications.models import Bell, BellEntry, Notification


def notify(users: Sequence[int], *, key: str, **values: Any) -> None:
    """Add a notification with these values for each of these users, none of whom has one with this key, and
    an entry about it to each bell. Bells are made where missing, and locked in the order of the users."""
    values["key"] = key
    sent = [_field(name).get_db_prep_save(value, connection) for name, value in values.items()]
    listed = sent_list(sorted(users))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_at_once(tuple(values)), [*sent, listed, listed])
        else:
            add, advance, append = _one_by_one(tuple(values))
            cursor.execute(add, [*sent, listed])
            cursor.execute(advance, [listed])
            cursor.execute(append, [key, listed])


@cache
def _at_once(names: tuple[str, ...]) -> str:
    """One statement for PostgreSQL, since each takes a turn to the server."""
    users = "(SELECT unnest(%s::bigint[]) AS value) AS users"
    places = [f"%s::{_field(name).cast_db_type(connection)}" for name in names]
    return (
        f"WITH n AS ({_add(names, places, users)} RETURNING id, user_id), "
        f"b AS ({_advance(users)} RETURNING id, user_id, last_number) "
        f"{_append()} FROM b JOIN n ON n.user_id = b.user_id"
    )


@cache
def _one_by_one(names: tuple[str, ...]) -> tuple[str, str, str]:
    """The same for SQLite, which takes no statements within another."""
    users = "(SELECT value FROM json_each(%s)) AS users"
    return (
        _add(names, ["%s"] * len(names), users),
        _advance(users),
        f"{_append()} FROM {_table(Bell)} b JOIN {_table(Notification)} n "
        f"ON n.user_id = b.user_id AND n.key = %s WHERE b.user_id IN (SELECT value FROM {users})",
    )


def _add(names: tuple[str, ...], places: list[str], users: str) -> str:
    columns = ", ".join(connection.ops.quote_name(str(_field(name).column)) for name in names)
    return (
        f"INSERT INTO {_table(Notification)} (user_id, {columns}) "
        f"SELECT value, {', '.join(places)} FROM {users}"
    )


def _advance(users: str) -> str:
    # WHERE, or SQLite would take ON for that of a join.
    return (
        f"INSERT INTO {_table(Bell)} AS bell (user_id, last_number) "
        f"SELECT value, 1 FROM {users} WHERE true ORDER BY value "
        "ON CONFLICT (user_id) DO UPDATE SET last_number = bell.last_number + 1"
    )


def _append() -> str:
    return (
        f"INSERT INTO {_table(BellEntry)} (bell_id, number, kind, notification_id) "
        f"SELECT b.id, b.last_number, '{BellEntry.Kind.NEW.value}', n.id"
    )


def _table(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _field(name: str) -> "Field[Any, Any]":
    found = Notification._meta.get_field(name)
    assert isinstance(found, Field)
    return found
