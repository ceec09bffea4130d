"""Pagination: a fixed number of queries, whatever the length of the list."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest


def page_of(request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], size: int = 20) -> Page:
    """The page of `?page=`; a number outside the list gives the nearest page."""
    return Paginator(rows, size).get_page(request.GET.get("page"))
