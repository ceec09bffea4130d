"""Counting of posts: each kind of post registers the names under which it counts, so that figures, timelines
and steps do not depend on its columns.

Only what everybody in the space may read and what is not withdrawn is counted: a sum must not reveal a
private question. TRIED and SHARED are evidence of a person's own steps and may be private.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import CharField, Count, F, QuerySet, Value
from django.db.models.functions import TruncDate
from django.utils.timezone import get_current_timezone_name  # noqa: TID251 the active zone, not the time

from common import statements
from common.statements import statement
from community.unread.remembered import remembered


class Name(StrEnum):
    """Names under which rows are counted; a row may count under several."""

    POSTED = "posted"
    CONVERSATION = "conversation"
    QUESTION = "question"
    ANSWERED = "answered"
    PRACTICE = "practice"
    TRIED = "tried"
    SHARED = "shared"


@dataclass(frozen=True)
class Counted:
    """The rows that count under a name, and the lookups of its space and its time; the author is
    `author`. `rows` is a function since a queryset may depend on the time."""

    name: Name
    rows: Callable[[], QuerySet[Any]]
    space: str = "space"
    moment: str = "created_at"


_registered: list[Counted] = []


def register(*counted: Counted) -> None:
    """Register rows to count."""
    _registered.extend(counted)
    statements.clear()


def by_day(tokens: Mapping[int, int]) -> Mapping[int, Mapping[dt.date, int]]:
    """The number of posts per space and day, in the reader's time zone, of spaces with their tokens; one
    query for those whose token is new to the process."""
    return remembered(_count_by_day, tokens, get_current_timezone_name())


def _count_by_day(spaces: list[int]) -> Mapping[int, Mapping[dt.date, int]]:
    found: dict[int, dict[dt.date, int]] = {space: {} for space in spaces}
    for space, day, count in _posts_by_day(spaces):
        found[space][day] = found[space].get(day, 0) + count
    return found


@statement(tuple)
def _posts_by_day(spaces: list[int]) -> QuerySet[Any, Any]:
    rows = [
        counted.rows()
        .filter(**{f"{counted.space}__among": spaces})
        .order_by()
        .values_list(F(counted.space), TruncDate(counted.moment))
        .annotate(count=Count("pk"))
        for counted in counted_as(Name.POSTED)
    ]
    return rows[0].union(*rows[1:], all=True)


def totals(space: int) -> Mapping[Name, int]:
    """The number of rows of a space per name; one query. Names without rows give 0."""
    found: dict[Name, int] = defaultdict(int)
    for name, count in _totals(space):
        found[Name(name)] += count
    return found


@statement(tuple)
def _totals(space: int) -> QuerySet[Any, Any]:
    rows = [
        counted.rows()
        .filter(**{counted.space: space})
        .order_by()
        .values_list(Value(counted.name.value, CharField()))
        .annotate(count=Count("pk"))
        for counted in _registered
    ]
    return rows[0].union(*rows[1:], all=True)


def counted_as(*names: Name) -> list[Counted]:
    """What is counted under these names."""
    return [counted for counted in _registered if counted.name in names]
