"""The pages of a month and the head of its space, as each of the cast meets them."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from common import clock
from community.practices.models import Practice
from followup.courses.models import Material
from followup.months.models import Extension, StepTold
from tests.cast import Cast, close_now, join, person

SignIn = Callable[..., Client]


def page(client: Client, name: str, **kwargs: int) -> str:
    response = client.get(reverse(name, kwargs=kwargs))
    assert response.status_code == 200
    return response.content.decode()


def many_more(cast: Cast, count: int) -> None:
    for number in range(count):
        somebody = person(f"Participant Number{number}")
        join(cast.space, somebody)
        Practice.objects.create(
            space=cast.space,
            author=somebody,
            title=f"Practice {number}",
            context="c",
            tried="t",
            happened="h",
            language="en",
            published_at=clock.now(),
        )
        StepTold.objects.create(month=cast.month, user=somebody, step="tried", sentence=f"Sentence {number}")
        Material.objects.create(run=cast.run, title=f"Material {number}", link="https://example.org/")
        Extension.objects.create(
            month=cast.month,
            previous_closes_at=cast.space.closes_at,
            last_day=cast.space.last_day,
            reason=f"Reason {number}",
        )


def test_the_head_says_where_the_month_comes_from_and_how_far_it_is(cast: Cast, as_: SignIn) -> None:
    text = page(as_(cast.participant), "space", pk=cast.space.pk)
    assert "Szeged" in text
    assert "19 days left" in text
    assert "Ask the trainer" in text
    assert "This week: Week 2" in text
    assert "Day 13 of 32" in text


def test_the_trainer_is_not_offered_to_ask_the_trainer(cast: Cast, as_: SignIn) -> None:
    assert "Ask the trainer" not in page(as_(cast.trainer), "space", pk=cast.space.pk)


def test_a_closed_space_says_what_is_still_possible_and_what_came_of_it(cast: Cast, as_: SignIn) -> None:
    many_more(cast, 5)
    close_now(cast.space)
    text = page(as_(cast.participant), "space", pk=cast.space.pk)
    assert "Talk is closed, practices are still welcome" in text
    assert "Ask the trainer" not in text
    assert "people who tried something" in text
    assert "This week" not in text


def test_fewer_than_five_people_are_never_a_figure(cast: Cast, as_: SignIn) -> None:
    many_more(cast, 4)
    close_now(cast.space)
    assert "people who tried something" not in page(as_(cast.participant), "space", pk=cast.space.pk)
    assert "people who tried something" not in page(as_(cast.coordinator), "month_steps", pk=cast.month.pk)


@pytest.mark.parametrize("name", ["space", "month_materials", "month_steps"])
def test_a_page_asks_no_more_of_the_database_in_a_full_month(
    name: str, cast: Cast, as_: SignIn, django_assert_max_num_queries: Callable
) -> None:
    where = cast.space.pk if name == "space" else cast.month.pk
    for user in (cast.participant, cast.trainer, cast.coordinator):
        client = as_(user)
        page(client, name, pk=where)
        with django_assert_max_num_queries(80) as few:
            page(client, name, pk=where)
        before = len(few)
        many_more(cast, 6) if not Material.objects.exists() else None
        with django_assert_max_num_queries(before):
            page(client, name, pk=where)
