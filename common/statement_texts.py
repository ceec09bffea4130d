"""Making the fixed texts of `common.statements`: SQL compiled with stand-ins, which are then found in it."""

import datetime as dt
import inspect
import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

from django.contrib.auth import get_user_model
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models.query import FlatValuesListIterable, ValuesListIterable
from django.utils import timezone  # noqa: TID251 the active zone, not the time
from psycopg.types.numeric import Int8

from common import clock

FARTHEST_FROM_A_MOMENT = dt.timedelta(days=40 * 366)
"""A datetime this near to a stand-in was made of it by adding a duration."""
LARGEST_NUMBER = 2**63 - 1
"""In a column of either database."""
ZONES = ("Pacific/Kiritimati", "America/St_Johns")
"""Stand-ins for the current time zone."""
PLACEHOLDER = re.compile(r"%%|%s")


class NotFixedError(Exception):
    """A function whose SQL depends on a value in another way than by containing it."""


Converters = list[tuple[int, list[Callable[..., Any]], Any]]
"""For each column that has any: its position, its converters, its expression."""


@dataclass(frozen=True)
class _Built:
    sql: str
    params: tuple[Any, ...]
    stand_ins: list[Any]
    """The first stands for the current time."""
    converters: Converters
    columns: int
    has_more: bool


@dataclass(frozen=True)
class FixedText:
    """The fixed text, where its values come from, and what is made of its columns."""

    name: str
    sql: str
    parameters: int
    sources: "tuple[Callable[[Sequence[Any]], Any], ...]"
    names: tuple[str, ...]
    """Of the placeholders; empty where they are positional."""
    converters: Converters
    cut: int | None
    """How many columns are meant, where the database needs more in order to sort by them."""

    def bind(self, args: Sequence[Any]) -> Any:
        """The values in the order of the placeholders, or by their names.

        Raises EmptyResultSet for a number that no column can contain, as of a URL.
        """
        if len(args) != self.parameters:
            raise TypeError(f"{self.name} takes {self.parameters} positional values, not {len(args)}")
        values = [source(args) for source in self.sources]
        return dict(zip(self.names, values, strict=True)) if self.names else values

    def convert(self, rows: list[Any]) -> list[tuple[Any, ...]]:
        """Rows as the ORM gives them: on SQLite, booleans and datetimes come raw."""
        converted = []
        for row in rows:
            values = list(row[: self.cut])
            for position, converters, column in self.converters:
                value = values[position]
                for converter in converters:
                    value = converter(value, column, connection)
                values[position] = value
            converted.append(tuple(values))
        return converted


@dataclass(frozen=True)
class Value:
    """A sort of parameter: its stand-in values, and what is sent to the database for a real one."""

    stand_in: Callable[[int, int], Any]
    """By the number of the parameter and the turn."""
    prepared: Callable[[Any], Any] = lambda value: value
    """What Django puts into the parameters of the query for it."""
    cast: str = ""
    """On PostgreSQL, where the type of a placeholder may not be known."""


def _moment(number: int, turn: int) -> dt.datetime:
    return dt.datetime(3000 + 200 * number + 100 * turn, 3, 5, 6, 7, 8 + turn, 9 + 1000 * turn, dt.UTC)


def _number(number: int, turn: int) -> int:
    # Within the range of the smallest usual column: Django finds nothing equal to what is outside of it.
    return 2_111_000_000 + 1000 * number + turn


def _text(number: int, turn: int) -> str:
    return f"stand-in {number} {turn}"


def _user(number: int, turn: int) -> Any:
    # All but the key is deferred: whoever reads another field runs a query, which is refused.
    model = get_user_model()
    return model.from_db("default", [model._meta.pk.attname], [_number(number, turn)])


def sent_list(values: Sequence[Any]) -> Any:
    if connection.vendor == "sqlite":
        return json.dumps(list(values))
    if all(isinstance(value, int) for value in values):
        return "{" + ",".join(map(str, values)) + "}"
    return list(values)


VALUES = {
    "int": Value(_number, cast="::bigint"),
    "str": Value(_text),
    "datetime": Value(
        _moment, lambda value: connection.ops.adapt_datetimefield_value(value), "::timestamptz"
    ),
    "date": Value(
        lambda number, turn: dt.date(5000 + 10 * number + turn, 3, 5),
        lambda value: connection.ops.adapt_datefield_value(value),
        "::date",
    ),
    "UUID": Value(
        lambda number, turn: uuid.UUID(int=number * 10 + turn),
        lambda value: value if connection.features.has_native_uuid_field else value.hex,
        "::uuid",
    ),
    "User": Value(_user, lambda user: user.pk, "::bigint"),
    "list[int]": Value(lambda number, turn: [_number(number, turn)], sent_list),
    "list[str]": Value(lambda number, turn: [_text(number, turn)], sent_list),
}


def value_of(parameter: inspect.Parameter) -> Value:
    annotation = parameter.annotation
    name = annotation.__name__ if type(annotation) is type else str(annotation)
    return VALUES[name.rsplit(".")[-1]]


def fixed_text(
    name: str,
    function: Callable[..., models.QuerySet[Any, Any]],
    values: Sequence[Value],
    shape: Mapping[str, Any],
    fields: Sequence[str] | None,
) -> FixedText | None:
    """The text of a function's query for one shape; None if the query can find nothing.

    Raises NotFixedError.
    """
    connection.ensure_connection()
    # On SQLite Django finds this out by a query, when it first compiles JSON.
    assert connection.features.supports_json_field
    try:
        first, second = (_build(name, function, values, shape, turn) for turn in (0, 1))
    except EmptyResultSet:
        return None
    if first.sql != second.sql:
        raise NotFixedError(f"{name}: its text depends on a value:\n{first.sql}\n{second.sql}")
    if fields is not None and len(fields) != first.columns:
        raise NotFixedError(f"{name}: {first.columns} columns for the fields {fields}")
    return _fix(name, values, first, second)


def _build(
    name: str,
    function: Callable[..., models.QuerySet[Any, Any]],
    values: Sequence[Value],
    shape: Mapping[str, Any],
    turn: int,
) -> _Built:
    """What Django makes of it with the stand-ins of one of the two turns."""
    stand_ins = [value.stand_in(number, turn) for number, value in enumerate(values, start=1)]
    now = _moment(0, turn)
    with clock.at(now), timezone.override(ZONES[turn]), _without_queries(name):
        queryset = function(*stand_ins, **shape)
        if not issubclass(queryset._iterable_class, (ValuesListIterable, FlatValuesListIterable)):
            raise NotFixedError(f"{name}: it must return a values_list")
        compiler = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
    columns = [column for column, *_more in compiler.select[: compiler.col_count]]
    converters = [(position, *found) for position, found in compiler.get_converters(columns).items()]
    return _Built(sql, tuple(params), [now, *stand_ins], converters, len(columns), compiler.has_extra_select)


def _fix(name: str, values: Sequence[Value], first: _Built, second: _Built) -> FixedText:
    """The text with its constants in it, and for each other placeholder where its value comes from.

    As literals, constants let the planner use partial indexes, and PostgreSQL recognizes equal expressions.
    """
    sources: dict[str, Callable[[Sequence[Any]], Any]] = {}
    order: list[str] = []
    used: set[int] = set()
    pairs = iter(zip(first.params, second.params, strict=True))
    named = connection.vendor == "postgresql"

    def place(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%%"
        param, other = next(pairs)
        if type(param) is type(other) and param == other:
            if isinstance(param, (bool, int, str)):
                return _literal(param)
            key, source, cast = f"c{len(sources)}", _constant(param), ""
        else:
            found = _source(param, other, values, first, second)
            if found is None:
                raise NotFixedError(f"{name}: {param!r} was made of one of its values")
            number, key, source, cast = found
            used.add(number)
        sources[key] = source
        order.append(key)
        return f"%({key})s{cast}" if named else "%s"

    sql = PLACEHOLDER.sub(place, first.sql)
    if unused := set(range(1, len(values) + 1)) - used:
        raise NotFixedError(f"{name}: nothing is selected by its values {sorted(unused)}, counted from 1")
    names = list(sources) if named else order
    return FixedText(
        name=name,
        sql=sql,
        parameters=len(values),
        sources=tuple(sources[key] for key in names),
        names=tuple(names) if named else (),
        converters=first.converters,
        cut=first.columns if first.has_more else None,
    )


def _source(
    param: Any, other: Any, values: Sequence[Value], first: _Built, second: _Built
) -> tuple[int, str, Callable[[Sequence[Any]], Any], str] | None:
    """For a parameter that differs between the turns: the number of the value that it is, 0 for the current
    time, -1 for the current zone; its name in the text; how it is read from a call; its type."""
    if (param, other) == ZONES:
        return -1, "zone", lambda args: timezone.get_current_timezone_name(), ""
    for number, value in enumerate((VALUES["datetime"], *values)):
        stand_in, its_other = first.stand_ins[number], second.stand_ins[number]
        if isinstance(stand_in, dt.datetime):
            away = _distance(param, stand_in)
            if away is not None and away == _distance(other, its_other):
                key = f"v{number}_{away // dt.timedelta(microseconds=1)}".replace("-", "m")
                return number, key, _moment_source(number, away), value.cast
        elif (param, other) == (value.prepared(stand_in), value.prepared(its_other)):
            return number, f"v{number}", _value_source(number, value), value.cast
    return None


def _distance(param: Any, stand_in: dt.datetime) -> dt.timedelta | None:
    """How much later than the stand-in a parameter is that may have been made of it."""
    if isinstance(param, str):  # as SQLite stores it
        try:
            param = dt.datetime.fromisoformat(param).replace(tzinfo=dt.UTC)
        except ValueError:
            return None
    if not isinstance(param, dt.datetime):
        return None
    away = param - stand_in
    return away if abs(away) < FARTHEST_FROM_A_MOMENT else None


def _moment_source(number: int, away: dt.timedelta) -> Callable[[Sequence[Any]], Any]:
    adapt = VALUES["datetime"].prepared
    if number == 0:
        return lambda args: adapt(clock.now() + away)
    return lambda args: adapt(args[number - 1] + away)


def _value_source(number: int, value: Value) -> Callable[[Sequence[Any]], Any]:
    prepared = value.prepared
    if value.cast != "::bigint":
        return lambda args: prepared(args[number - 1])
    # On PostgreSQL one type for all numbers: a plain int is sent in the smallest that it fits into, and a
    # statement is prepared once for each combination of types.
    sent = Int8 if connection.vendor == "postgresql" else int

    def number_of(args: Sequence[Any]) -> int:
        found = prepared(args[number - 1])
        if not -LARGEST_NUMBER <= found <= LARGEST_NUMBER:
            raise EmptyResultSet
        return sent(found)

    return number_of


def _constant(value: Any) -> Callable[[Sequence[Any]], Any]:
    return lambda args: value


def _literal(value: bool | int | str) -> str:
    if isinstance(value, bool) and connection.vendor == "postgresql":
        return str(value).lower()
    if isinstance(value, int):
        return str(int(value))
    return "'" + value.replace("'", "''").replace("%", "%%") + "'"


@contextmanager
def _without_queries(name: str) -> Iterator[None]:
    """Refuse statements to the database: what a stand-in's rows say would become part of the text."""

    def refuse(execute: Any, sql: str, *args: Any) -> NoReturn:
        raise NotFixedError(f"{name}: it runs a query: {sql}")

    with connection.execute_wrapper(refuse):
        yield
