"""The pages of a month and the header of its space, for each role."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from common import clock
from community.practices.models import Practice
from followup.materials.models import Material
from followup.months import actions
from followup.months.models import Extension
from followup.steps.models import StepTold
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
            previous_closes_at=cast.space.closes_at or clock.now(),
            last_day=cast.space.last_day,
            reason=f"Reason {number}",
        )


def test_the_header_shows_the_course_and_the_progress(cast: Cast, as_: SignIn) -> None:
    text = page(as_(cast.participant), "space", pk=cast.space.pk)
    assert "Szeged" in text
    assert "19 days left" in text
    assert "Ask the trainer" in text
    assert "This week: Week 2" in text
    assert "Day 13 of 32" in text


def test_a_newcomer_is_welcomed_on_the_first_visit_and_not_when_they_return(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.participant)
    for _visit in range(2):
        text = page(client, "space", pk=cast.space.pk)
        assert "Welcome!" in text
        assert "Tamara Trainer. Ask about anything until" in text
    with clock.at(clock.now() + dt.timedelta(hours=2)):
        assert "Welcome!" not in page(client, "space", pk=cast.space.pk)


def test_who_runs_or_evaluates_the_month_is_no_newcomer(cast: Cast, as_: SignIn) -> None:
    for user in (cast.trainer, cast.coordinator, cast.evaluator):
        assert "Welcome!" not in page(as_(user), "space", pk=cast.space.pk)


def test_the_trainer_is_not_offered_to_ask_the_trainer(cast: Cast, as_: SignIn) -> None:
    assert "Ask the trainer" not in page(as_(cast.trainer), "space", pk=cast.space.pk)


def test_a_closed_space_says_what_is_still_possible_and_what_came_of_it(cast: Cast, as_: SignIn) -> None:
    many_more(cast, 5)
    close_now(cast.space)
    text = page(as_(cast.participant), "space", pk=cast.space.pk)
    assert "The discussion is closed, but you can still add what you try" in text
    assert "Ask the trainer" not in text
    assert "people who tried something" in text
    assert "This week" not in text


def test_fewer_than_five_people_are_never_a_figure(cast: Cast, as_: SignIn) -> None:
    many_more(cast, 4)
    close_now(cast.space)
    assert "people who tried something" not in page(as_(cast.participant), "space", pk=cast.space.pk)
    assert "people who tried something" not in page(as_(cast.coordinator), "month_steps", pk=cast.month.pk)


def test_the_queries_of_a_page_do_not_grow_with_the_month(
    cast: Cast, as_: SignIn, django_assert_max_num_queries: Callable
) -> None:
    pages = {"space": cast.space.pk, "month_materials": cast.month.pk, "month_steps": cast.month.pk}
    few = []
    for user in (cast.participant, cast.trainer, cast.coordinator):
        client = as_(user)
        for name, pk in pages.items():
            page(client, name, pk=pk)
            with django_assert_max_num_queries(12) as taken:
                page(client, name, pk=pk)
            few.append((client, name, pk, len(taken)))
    many_more(cast, 6)
    for client, name, pk, before in few:
        page(client, name, pk=pk)
        with django_assert_max_num_queries(before):
            page(client, name, pk=pk)


def test_an_extension_is_previewed(cast: Cast, as_: SignIn) -> None:
    client, url = as_(cast.coordinator), reverse("month_extend", kwargs={"pk": cast.month.pk})
    last_day = cast.space.last_day + dt.timedelta(days=9)
    data = {"last_day": last_day.isoformat(), "reason": "The autumn break", "stays": "on"}
    shown = client.post(url, {**data, "preview": "yes"}).content.decode()
    assert "9 days later than now" in shown
    assert "4 people in the space are notified" in shown
    assert not Extension.objects.exists()
    assert client.post(url, data).status_code == 302
    assert "Extended until" in page(as_(cast.participant), "space", pk=cast.space.pk)
    question = page(as_(cast.trainer), "month_extend", pk=cast.month.pk)
    assert "The autumn break" in question
    assert "Yes, I’ll stay" in question
    assert "Yes, I’ll stay" not in page(client, "month_extend", pk=cast.month.pk)


@pytest.mark.parametrize("days", [0, -3])
def test_a_shorter_month_is_refused_where_it_was_typed(days: int, cast: Cast, as_: SignIn) -> None:
    url = reverse("month_extend", kwargs={"pk": cast.month.pk})
    last_day = cast.space.last_day + dt.timedelta(days=days)
    response = as_(cast.trainer).post(url, {"last_day": last_day.isoformat(), "reason": "Shorter"})
    assert response.status_code == 400
    assert "must be later" in response.content.decode()


def test_the_trainers_yes_is_seen_by_everybody(cast: Cast, as_: SignIn) -> None:
    extension = actions.extend(
        month=cast.month,
        last_day=cast.space.last_day + dt.timedelta(days=7),
        reason="More",
        stays=True,
        by=cast.coordinator,
    )
    url = reverse("extension_answer", kwargs={"pk": cast.month.pk, "extension_pk": extension.pk})
    assert as_(cast.trainer).post(url, {"stays": "yes"}).status_code == 302
    assert "The trainer stays available." in page(as_(cast.participant), "space", pk=cast.space.pk)
