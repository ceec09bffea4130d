"""Statements with fixed text: what they contain, what they refuse, and how they are sent."""

import datetime as dt
import threading
from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.db.models import Count, F, QuerySet
from django.db.models.functions import TruncDate
from django.test.utils import CaptureQueriesContext
from django.utils import timezone  # noqa: TID251 the active zone, not the time

from common import clock, statements
from common.statements import NotFixedError, Statement, statement
from community.institutes.models import Institute, Staff
from community.people.models import User
from community.spaces.models import Membership, Space


@pytest.fixture(autouse=True)
def _forget_those_of_this_file(monkeypatch):
    monkeypatch.setattr(statements, "registered", [])


class Row(NamedTuple):
    pk: int
    title: str


@statement(Row)
def visible_spaces(user: "User", among: list[int], *, newest_first: bool) -> QuerySet[Any, Any]:
    spaces = Space.objects.visible_to(user).filter(pk__among=among)
    return spaces.order_by("-opened_at" if newest_first else "opened_at").values_list("pk", "title")


def test_it_gives_named_rows_of_what_the_user_sees(cast):
    rows = visible_spaces(cast.participant, [cast.space.pk, 4711], newest_first=True)
    assert rows == [Row(cast.space.pk, cast.space.title)]
    assert rows[0].title == cast.space.title
    assert visible_spaces.first(cast.stranger, [cast.space.pk], newest_first=True) is None


def test_it_is_built_once_for_each_shape_and_seen_by_counts_of_queries(cast, monkeypatch):
    visible_spaces(cast.participant, [1], newest_first=True)
    built = []
    monkeypatch.setattr(visible_spaces, "queryset", lambda *args, **shape: built.append(shape))
    with CaptureQueriesContext(
        connection,
    ) as captured:
        visible_spaces(cast.trainer, [], newest_first=True)
        visible_spaces(cast.trainer, [cast.space.pk], newest_first=True)
    assert len(captured) == 2
    assert not built


def test_values_come_back_as_the_models_give_them(cast):
    @statement(tuple)
    def institutes(slug: str) -> QuerySet[Any, Any]:
        spaces = Space.objects.filter(institute__slug=slug)
        return spaces.values_list("opened_at", "institute__pk", "closes_at")

    assert institutes(cast.institute.slug) == [
        (cast.space.opened_at, cast.institute.pk, cast.space.closes_at)
    ]


def test_a_scalar_is_the_first_column(cast):
    @statement(int)
    def members(space: int) -> QuerySet[Any, Any]:
        return (
            Membership.objects.current().filter(space=space).order_by("user").values_list("user", flat=True)
        )

    assert members(cast.space.pk) == sorted(members(cast.space.pk))
    assert cast.trainer.pk in members(cast.space.pk)


def test_now_and_moments_near_it_are_read_at_each_call(cast):
    @statement(int)
    def opened_within_a_day(user: "User") -> QuerySet[Any, Any]:
        a_day_ago = clock.now() - dt.timedelta(days=1)
        return Space.objects.open().visible_to(user).filter(opened_at__gte=a_day_ago).values_list("pk")

    assert opened_within_a_day(cast.participant) == []
    with clock.at(cast.space.opened_at + dt.timedelta(hours=23)):
        assert opened_within_a_day(cast.participant) == [cast.space.pk]
    with clock.at(cast.space.closes_at):
        assert opened_within_a_day(cast.participant) == []


def test_days_are_those_of_the_current_zone(cast):
    @statement(dt.date)
    def days(since: dt.datetime) -> QuerySet[Any, Any]:
        spaces = Space.objects.filter(opened_at__gte=since).values(day=TruncDate("opened_at"))
        return spaces.annotate(count=Count("pk")).values_list("day", "count")

    for zone in ("Pacific/Auckland", "America/Lima"):
        with timezone.override(zone):
            assert days(cast.space.opened_at) == [timezone.localdate(cast.space.opened_at)]


@pytest.mark.parametrize("text", ["it's 100 %", "50%s", '"', "\\", "ő"])
def test_constants_and_values_may_contain_anything(cast, text):
    Space.objects.update(title=text)

    @statement(str)
    def by_constant() -> QuerySet[Any, Any]:
        return Space.objects.filter(title=text).values_list("title")

    @statement(str)
    def by_value(title: str) -> QuerySet[Any, Any]:
        return Space.objects.filter(title=title).values_list("title")

    assert by_constant() == by_value(text) == [text]


def test_lists_of_strings_are_one_parameter(cast):
    @statement(str)
    def roles(users: list[int], roles: list[str]) -> QuerySet[Any, Any]:
        return Staff.objects.filter(user__among=users, role__among=roles).values_list("role")

    users = [cast.coordinator.pk, cast.evaluator.pk]
    assert roles(users, ["coordinator", 'a "quoted", one']) == ["coordinator"]
    assert roles(users, []) == []


def _refused(function: Any, row: Any = tuple) -> str:
    with pytest.raises(NotFixedError) as refused:
        Statement(function, row)(*[1] * function.__code__.co_argcount)
    return str(refused.value)


def test_what_was_computed_of_a_value_is_refused(cast):
    def next_one(space: int) -> QuerySet[Any, Any]:
        return Space.objects.filter(pk=space + 1).values_list("pk")

    def containing(title: str) -> QuerySet[Any, Any]:
        return Space.objects.filter(title__contains=title).values_list("pk")

    def in_list(spaces: list[int]) -> QuerySet[Any, Any]:
        return Space.objects.filter(pk__in=spaces).values_list("pk")

    def whole_day(since: dt.datetime) -> QuerySet[Any, Any]:
        return Space.objects.filter(opened_at__gte=since.replace(microsecond=0)).values_list("pk")

    for function in (next_one, containing, in_list, whole_day):
        assert "made of one of its values" in _refused(function)


def test_a_limit_that_is_a_value_is_refused(cast):
    def some(count: int) -> QuerySet[Any, Any]:
        return Space.objects.values_list("pk")[:count]

    assert "depends on a value" in _refused(some)


def test_a_value_that_selects_nothing_is_refused(cast):
    def unused(space: int) -> QuerySet[Any, Any]:
        return Space.objects.values_list("pk")

    assert "nothing is selected" in _refused(unused)


def test_a_query_on_the_way_is_refused(cast):
    def asks_first(user: "User") -> QuerySet[Any, Any]:
        return Space.objects.filter(
            pk__in=list(user.memberships.values_list("space", flat=True))
        ).values_list("pk")

    def reads_a_field(user: "User") -> QuerySet[Any, Any]:
        return Space.objects.filter(language=user.language).values_list("pk")

    for function in (asks_first, reads_a_field):
        assert "runs a query" in _refused(function)


def test_rows_that_are_not_tuples_or_have_other_fields_are_refused(cast):
    def objects() -> QuerySet[Any, Any]:
        return Space.objects.all()

    def three() -> QuerySet[Any, Any]:
        return Space.objects.values_list("pk", "title", "language")

    assert "values_list" in _refused(objects)
    assert "3 columns" in _refused(three, Row)


def test_a_query_that_can_find_nothing_is_not_sent(cast):
    @statement(int)
    def nothing() -> QuerySet[Any, Any]:
        return Space.objects.filter(pk__in=[]).values_list("pk")

    with CaptureQueriesContext(connection) as captured:
        assert nothing() == []
    assert not captured


def test_a_number_that_no_column_can_contain_finds_nothing(cast):
    @statement(str)
    def title_of(space: int) -> QuerySet[Any, Any]:
        return Space.objects.filter(pk=space).values_list("title")

    assert title_of(2**63) == title_of(10**30) == title_of(2**63 - 1) == []


def test_a_missing_value_is_a_type_error(cast):
    with pytest.raises(TypeError, match="takes 2 positional values"):
        visible_spaces(cast.participant, newest_first=True)


def test_sorting_by_what_is_not_shown_adds_no_column(cast):
    @statement(tuple)
    def distinct_titles() -> QuerySet[Any, Any]:
        return Institute.objects.order_by(F("slug").desc()).values_list("name").distinct()

    assert distinct_titles() == [("Other Institute",), ("Course Institute",)]


def test_registering_a_kind_of_space_builds_them_anew(cast, monkeypatch):
    monkeypatch.setattr(statements, "registered", [visible_spaces])
    visible_spaces(cast.participant, [], newest_first=True)
    from community.spaces import kinds

    kinds.register(kinds.kind_named(cast.space.kind))
    assert not visible_spaces._compiled


@pytest.mark.django_db(transaction=True)
def test_threads_share_them_and_each_prepares_them_on_its_own_connection():
    Institute.objects.create(name="One", slug="one", country="HU", time_zone="Europe/Budapest")

    @statement(str)
    def names(slug: str) -> QuerySet[Any, Any]:
        return Institute.objects.filter(slug=slug).values_list("name")

    found: list[Any] = []

    def ask() -> None:
        try:
            found.extend(names("one") + names("one"))
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SELECT count(*) FROM pg_prepared_statements")
                    found.append(cursor.fetchone()[0])
        finally:
            connection.close()

    for _turn in range(2):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert found.count("One") == 4
    assert all(count >= 1 for count in found if count != "One")
