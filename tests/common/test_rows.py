"""Lists of rows as one column of a statement."""

import datetime as dt
from typing import Any, NamedTuple

import pytest
from django.db.models import OuterRef, QuerySet

from common import statements
from common.rows import Rows
from common.statements import statement
from community.spaces.models import Membership, Space


class Member(NamedTuple):
    pk: int
    name: str
    admitted_at: dt.datetime
    dismissed_at: dt.datetime | None
    reads_along: bool
    opened_on: dt.date


def _members() -> QuerySet[Any, Any]:
    members = Membership.objects.filter(space=OuterRef("pk")).order_by("-user")
    return Space.objects.values_list(
        "pk", Rows(Member, members, name="user__name", opened_on="space__month__opened_on")
    )


@pytest.fixture
def wanted(cast):
    members = Membership.objects.filter(space=cast.space).select_related("user").order_by("-user")
    opened_on = cast.month.opened_on
    return [
        Member(each.pk, each.user.name, each.admitted_at, each.dismissed_at, each.reads_along, opened_on)
        for each in members
    ]


def test_they_have_the_types_of_their_fields_and_the_order_of_the_queryset(cast, wanted):
    Membership.objects.filter(user=cast.participant).update(
        reads_along=True, dismissed_at=dt.datetime(2026, 3, 1, 12, 30, 15, 250_000, dt.UTC)
    )
    wanted = [
        each._replace(reads_along=True, dismissed_at=dt.datetime(2026, 3, 1, 12, 30, 15, 250_000, dt.UTC))
        if each.name == cast.participant.name
        else each
        for each in wanted
    ]
    assert dict(_members())[cast.space.pk] == wanted


def test_they_are_a_column_of_a_statement(cast, wanted, monkeypatch):
    monkeypatch.setattr(statements, "registered", [])
    assert dict(statement(tuple)(_members)())[cast.space.pk] == wanted


def test_a_thing_without_rows_has_an_empty_list(cast):
    Membership.objects.all().delete()
    assert dict(_members())[cast.space.pk] == []


@pytest.mark.parametrize(
    "name", ["it's", '"quoted" \\\\ back', "100 %s", "Ő, ж, ]]"], ids=["a", "b", "c", "d"]
)
def test_text_comes_as_it_is(cast, name):
    cast.participant.name = name
    cast.participant.save()
    assert name in [member.name for member in dict(_members())[cast.space.pk]]
