"""Writes rows by the hundred thousand: COPY on PostgreSQL, `executemany` on SQLite.

Rows are built through the fields of a model, so that a column which is added with a default needs no change
here, and one without is named when it is missing. No `save` and no signal runs: what an action does beside
a row has to be written as rows too.
"""

import random
import uuid
from collections.abc import Callable
from typing import Any

from django.db import connection, models, transaction
from django.db.models import NOT_PROVIDED, Field

Convert = Callable[[Any], Any] | None


class Rows:
    """The rows of one model on their way into the database.

    `given` are the names of the fields whose values `add` takes, in this order; all others have their
    default. Raises ValueError when one of those has none, and KeyError for a name that is no field's.
    """

    def __init__(self, model: type[models.Model], *given: str) -> None:
        self.model = model
        named = {field.name: field for field in model._meta.local_concrete_fields}
        fields = [named[name] for name in given]
        self._given = [_converter(field) for field in fields]
        others = [field for field in model._meta.local_concrete_fields if field not in (*fields, _pk(model))]
        others = [field for field in others if not getattr(field, "generated", False)]
        self._keys = [field for field in others if isinstance(field, models.UUIDField)]
        fixed = [field for field in others if field not in self._keys]
        self._fixed = tuple(field.get_db_prep_save(_default(field), connection) for field in fixed)
        columns = [_pk(model), *fields, *self._keys, *fixed]
        self._columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in columns)
        self._width = len(columns)
        # UUIDs are the same in each run, as everything here is.
        self._random = random.Random(model._meta.label)
        self._key: Convert = _converter(self._keys[0]) if self._keys else None
        self._waiting: list[tuple[Any, ...]] = []
        self.last = 0
        """The primary key of the newest row."""

    def add(self, *values: Any) -> int:
        """Add a row; returns its primary key."""
        self.last += 1
        row = [
            value if convert is None else convert(value)
            for convert, value in zip(self._given, values, strict=True)
        ]
        for _ in self._keys:
            key = uuid.UUID(int=self._random.getrandbits(128), version=4)
            row.append(key if self._key is None else self._key(key))
        self._waiting.append((self.last, *row, *self._fixed))
        return self.last

    def write(self) -> None:
        """Write the rows that were added since the last time."""
        if not self._waiting:
            return
        table = connection.ops.quote_name(self.model._meta.db_table)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {table} ({self._columns}) FROM STDIN") as copy:
                    for row in self._waiting:
                        copy.write_row(row)
            else:
                places = ", ".join(["%s"] * self._width)
                cursor.executemany(f"INSERT INTO {table} ({self._columns}) VALUES ({places})", self._waiting)
        self._waiting.clear()


def write_all(tables: list[Rows]) -> None:
    """Write what waits in these tables, in one transaction."""
    with transaction.atomic():
        for rows in tables:
            rows.write()


def finish(tables: list[Rows]) -> None:
    """Let the database count on from the rows that were written, and know how they are distributed.

    A sequence never goes back, even where a rollback takes the rows away: sequences are not rolled back.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for rows in tables:
            table, pk = rows.model._meta.db_table, str(_pk(rows.model).column)
            newest = f"(SELECT MAX({connection.ops.quote_name(pk)}) FROM {connection.ops.quote_name(table)})"
            cursor.execute(
                f"SELECT setval(s::regclass, GREATEST(nextval(s::regclass), {newest}))"
                " FROM pg_get_serial_sequence(%s, %s) AS s",
                [connection.ops.quote_name(table), pk],
            )
        cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)")


def _pk(model: type[models.Model]) -> "Field[Any, Any]":
    return model._meta.pk


def _default(field: "Field[Any, Any]") -> Any:
    if field.default is NOT_PROVIDED and not field.null and not field.empty_strings_allowed:
        raise ValueError(f"{field} has no default: a value has to be given")
    return field.get_default()


def _converter(field: "Field[Any, Any]") -> Convert:
    """What makes of a value what the driver takes; None where that is the value itself."""
    if isinstance(field, models.ForeignKey):
        field = field.target_field
    if isinstance(field, (models.CharField, models.TextField, models.IntegerField, models.BooleanField)):
        return None
    if connection.vendor == "postgresql" and isinstance(field, (models.DateField, models.UUIDField)):
        return None

    def convert(value: Any) -> Any:
        return field.get_db_prep_save(value, connection)

    return convert
