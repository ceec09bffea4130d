"""What subjects above have loaded in the statement of a look-up below, which does not depend on them.

    beside = Beside()                              # in the look-up
    beside.register(add_member, take_member)       # when the app starts

A look-up adds the columns to its own (`add`), and hands out their values when it has its row (`hand_out`).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from common import statements

Columns = Sequence[Any]
Add = Callable[..., tuple[QuerySet[Any, Any], Columns]]
"""Takes the queryset, the reader, and what else the look-up says, and returns the queryset, annotated if need
be, with the columns for its `values_list`."""
Take = Callable[[Any, Any, Iterator[Any]], None]
"""Takes what was found, its reader, and an iterator, of which it reads as many values as it added columns."""


class Beside:
    """What is loaded beside a row."""

    def __init__(self) -> None:
        self._registered: list[tuple[Add, Take]] = []

    def register(self, add: Add, take: Take) -> None:
        """Have more columns loaded, after those registered before."""
        self._registered.append((add, take))
        statements.clear()

    def add(self, rows: QuerySet[Any, Any], reader: Any, **said: str) -> tuple[QuerySet[Any, Any], Columns]:
        """The queryset and all columns. Each `add` gets what the look-up has `said`."""
        columns: list[Any] = []
        for add, _take in self._registered:
            rows, added = add(rows, reader, **said)
            columns += added
        return rows, columns

    def hand_out(self, found: Any, reader: Any, values: Sequence[Any]) -> None:
        """Give what the columns contain to those who added them."""
        left = iter(values)
        for _add, take in self._registered:
            take(found, reader, left)
