"""The page of a person in a month: what they wrote, for who may read it."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from community.people.models import User
from community.posts.actions import withdraw
from tests import written
from tests.cast import Cast


@pytest.fixture
def read(cast: Cast, as_: Callable) -> Callable[[User, User], str]:
    """The page of a person as somebody reads it."""

    def get(person: User, reader: User) -> str:
        answer = as_(reader).get(reverse("month_person", args=[cast.month.pk, person.pk]))
        assert answer.status_code == 200
        page: str = answer.content.decode()
        return page

    return get


def test_it_shows_what_the_person_wrote_and_not_what_others_did(cast: Cast, read: Callable) -> None:
    thread = written.start(cast.space, cast.participant, title="Group work", text="In threes.")
    written.reply_to(thread, cast.another_participant, "In fours for me.")
    written.publish(cast.space, cast.another_participant, title="Silent start")
    withdraw(
        post=written.reply_to(thread, cast.another_participant, "In haste."), by=cast.another_participant
    )
    page = read(cast.another_participant, cast.participant)
    for words in ("Group work", "In fours for me.", "Silent start"):
        assert words in page
    for words in ("In threes.", "In haste."):
        assert words not in page


def test_it_names_the_person_once_and_keeps_replies_in_their_order(cast: Cast, read: Callable) -> None:
    thread = written.start(cast.space, cast.trainer)
    for text in ("The first of mine.", "The second of mine."):
        written.reply_to(thread, cast.another_participant, text)
    page = read(cast.another_participant, cast.participant)
    assert page.index("The first of mine.") < page.index("The second of mine.")
    assert page.count('class="reply__author"') == 0


def test_a_question_to_the_trainer_is_not_for_everyone(cast: Cast, read: Callable) -> None:
    written.ask_trainer(cast.space, cast.participant, title="Between us")
    assert "Between us" in read(cast.participant, cast.participant)
    assert "Between us" in read(cast.participant, cast.trainer)
    page = read(cast.participant, cast.another_participant)
    assert "Between us" not in page
    assert "Nothing written here yet that you can read." in page


def test_the_list_of_people_leads_to_everyone_in_the_space(cast: Cast, as_: Callable) -> None:
    page = as_(cast.participant).get(reverse("space_people", args=[cast.space.pk])).content.decode()
    for person in (cast.trainer, cast.participant, cast.another_participant):
        assert f'href="{reverse("month_person", args=[cast.month.pk, person.pk])}"' in page


def test_who_wrote_much_costs_no_more_statements(
    cast: Cast, as_: Callable, django_assert_max_num_queries: Callable
) -> None:
    for _number in range(12):
        written.reply_to(written.start(cast.space, cast.participant), cast.participant)
        written.publish(cast.space, cast.participant)
    client = as_(cast.trainer)
    url = reverse("month_person", args=[cast.month.pk, cast.participant.pk])
    client.get(url)
    with django_assert_max_num_queries(7):
        client.get(url)
