"""Pagination: a fixed number of queries, whatever the length of the list."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

from common.collation import sorted_by_name
from common.searching import name_matches

Row = TypeVar("Row", bound=tuple[Any, ...])
LONGEST_SEARCH = 120
"""Characters of what somebody typed to search a list."""


class Counted(Protocol):
    """A row that says how many there are."""

    @property
    def total(self) -> int: ...


C = TypeVar("C", bound=Counted)


def page_of(request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], size: int = 20) -> Page:
    """The page of `?page=`; a number outside the list gives the nearest page."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def page_read(request: HttpRequest, read: Callable[[int, int], Sequence[C]], size: int = 20) -> Page:
    """As `page_of`, of rows of which `read(first, last)` gives those at these places, counted from 1.

    It is one statement, as each row says how many there are; a number outside the list takes two more.
    """
    try:
        number = int(request.GET.get("page", 1))
    except ValueError:
        number = 1
    rows = read(size * (number - 1) + 1, size * number) if number > 0 else []
    if not rows and number != 1:
        begin = read(1, size)
        number = -(-begin[0].total // size) if begin else 1
        rows = read(size * (number - 1) + 1, size * number) if number > 1 else begin
    paginator = Paginator(rows, size)
    paginator.count = rows[0].total if rows else 0
    return Page(rows, number, paginator)


def page_numbers(number: int, count: int) -> list[int]:
    """The pages that page `number` of `count` links to: the first, the last and its neighbours, with 0 where
    several are left out."""
    shown = [each for each in sorted({1, number - 1, number, number + 1, count}) if 1 <= each <= count]
    numbers: list[int] = []
    for each in shown:
        before = numbers[-1] if numbers else 0
        if each - before == 2:
            numbers.append(each - 1)
        elif each - before > 2:
            numbers.append(0)
        numbers.append(each)
    return numbers


def typed(request: HttpRequest) -> str:
    """What the reader searches the list for, in `?q=`."""
    return request.GET.get("q", "").strip()[:LONGEST_SEARCH]


def rows_found(rows: list[Row], searched: str, texts_from: int = 1) -> list[Row]:
    """Those of these rows in whose texts, the columns from this one on, each word of `searched` begins a
    word, whatever case and diacritics; all of them without it. They keep their order.

    They are searched here, since a database does not know our alphabets.
    """
    if not searched:
        return rows
    return [row for row in rows if name_matches(" ".join(filter(None, row[texts_from:])), searched)]


def page_by_name(
    request: HttpRequest, rows: QuerySet[Any], name: str, size: int = 20, *, unset_first: str = ""
) -> Page:
    """The page of `?page=` of rows in the order of a text field, as the reader's language sorts it; with
    `?q=` of those in whose field each word of it begins a word.

    Reads that field of all rows, and all of those on the page. Rows whose field `unset_first` is empty stand
    before the others.
    """
    fields, searched = ["pk", name, unset_first or "pk"], typed(request)
    listed: Iterable[Any] = rows.order_by("pk").values_list(*fields)
    if searched:
        listed = [row for row in listed if name_matches(row[1], searched)]
    found = sorted_by_name(listed, lambda row: row[1])
    if unset_first:
        found.sort(key=lambda row: row[2] is not None)
    return _loaded(page_of(request, [row[0] for row in found], size), rows)


def _loaded(page: Page, rows: QuerySet[Any]) -> Page:
    """The page with the rows of its primary keys."""
    loaded = rows.in_bulk(page.object_list)
    page.object_list = [loaded[pk] for pk in page.object_list if pk in loaded]
    return page
