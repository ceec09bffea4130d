"""Expressions for querysets."""

from collections.abc import Sequence
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    ExpressionWrapper,
    IntegerField,
    OrderBy,
    Q,
    QuerySet,
    Subquery,
    Value,
    Window,
)
from django.db.models.functions import Coalesce, RowNumber


def is_set(field: str) -> ExpressionWrapper:
    """Whether a nullable field, or one of a relation, has a value."""
    return ExpressionWrapper(Q(**{f"{field}__isnull": False}), output_field=BooleanField())


def row_by_row(rows: QuerySet[Any]) -> Coalesce:
    """Whether one of the (correlated) rows exists, looked up for each row that the other conditions leave.

    For `Exists` PostgreSQL may join or hash instead, and read a whole table for it: it cannot know how few
    rows a person sees.
    """
    there = rows.order_by().annotate(there=Value(True)).values("there")[:1]
    return Coalesce(Subquery(there, output_field=BooleanField()), Value(False))


def placed(rows: QuerySet[Any], order: Sequence[OrderBy], first: int, last: int) -> QuerySet[Any, Any]:
    """The primary keys of the rows from the `first` place to the `last`, counted from 1, in an order.

    For `pk__in` of a statement that reads one page of a list: unlike those of LIMIT and OFFSET, these numbers
    are values, and what else is selected is computed for the rows of the page alone.
    """
    numbered = rows.order_by().annotate(place=Window(RowNumber(), order_by=order))
    return numbered.filter(place__gte=first, place__lte=last).values("pk")


def total_of(rows: QuerySet[Any]) -> Subquery:
    """The number of all rows, as a column of another query."""
    together = rows.order_by().annotate(everything=Value(1)).values("everything")
    return Subquery(together.annotate(total=Count("pk")).values("total"), output_field=IntegerField())
