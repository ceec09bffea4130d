"""Who hears of what happens in a conversation, until when, and in which words."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from community.people.models import User
from community.posts import actions as posts
from community.spaces.actions import dismiss
from community.spaces.models import Membership
from community.threads import actions
from followup.courses.roles import SpaceRole
from messaging.notifications.bell import unseen_count
from messaging.notifications.queries import lines_of, with_text
from tests.cast import Cast, join, person
from tests.written import ask, ask_trainer, reply_to, start

SignIn = Callable[..., Client]


def said_to(user: User, only_new: bool = True) -> list[str]:
    """The lines of somebody's bell, as they read them."""
    user = User.objects.get(pk=user.pk)
    return [line.text for line in with_text(user, lines_of(user)) if line.unseen or not only_new]


def test_a_question_is_told_to_the_trainers_of_its_space(cast: Cast) -> None:
    ask(cast.space, cast.participant)
    assert said_to(cast.trainer) == ["Petra Participant asks: “What if half are lost?”"]
    assert said_to(cast.another_participant) == said_to(cast.participant) == []


def test_a_question_is_not_told_to_who_trains_elsewhere_only(cast: Cast) -> None:
    from community.spaces.actions import open_space

    other = open_space(
        kind="follow-up",
        institute=cast.institute,
        title="Other",
        language="en",
        closes_at=None,
        time_zone="Europe/Budapest",
    )
    join(other, cast.another_participant, role=SpaceRole.TRAINER)
    ask(cast.space, cast.participant)
    assert said_to(cast.another_participant) == []


def test_a_question_sent_twice_is_told_once(cast: Cast) -> None:
    client_id = uuid.uuid4()
    for _ in range(2):
        ask(cast.space, cast.participant, client_id=client_id)
    assert cast.trainer.notifications.count() == 1


def test_a_conversation_is_told_to_nobody(cast: Cast) -> None:
    start(cast.space, cast.participant)
    assert said_to(cast.trainer) == []


def test_a_question_of_the_trainer_is_not_told_to_itself(cast: Cast) -> None:
    ask(cast.space, cast.trainer)
    assert said_to(cast.trainer) == []


def test_a_reply_is_told_to_who_asked_and_to_who_wrote_there(cast: Cast) -> None:
    question = ask(cast.space, cast.participant)
    reply_to(question, cast.another_participant)
    reply_to(question, cast.trainer)
    assert said_to(cast.another_participant) == ["Tamara Trainer replied in “What if half are lost?”"]
    assert said_to(cast.participant) == ["2 new replies in “What if half are lost?”"]
    assert said_to(cast.awaiting) == []


def test_one_reply_names_its_writer(cast: Cast) -> None:
    reply_to(ask(cast.space, cast.participant), cast.trainer)
    assert said_to(cast.participant) == ["Tamara Trainer replied to your question “What if half are lost?”"]
    reply_to(start(cast.space, cast.another_participant), cast.trainer)
    assert said_to(cast.another_participant) == ["Tamara Trainer replied to you in “Exit tickets in year 5”"]


def test_nobody_hears_of_their_own_reply(cast: Cast) -> None:
    reply_to(start(cast.space, cast.participant), cast.participant)
    assert said_to(cast.participant) == []


def test_who_took_their_reply_back_takes_no_part_any_more(cast: Cast) -> None:
    thread = start(cast.space, cast.participant)
    posts.withdraw(post=reply_to(thread, cast.another_participant), by=cast.another_participant)
    reply_to(thread, cast.trainer)
    assert said_to(cast.another_participant) == []


def test_a_question_for_the_trainer_stays_between_them(cast: Cast) -> None:
    question = ask_trainer(cast.space, cast.participant)
    assert said_to(cast.trainer) == ["Petra Participant asks: “What if half are lost?”"]
    reply_to(question, cast.trainer)
    second = person("Second Trainer")
    join(cast.space, second, role=SpaceRole.TRAINER)
    reply_to(question, second)
    Membership.objects.filter(user=second).update(role=SpaceRole.PARTICIPANT)
    reply_to(question, cast.participant)
    assert said_to(second) == []
    assert said_to(cast.participant) == ["2 new replies in “What if half are lost?”"]


def test_a_trainer_who_is_none_any_more_hears_no_more_of_questions_to_the_trainer(cast: Cast) -> None:
    ask_trainer(cast.space, cast.participant)
    Membership.objects.filter(user=cast.trainer).update(role=SpaceRole.PARTICIPANT)
    assert said_to(cast.trainer) == []
    assert unseen_count(User.objects.get(pk=cast.trainer.pk)) == 0


def test_who_left_is_told_nothing_new(cast: Cast) -> None:
    thread = start(cast.space, cast.participant)
    dismiss(space=cast.space, user=cast.participant, by=cast.coordinator)
    reply_to(thread, cast.trainer)
    assert cast.participant.notifications.count() == 0


def test_an_answer_is_told_to_who_asked_and_to_who_wrote_it(cast: Cast) -> None:
    reply = reply_to(ask(cast.space, cast.participant), cast.another_participant)
    actions.accept_answer(reply=reply, by=cast.trainer)
    assert said_to(cast.participant)[0] == "Your question “What if half are lost?” has an answer"
    assert said_to(cast.another_participant) == ["Your reply is the answer to “What if half are lost?”"]


def test_who_accepts_an_answer_needs_not_be_told(cast: Cast) -> None:
    reply = reply_to(ask(cast.space, cast.participant), cast.another_participant)
    actions.accept_answer(reply=reply, by=cast.participant)
    assert len(said_to(cast.participant)) == 1  # the reply alone
    assert len(said_to(cast.another_participant)) == 1


def test_an_answer_that_is_none_after_all_is_no_news(cast: Cast) -> None:
    reply = reply_to(ask(cast.space, cast.participant), cast.another_participant)
    actions.accept_answer(reply=reply, by=cast.participant)
    actions.unaccept(thread=reply.thread, by=cast.participant)
    assert said_to(cast.another_participant) == []
    actions.accept_answer(reply=reply, by=cast.participant)
    assert len(said_to(cast.another_participant)) == 1


def test_another_answer_takes_the_place_of_the_first(cast: Cast) -> None:
    first = reply_to(ask(cast.space, cast.participant), cast.another_participant)
    actions.accept_answer(reply=first, by=cast.participant)
    second = reply_to(first.thread, cast.trainer)
    actions.accept_answer(reply=second, by=cast.participant)
    assert said_to(cast.another_participant) == ["Tamara Trainer replied in “What if half are lost?”"]
    assert "Your reply is the answer to “What if half are lost?”" in said_to(cast.trainer)


def test_a_reply_that_was_taken_back_vanishes_and_comes_back(cast: Cast) -> None:
    question = ask(cast.space, cast.participant)
    first = reply_to(question, cast.another_participant)
    actions.accept_answer(reply=first, by=cast.trainer)
    reply_to(question, cast.trainer)
    posts.withdraw(post=first, by=cast.another_participant)
    assert said_to(cast.participant) == ["Tamara Trainer replied to your question “What if half are lost?”"]
    first.refresh_from_db()
    posts.restore(post=first, by=cast.another_participant)
    assert sorted(said_to(cast.participant)) == [
        "2 new replies in “What if half are lost?”",
        "Your question “What if half are lost?” has an answer",
    ]


def test_a_conversation_that_was_taken_back_vanishes_from_list_and_count(cast: Cast) -> None:
    question = ask(cast.space, cast.participant)
    posts.withdraw(post=question, by=cast.participant)
    assert said_to(cast.trainer, only_new=False) == []
    posts.restore(post=question, by=cast.participant)
    assert len(said_to(cast.trainer)) == 1
    assert cast.trainer.bell.last_number == 3


def test_reading_the_conversation_clears_all_that_was_told_about_it(cast: Cast, as_: SignIn) -> None:
    reply = reply_to(ask(cast.space, cast.participant), cast.trainer)
    actions.accept_answer(reply=reply, by=cast.trainer)
    assert unseen_count(cast.participant) == 2
    page = as_(cast.participant).get(reverse("thread", args=[reply.thread_id])).content.decode()
    assert unseen_count(cast.participant) == 0
    assert "<title>What if half are lost?" in page
    assert len(said_to(cast.participant, only_new=False)) == 2


def test_a_reader_who_is_led_to_the_first_new_reply_has_seen_it(cast: Cast, as_: SignIn) -> None:
    question = ask(cast.space, cast.participant)
    reader = as_(cast.participant)
    reader.get(reverse("thread", args=[question.pk]))
    reply_to(question, cast.trainer)
    reader.get(reverse("thread", args=[question.pk]), follow=True)
    assert unseen_count(cast.participant) == 0


def test_marking_the_space_as_read_clears_its_conversations(cast: Cast, as_: SignIn) -> None:
    reply_to(ask(cast.space, cast.participant), cast.trainer)
    as_(cast.participant).post(reverse("space_read", args=[cast.space.pk]))
    assert unseen_count(cast.participant) == 0


@pytest.mark.parametrize("members", [3, 33])
def test_a_reply_costs_the_same_however_many_hear_of_it(cast: Cast, members: int) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    thread = start(cast.space, cast.trainer)
    for number in range(members):
        writer = person(f"Writer {number}")
        join(cast.space, writer)
        reply_to(thread, writer)
    with CaptureQueriesContext(connection) as asked:
        reply_to(thread, cast.participant)
    assert len(asked) == 18
