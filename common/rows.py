"""Rows of other tables as one column of a statement, so that a page asks once for a thing and its lists.

    class Hour(NamedTuple):
        title: str
        starts_at: dt.datetime

    hours = LiveHour.objects.filter(month=OuterRef("pk")).order_by("starts_at")
    Month.objects.values_list("pk", Rows(Hour, hours))    # -> (1, [Hour(...), Hour(...)])

The lookups of the columns are the names of the fields; a keyword names another, as in
`Rows(Hour, hours, author="announced_by__name")`. They come as JSON, so the annotations of the fields decide
what is made of them: dates, datetimes and bools are converted, other values are text, numbers or None.
"""

import datetime as dt
import json
import typing
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import models
from django.db.models import QuerySet, Subquery
from django.db.models.functions import JSONArray

R = TypeVar("R", bound=NamedTuple)


class RowsField(models.JSONField, Generic[R]):
    """The list of rows that `Rows` selects."""

    def __init__(self, row: "type[R]") -> None:
        super().__init__()
        self.row = row
        converters = map(_converter_of, typing.get_type_hints(row).values())
        self.converted = [(position, each) for position, each in enumerate(converters) if each]

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> "list[R]":
        rows: list[list[Any]] = json.loads(value)
        for row in rows:
            for position, convert in self.converted:
                if row[position] is not None:
                    row[position] = convert(row[position])
        return [self.row._make(row) for row in rows]


class Rows(Subquery):
    """The rows of a queryset as a list of NamedTuples, in the order of the queryset."""

    def __init__(self, row: "type[R]", queryset: QuerySet[Any, Any], **lookups: str) -> None:
        columns = [lookups.get(name, name) for name in row._fields]
        one = queryset.annotate(row_shown=JSONArray(*columns)).values("row_shown")
        super().__init__(one, output_field=RowsField(row))

    def as_sql(
        self, compiler: Any, connection: Any, template: str | None = None, **extra: Any
    ) -> tuple[str, tuple[Any, ...]]:
        # A database sorts in the inner query, and aggregates the rows in the order in which they come.
        aggregate = "json_group_array(json(r.row_shown))"
        if connection.vendor == "postgresql":
            aggregate = "coalesce(jsonb_agg(r.row_shown), '[]')"
        template = f"(SELECT {aggregate} FROM (%(subquery)s) r)"
        return super().as_sql(compiler, connection, template=template, **extra)


def _converter_of(annotation: Any) -> Callable[[Any], Any] | None:
    types = set(typing.get_args(annotation) or [annotation])
    if dt.datetime in types:
        return _moment
    if dt.date in types:
        return dt.date.fromisoformat
    return bool if bool in types else None


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    # SQLite keeps them in UTC without saying so.
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
