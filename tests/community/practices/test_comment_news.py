"""Who hears of comments on a practice, and in which words."""

import pytest
from django.db import connection
from django.urls import reverse

from community.posts import actions as posts
from community.practices.models import Practice
from messaging.notifications.bell import unseen_count
from messaging.notifications.queries import items_of, with_text
from tests.cast import join, person
from tests.written import comment_on, publish


def said_to(user):
    return [line.text for line in with_text(user, items_of(user)) if line.unseen]


@pytest.fixture
def practice(space, participant):
    return publish(space, participant)


def test_the_author_hears_of_comments_and_questions_in_one_notification(practice, participant, trainer):
    comment_on(practice, trainer)
    assert said_to(participant) == ["Tamara Trainer commented on your write-up “Two minutes of silence”"]
    comment_on(practice, trainer, asks=True)
    assert said_to(participant) == ["2 new comments on “Two minutes of silence”"]
    assert unseen_count(trainer) == 0


def test_who_is_asked_or_answered_is_told_so(practice, participant, trainer):
    comment_on(practice, trainer, asks=True)
    assert said_to(participant) == ["Tamara Trainer has a question for you about “Two minutes of silence”"]
    comment_on(practice, participant, answers=1)
    assert said_to(trainer) == ["Petra Participant replied to your question about “Two minutes of silence”"]


def test_who_commented_hears_of_the_next_comment(practice, trainer, another_participant):
    comment_on(practice, trainer)
    comment_on(practice, another_participant)
    assert said_to(trainer) == ["Pal Participant commented on “Two minutes of silence”"]


def test_a_withdrawn_comment_takes_its_notification_along(practice, participant, trainer):
    comment = comment_on(practice, trainer)
    posts.withdraw(post=comment, by=trainer)
    assert unseen_count(participant) == 0
    posts.restore(post=comment, by=trainer)
    assert unseen_count(participant) == 1


def test_opening_the_practice_clears_it(as_, practice, participant, trainer):
    comment_on(practice, trainer)
    as_(participant).get(reverse("practice", args=[practice.pk]))
    assert unseen_count(participant) == 0


@pytest.mark.parametrize("members", [3, 33])
def test_a_comment_takes_the_same_queries_however_many_it_notifies(
    cast, practice, members, django_assert_num_queries
):
    for number in range(members):
        writer = person(f"Writer {number}")
        join(cast.space, writer)
        comment_on(practice, writer)
    practice = Practice.objects.select_related("space").get(pk=practice.pk)
    with django_assert_num_queries(9 if connection.vendor == "postgresql" else 11):
        comment_on(practice, cast.trainer)
