"""What counts: public to the space and not withdrawn, by author, by day and in sums."""

import datetime as dt

import pytest
from django.db import transaction
from django.utils.timezone import override  # noqa: TID251 a zone, not the time

from common import clock
from community.posts import actions as posts
from community.posts import counting
from community.posts.counting import Name
from community.threads.actions import accept_answer, open_to_everyone
from tests.cast import ZONE
from tests.community.unread.tokens import token_in
from tests.written import ask, ask_trainer, publish, reply_to, start


@pytest.fixture
def written(space, participant, trainer):
    """One of everything that counts, and one of everything that does not."""
    question = ask(space, participant)
    accept_answer(reply=reply_to(question, trainer, tried=True), by=participant)
    publish(space, participant)
    private = ask_trainer(space, participant)
    reply_to(private, trainer)
    posts.withdraw(post=publish(space, trainer), by=trainer)
    withdrawn = start(space, trainer)
    reply_to(withdrawn, participant, tried=True)
    posts.withdraw(post=withdrawn, by=trainer)
    posts.withdraw(post=reply_to(question, participant), by=participant)


@pytest.mark.usefixtures("written")
def test_sums_leave_out_what_is_withdrawn_or_not_for_everybody(space, django_assert_num_queries):
    with django_assert_num_queries(1):
        totals = counting.totals(space.pk)
    assert {name: totals[name] for name in Name} == {
        Name.POSTED: 3,
        Name.CONVERSATION: 1,
        Name.QUESTION: 1,
        Name.ANSWERED: 1,
        Name.PRACTICE: 1,
        Name.SHARED: 1,
        Name.TRIED: 2,
    }


def _authors(name, space):
    return {
        author
        for counted in counting.counted_as(name)
        for author in counted.rows().filter(**{counted.space: space}).values_list("author", flat=True)
    }


@pytest.mark.usefixtures("written")
def test_rows_by_what_their_authors_did(space, participant, trainer):
    assert _authors(Name.TRIED, space) == {participant.pk, trainer.pk}
    assert _authors(Name.SHARED, space) == {participant.pk}


def test_a_reply_to_the_trainer_alone_is_evidence_of_its_author_and_counts_in_no_sum(space, participant):
    reply_to(ask_trainer(space, participant), participant, tried=True)
    assert _authors(Name.TRIED, space) == {participant.pk}
    assert not counting.by_day(token_in(space))[space.pk]
    assert not counting.totals(space.pk)[Name.POSTED]


def test_an_answer_that_is_withdrawn_leaves_the_question_without_one(space, participant, trainer):
    answer = reply_to(ask(space, participant), trainer)
    accept_answer(reply=answer, by=participant)
    posts.withdraw(post=answer, by=trainer)
    totals = counting.totals(space.pk)
    assert (totals[Name.QUESTION], totals[Name.ANSWERED]) == (1, 0)


def test_by_day_in_the_calendar_of_the_reader_in_one_query(space, participant, django_assert_num_queries):
    late = dt.datetime.combine(clock.today(ZONE) + dt.timedelta(days=1), dt.time(23, 30), dt.UTC)
    with clock.at(late):
        thread = start(space, participant)
        reply_to(thread, participant)
        publish(space, participant)
    token = token_in(space)
    with override("Asia/Tokyo"), django_assert_num_queries(1):
        assert counting.by_day(token)[space.pk] == {late.date() + dt.timedelta(days=1): 3}
    with override("UTC"):
        assert counting.by_day(token)[space.pk] == {late.date(): 3}
    with override("Asia/Tokyo"), django_assert_num_queries(0):
        assert counting.by_day(token)[space.pk] == {late.date() + dt.timedelta(days=1): 3}
    assert not counting.by_day({})


def test_by_day_follows_every_change_of_a_post(space, participant):
    def count() -> int:
        return sum(counting.by_day(token_in(space))[space.pk].values())

    private = ask_trainer(space, participant)
    assert count() == 0
    open_to_everyone(thread=private, by=participant)
    assert count() == 1
    reply = reply_to(private, participant)
    practice = publish(space, participant)
    assert count() == 3
    for post, left in ((reply, 2), (practice, 2), (private, 1)):
        posts.withdraw(post=post, by=participant)
        assert count() == left
        posts.restore(post=post, by=participant)
        assert count() == 3


def test_by_day_of_a_post_that_was_rolled_back_is_not_shown_afterwards(space, participant):
    with transaction.atomic():
        start(space, participant)
        assert sum(counting.by_day(token_in(space))[space.pk].values()) == 1
        transaction.set_rollback(True)
    assert not counting.by_day(token_in(space))[space.pk]
