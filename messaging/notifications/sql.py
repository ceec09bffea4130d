"""Hand-written SQL that notifies many people in as many statements as one.

The rows differ only in their user, so the database makes them of a list of users: the ORM would convert every
value of every row. tests/messaging/notifications/test_bell.py compares them with the models.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Field

from common.statement_texts import sent_list
from messaging.notifications.models import Bell, BellEntry, Notification


def notify(users: Sequence[int], *, key: str, **values: Any) -> None:
    """Add a notification with these values for each of these users, whose bells exist and are locked, and an
    entry about it to each bell. None of them has one with this key."""
    values["key"] = key
    sent = [_field(name).get_db_prep_save(value, connection) for name, value in values.items()]
    listed = sent_list(users)
    add, advance, append = _texts(connection.vendor, tuple(values))
    with connection.cursor() as cursor:
        cursor.execute(add, [*sent, listed])
        cursor.execute(advance, [listed])
        cursor.execute(append, [key, listed])


@cache
def _texts(vendor: str, names: tuple[str, ...]) -> tuple[str, str, str]:
    name = connection.ops.quote_name
    news, bell, entry = (name(model._meta.db_table) for model in (Notification, Bell, BellEntry))
    fields = [_field(each) for each in names]
    if vendor == "postgresql":
        users = "SELECT unnest(%s::bigint[]) AS value"
        places = [f"%s::{field.cast_db_type(connection)}" for field in fields]
    else:
        users = "SELECT value FROM json_each(%s)"
        places = ["%s"] * len(fields)
    columns = ", ".join(name(str(field.column)) for field in fields)
    return (
        f"INSERT INTO {news} (user_id, {columns}) SELECT value, {', '.join(places)} FROM ({users}) AS users",
        f"UPDATE {bell} SET last_number = last_number + 1 WHERE user_id IN ({users})",
        f"INSERT INTO {entry} (bell_id, number, kind, notification_id) "
        f"SELECT b.id, b.last_number, '{BellEntry.Kind.NEW.value}', n.id FROM {bell} b "
        f"JOIN {news} n ON n.user_id = b.user_id AND n.key = %s WHERE b.user_id IN ({users})",
    )


def _field(name: str) -> "Field[Any, Any]":
    found = Notification._meta.get_field(name)
    assert isinstance(found, Field)
    return found
