"""Pagination: a fixed number of queries, whatever the length of the list."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

from common.collation import sorted_by_name


def page_of(request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], size: int = 20) -> Page:
    """The page of `?page=`; a number outside the list gives the nearest page."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def page_by_name(
    request: HttpRequest, rows: QuerySet[Any], name: str, size: int = 20, *, unset_first: str = ""
) -> Page:
    """The page of `?page=` of rows in the order of a text field, as the reader's language sorts it.

    Reads that field of all rows, and all of those on the page. Rows whose field `unset_first` is empty stand
    before the others.
    """
    fields = ["pk", name, unset_first or "pk"]
    found = sorted_by_name(rows.order_by("pk").values_list(*fields), lambda row: row[1])
    if unset_first:
        found.sort(key=lambda row: row[2] is not None)
    page = page_of(request, [row[0] for row in found], size)
    loaded = rows.in_bulk(page.object_list)
    page.object_list = [loaded[pk] for pk in page.object_list if pk in loaded]
    return page
