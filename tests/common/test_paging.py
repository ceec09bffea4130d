"""Pages of lists, and searching a list."""

from collections import namedtuple

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from common.paging import page_by_name, page_numbers, page_read, rows_found
from community.institutes.models import Institute

NAMES = ["Łódź Institute", "Širvintos Centre", "Budapest Institute", "???"]


@pytest.fixture
def institutes(db: None) -> None:
    for number, name in enumerate(NAMES):
        Institute.objects.create(name=name, slug=f"i{number}", country="PL")


def found(searched: str) -> list[str]:
    return [each[0] for each in rows_found([(name, name, f"i{n}") for n, name in enumerate(NAMES)], searched)]


def test_a_search_finds_beginnings_of_words_without_case_and_diacritics():
    assert found("lodz") == ["Łódź Institute"]
    assert found("inst SIRV") == []
    assert found("inst") == ["Łódź Institute", "Budapest Institute"]
    assert found("centre i1") == ["Širvintos Centre"]


def test_without_a_search_everything_is_listed():
    assert found("") == NAMES


def test_only_the_texts_of_a_row_are_searched():
    assert rows_found([(1, "open", "Reading"), (2, "closed", "Open lessons")], "open", 2) == [
        (2, "closed", "Open lessons")
    ]


def test_a_list_by_name_can_be_searched_too(institutes):
    def names(query: str) -> list[str]:
        request = RequestFactory().get(f"/{query}")
        return [each.name for each in page_by_name(request, Institute.objects.all(), "name")]

    assert names("?q=instit") == ["Budapest Institute", "Łódź Institute"]
    assert sorted(names("")) == sorted(NAMES)


def test_a_search_has_pages_in_the_order_of_the_names(db):
    for number in range(25):
        Institute.objects.create(name=f"School {number:02}", slug=f"s{number}", country="PL")
    page = page_by_name(RequestFactory().get("/?q=school&page=2"), Institute.objects.all(), "name")
    assert [each.name for each in page] == [f"School {number}" for number in range(20, 25)]


@pytest.mark.parametrize(
    ("query", "number", "shown", "reads"),
    [
        ("", 1, [1, 2], 1),
        ("?page=2", 2, [3, 4], 1),
        ("?page=3", 3, [5], 1),
        ("?page=4", 3, [5], 3),
        ("?page=0", 3, [5], 2),
        ("?page=second", 1, [1, 2], 1),
    ],
)
def test_a_page_is_read_in_one_statement_and_a_number_outside_gives_the_nearest(query, number, shown, reads):
    row, asked = namedtuple("row", "number total"), []

    def read(first: int, last: int) -> list[row]:
        asked.append((first, last))
        return [row(number, 5) for number in range(first, min(last, 5) + 1)]

    page = page_read(RequestFactory().get(f"/{query}"), read, 2)
    assert (page.number, page.paginator.num_pages) == (number, 3)
    assert [each.number for each in page] == shown
    assert len(asked) == reads


def test_a_page_of_nothing_is_the_first_one():
    page = page_read(RequestFactory().get("/?page=7"), lambda first, last: [], 2)
    assert (page.number, list(page), page.paginator.num_pages) == (1, [], 1)


@pytest.mark.parametrize(
    ("number", "count", "numbers"),
    [
        (1, 3, [1, 2, 3]),
        (1, 9, [1, 2, 0, 9]),
        (4, 9, [1, 2, 3, 4, 5, 0, 9]),
        (5, 9, [1, 0, 4, 5, 6, 0, 9]),
        (9, 9, [1, 0, 8, 9]),
    ],
)
def test_a_page_links_to_its_neighbours_the_first_and_the_last(number, count, numbers):
    assert page_numbers(number, count) == numbers


def drawn(path: str, number: int, count: int) -> str:
    request = RequestFactory().get(path)
    return render_to_string("components/_page_links.html", {"number": number, "count": count}, request)


def test_the_links_to_pages_name_the_page_that_is_open_and_keep_the_search():
    html = drawn("/?q=cards&page=2", 2, 4)
    assert html.count('aria-current="page"') == 1
    assert 'aria-label="Page 2" aria-current="page">2</a>' in html
    assert 'rel="next" href="?q=cards&amp;page=3"' in html
    assert "Page 2 of 4" not in html


def test_two_pages_are_told_in_words_and_one_has_no_links():
    assert "Page 1 of 2" in drawn("/", 1, 2)
    assert "pager__pages" not in drawn("/", 1, 2)
    assert not drawn("/", 1, 1).strip()
