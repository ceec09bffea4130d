"""What counts: each kind of post registers under which names it is counted, so that figures, timelines and
steps ask here and know no column of it.

Only what everybody in the space may read and what is not withdrawn is counted: a sum must not give away a
question to the trainer alone. TRIED and SHARED are evidence of a person's own steps and may be private.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import CharField, Count, F, QuerySet, Value
from django.db.models.functions import TruncDate


class Name(StrEnum):
    """Under which a row is counted; one row may count under several."""

    POSTED = "posted"
    CONVERSATION = "conversation"
    QUESTION = "question"
    ANSWERED = "answered"
    PRACTICE = "practice"
    TRIED = "tried"
    SHARED = "shared"


@dataclass(frozen=True)
class Counted:
    """The rows that count under a name, and their fields that hold the space and the moment; the author is
    `author`. `rows` is a function since a queryset may depend on the time."""

    name: Name
    rows: Callable[[], QuerySet[Any]]
    space: str = "space"
    moment: str = "created_at"


_registered: list[Counted] = []


def register(*counted: Counted) -> None:
    """Let rows of a kind be counted."""
    _registered.extend(counted)


def by_day(space_ids: Collection[int]) -> Mapping[int, Mapping[dt.date, int]]:
    """How many posts there are in each space from each day, by the reader's calendar; one query."""
    rows = [
        counted.rows()
        .filter(**{f"{counted.space}__in": space_ids})
        .order_by()
        .values_list(F(counted.space), TruncDate(counted.moment))
        .annotate(count=Count("pk"))
        for counted in _named(Name.POSTED)
    ]
    found: dict[int, dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
    for space, day, count in _union(rows):
        found[space][day] += count
    return found


def totals(space_id: int) -> Mapping[Name, int]:
    """How many rows of a space count under each name; one query. Names without rows give 0."""
    rows = [
        counted.rows()
        .filter(**{counted.space: space_id})
        .order_by()
        .values_list(Value(counted.name.value, CharField()), F(counted.space))
        .annotate(count=Count("pk"))
        for counted in _registered
    ]
    found: dict[Name, int] = defaultdict(int)
    for name, _space, count in _union(rows):
        found[Name(name)] += count
    return found


def authors(
    names: Collection[Name], *, spaces: Collection[int], users: Collection[int]
) -> set[tuple[Name, int, int]]:
    """Which of these people have something that counts under which of these names in which of these spaces.

    Returns (name, space id, user id); one query.
    """
    rows = [
        counted.rows()
        .filter(**{f"{counted.space}__in": spaces, "author__in": users})
        .order_by()
        .values_list(Value(counted.name.value, CharField()), F(counted.space), F("author"))
        .distinct()
        for counted in _named(*names)
    ]
    return {(Name(name), space, author) for name, space, author in _union(rows)}


def _named(*names: Name) -> list[Counted]:
    return [counted for counted in _registered if counted.name in names]


def _union(rows: list[QuerySet[Any]]) -> Iterator[Any]:
    if rows:
        yield from rows[0].union(*rows[1:], all=True)
