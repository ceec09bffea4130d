"""Pages of lists, and searching a list."""

from collections import namedtuple

import pytest
from django.test import RequestFactory

from common.paging import page_by_name, page_found, page_of, page_read
from community.institutes.models import Institute

NAMES = ["Łódź Institute", "Širvintos Centre", "Budapest Institute", "???"]


@pytest.fixture
def institutes(db: None) -> None:
    for number, name in enumerate(NAMES):
        Institute.objects.create(name=name, slug=f"i{number}", country="PL")


def found(query: str) -> list[str]:
    rows = Institute.objects.order_by("pk")
    return [each.name for each in page_found(RequestFactory().get(f"/{query}"), rows, ["name", "slug"])]


def test_a_search_finds_beginnings_of_words_without_case_and_diacritics(institutes):
    assert found("?q=lodz") == ["Łódź Institute"]
    assert found("?q=inst SIRV") == []
    assert found("?q=inst") == ["Łódź Institute", "Budapest Institute"]
    assert found("?q=centre i1") == ["Širvintos Centre"]


def test_without_a_search_everything_is_listed(institutes):
    assert found("") == found("?q=+") == NAMES


def test_a_list_by_name_can_be_searched_too(institutes):
    def names(query: str) -> list[str]:
        request = RequestFactory().get(f"/{query}")
        return [each.name for each in page_by_name(request, Institute.objects.all(), "name")]

    assert names("?q=instit") == ["Budapest Institute", "Łódź Institute"]
    assert sorted(names("")) == sorted(NAMES)


def test_a_search_has_pages_in_the_order_of_the_rows(db):
    for number in range(25):
        Institute.objects.create(name=f"School {number}", slug=f"s{number}", country="PL")
    request = RequestFactory().get("/?q=school&page=2")
    page = page_found(request, Institute.objects.order_by("-pk"), ["name"])
    assert [each.name for each in page] == ["School 4", "School 3", "School 2", "School 1", "School 0"]


def test_a_known_number_of_rows_is_not_counted_again(institutes, django_assert_num_queries):
    page = page_of(RequestFactory().get("/"), Institute.objects.order_by("pk"), 2, total=4)
    with django_assert_num_queries(1):
        assert (len(list(page)), page.paginator.num_pages) == (2, 2)


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
