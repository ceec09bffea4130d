"""Statements with fixed text, made of querysets.

Building a query takes Django 20 to 50 times as long as the database takes to answer it. Where a page only
shows rows, the function that returns the queryset becomes a statement: its SQL is compiled once per process,
and after that it is sent with the values of each call. The models, `visible_to` and the registries stay the
one source of what is selected.

    class Row(NamedTuple):
        pk: int
        title: str

    @statement(Row)
    def threads_of(user: "User", spaces: list[int], *, questions: bool) -> QuerySet[Any, Any]:
        rows = Thread.objects.visible_to(user).filter(space__among=spaces)
        ...
        return rows.values_list("pk", "title")

    threads_of(request.user, [1, 2], questions=False)    # -> list[Row]
    threads_of.first(request.user, [1], questions=True)  # -> Row | None
    threads_of.queryset(user, [1, 2], questions=False)   # the queryset itself

- **Positional parameters are values.** Their annotation says which: int, str, datetime, date, UUID, "User",
  list[int] or list[str]. Of a user only the primary key can be used. A list goes with the lookup `__among`,
  which takes one parameter however long the list is (`__in` cannot). None is no value.
- **Keyword-only parameters are shapes.** Each combination of their values is a text of its own, so they have
  few values: bools, enums, names of a registry. Whatever decides how the query looks is a shape, such as a
  LIMIT.
- `clock.now()`, also with a `timedelta` added, and the current time zone are read at each call.
- The rows are those of `values_list(...)`: made into `row`, a NamedTuple with a field for each column, or
  plain with `statement(tuple)`. With `statement(int)` or another scalar, the first column alone.

The function is called twice with stand-in values; what differs between the two texts and is not exactly one
of the stand-ins was computed from it in Python, and is refused with `NotFixedError`. So is a function that
runs a query, and a value that is not used. Every statement registers itself; tests/test_statements.py
compares its rows with those of its queryset on both databases.

On PostgreSQL a statement is prepared on its connection, which saves planning it again (milliseconds for
`visible_to`). That needs connections of our own, not those of a pooler that shares them between transactions.
"""

import inspect
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.backends.utils import CursorWrapper
from django.db.models.fields.related import ForeignObject
from django.db.models.lookups import Lookup
from django.db.models.sql import Query

from common.statement_texts import FixedText, NotFixedError, fixed_text, sent_list, value_of

__all__ = ["NotFixedError", "Statement", "clear", "registered", "statement"]

P = ParamSpec("P")
R = TypeVar("R")

PREPARED_PER_CONNECTION = 400
registered: "list[Statement[Any, Any]]" = []


def statement(row: type[R]) -> Callable[[Callable[P, models.QuerySet[Any, Any]]], "Statement[P, R]"]:
    """Make a statement of a function that returns a `values_list`. See the module's docstring."""

    def make(function: Callable[P, models.QuerySet[Any, Any]]) -> "Statement[P, R]":
        return Statement(function, row)

    return make


def clear() -> None:
    """Compile all statements anew at their next call, after a registry changed that their querysets read."""
    for each in registered:
        each.clear()


class Statement(Generic[P, R]):
    """A function that returns rows, by SQL compiled once per shape."""

    def __init__(self, function: Callable[P, models.QuerySet[Any, Any]], row: type[R]) -> None:
        self.queryset = function
        """The function itself."""
        self.row = row
        self.name = f"{function.__module__}.{function.__qualname__}"
        self._compiled: dict[Any, FixedText | None] = {}
        parameters = inspect.signature(function).parameters.values()
        self.values = {each.name: value_of(each) for each in parameters if each.kind != each.KEYWORD_ONLY}
        """The positional parameters."""
        self.shapes = {each.name: each for each in parameters if each.kind == each.KEYWORD_ONLY}
        registered.append(self)

    def __repr__(self) -> str:
        return f"<statement {self.name}>"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[R]:
        """The rows, as of now."""
        key = (connection.vendor, *kwargs.items())
        try:
            compiled = self._compiled[key]
        except KeyError:
            compiled = self._compiled[key] = self._text(kwargs)
        if compiled is None:
            return []
        try:
            values = compiled.bind(args)
        except EmptyResultSet:
            return []
        with _cursor() as cursor:
            cursor.execute(compiled.sql, values)
            rows: list[Any] = cursor.fetchall()
        if compiled.converters or compiled.cut:
            rows = compiled.convert(rows)
        if self.row is tuple:
            return rows
        if issubclass(self.row, tuple):
            return list(map(self.row._make, rows))  # type: ignore[attr-defined]
        return [row[0] for row in rows]

    def first(self, *args: P.args, **kwargs: P.kwargs) -> R | None:
        """The first row, or None."""
        rows = self(*args, **kwargs)
        return rows[0] if rows else None

    def _text(self, shape: dict[str, Any]) -> FixedText | None:
        fields = getattr(self.row, "_fields", None)
        return fixed_text(self.name, self.queryset, list(self.values.values()), shape, fields)

    def clear(self) -> None:
        """Compile it anew at the next call."""
        self._compiled.clear()


def _cursor() -> CursorWrapper:
    cursor = connection.cursor()
    if connection.vendor == "postgresql":
        raw = connection.connection
        if raw.prepared_max != PREPARED_PER_CONNECTION:
            raw.prepared_max, raw.prepare_threshold = PREPARED_PER_CONNECTION, 0
        # Django's own cursor puts the values into the text, so that nothing can be prepared.
        cursor.cursor = psycopg.Cursor(raw)
    return cursor


class Among(Lookup):
    """`__among`: equal to one of a list of ints or of strings, which is one parameter however long it is, or
    of what a queryset finds.

    What a queryset finds leads PostgreSQL to the rows by an index: an array is read before anything else. The
    plan for `__in` is made for a usual user, and reads all rows of one who has hundreds.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        lhs, params = self.process_lhs(compiler, connection)
        if self._is_query:
            rhs, found = self.process_rhs(compiler, connection)
            return f"{lhs} IN {rhs}", (*params, *found)
        return f"{lhs} IN (SELECT value FROM json_each(%s))", (*params, sent_list(self.rhs))

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        lhs, params = self.process_lhs(compiler, connection)
        if self._is_query:
            rhs, found = self.process_rhs(compiler, connection)
            return f"{lhs} = ANY(ARRAY{rhs})", (*params, *found)
        field = getattr(self.lhs.output_field, "target_field", self.lhs.output_field)
        of = "bigint" if isinstance(field, models.IntegerField) else "text"
        return f"{lhs} = ANY(%s::{of}[])", (*params, sent_list(self.rhs))

    @property
    def _is_query(self) -> bool:
        return isinstance(self.rhs, Query)


models.Field.register_lookup(Among)
# Relations do not inherit the lookups of other fields.
ForeignObject.register_lookup(Among)
