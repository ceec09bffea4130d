"""Notifications about conversations: who gets them, until when, and their text."""

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
from messaging.notifications.queries import items_of, with_text
from tests.cast import Cast, join, person
from tests.written import ask, ask_trainer, reply_to, start

SignIn = Callable[..., Client]


def said_to(user: User, only_new: bool = True) -> list[str]:
    """The lines of somebody's bell, as they read them."""
    user = User.objects.get(pk=user.pk)
    return [line.text for line in with_text(user, items_of(user)) if line.unseen or not only_new]


def test_a_question_notifies_the_trainers_of_its_space(cast: Cast) -> None:
    ask(cast.space, cast.participant)
    assert said_to(cast.trainer) == ["Petra Participant asks: “What if half are lost?”"]
    assert said_to(cast.another_participant) == said_to(cast.participant) == []


def test_a_question_does_not_notify_trainers_of_other_spaces(cast: Cast) -> None:
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


def test_a_duplicate_question_notifies_once(cast: Cast) -> None:
    client_id = uuid.uuid4()
    for _ in range(2):
        ask(cast.space, cast.participant, client_id=client_id)
    assert cast.trainer.notifications.count() == 1


def test_a_conversation_notifies_nobody(cast: Cast) -> None:
    start(cast.space, cast.participant)
    assert said_to(cast.trainer) == []


def test_a_question_does_not_notify_its_author(cast: Cast) -> None:
    ask(cast.space, cast.trainer)
    assert said_to(cast.trainer) == []


def test_a_reply_notifies_who_asked_and_who_replied(cast: Cast) -> None:
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


def test_a_reply_does_not_notify_its_author(cast: Cast) -> None:
    reply_to(start(cast.space, cast.participant), cast.participant)
    assert said_to(cast.participant) == []


def test_who_withdrew_their_reply_is_not_notified(cast: Cast) -> None:
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


def test_a_former_trainer_is_not_notified_of_questions_to_the_trainer(cast: Cast) -> None:
    ask_trainer(cast.space, cast.participant)
    Membership.objects.filter(user=cast.trainer).update(role=SpaceRole.PARTICIPANT)
    assert said_to(cast.trainer) == []
    assert unseen_count(User.objects.get(pk=cast.trainer.pk)) == 0


def test_a_former_member_is_not_notified(cast: Cast) -> None:
    thread = start(cast.space, cast.participant)
    dismiss(space=cast.space, user=cast.participant, by=cast.coordinator)
    reply_to(thread, cast.trainer)
    assert cast.participant.notifications.count() == 0


def test_an_answer_notifies_who_asked_and_who_wrote_it(cast: Cast) -> None:
    reply = reply_to(ask(cast.space, cast.participant), cast.another_participant)
    actions.accept_answer(reply=reply, by=cast.trainer)
    assert said_to(cast.participant)[0] == "Your question “What if half are lost?” has an answer"
    assert said_to(cast.another_participant) == ["Your reply is the answer to “What if half are lost?”"]


def test_accepting_does_not_notify_who_accepts(cast: Cast) -> None:
    reply = reply_to(ask(cast.space, cast.participant), cast.another_participant)
    actions.accept_answer(reply=reply, by=cast.participant)
    assert len(said_to(cast.participant)) == 1  # the reply alone
    assert len(said_to(cast.another_participant)) == 1


def test_unaccepting_withdraws_the_notifications(cast: Cast) -> None:
    reply = reply_to(ask(cast.space, cast.participant), cast.another_participant)
    actions.accept_answer(reply=reply, by=cast.participant)
    actions.unaccept(thread=reply.thread, by=cast.participant)
    assert said_to(cast.another_participant) == []
    actions.accept_answer(reply=reply, by=cast.participant)
    assert len(said_to(cast.another_participant)) == 1


def test_accepting_another_answer_replaces_the_notifications(cast: Cast) -> None:
    first = reply_to(ask(cast.space, cast.participant), cast.another_participant)
    actions.accept_answer(reply=first, by=cast.participant)
    second = reply_to(first.thread, cast.trainer)
    actions.accept_answer(reply=second, by=cast.participant)
    assert said_to(cast.another_participant) == ["Tamara Trainer replied in “What if half are lost?”"]
    assert "Your reply is the answer to “What if half are lost?”" in said_to(cast.trainer)


def test_withdrawing_a_reply_hides_its_notifications_until_restored(cast: Cast) -> None:
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


def test_withdrawing_a_thread_hides_its_notifications_until_restored(cast: Cast) -> None:
    question = ask(cast.space, cast.participant)
    posts.withdraw(post=question, by=cast.participant)
    assert said_to(cast.trainer, only_new=False) == []
    posts.restore(post=question, by=cast.participant)
    assert len(said_to(cast.trainer)) == 1
    assert cast.trainer.bell.last_number == 3


def test_opening_a_thread_marks_all_its_notifications_as_seen(cast: Cast, as_: SignIn) -> None:
    reply = reply_to(ask(cast.space, cast.participant), cast.trainer)
    actions.accept_answer(reply=reply, by=cast.trainer)
    assert unseen_count(cast.participant) == 2
    page = as_(cast.participant).get(reverse("thread", args=[reply.thread_id])).content.decode()
    assert unseen_count(cast.participant) == 0
    assert "<title>What if half are lost?" in page
    assert len(said_to(cast.participant, only_new=False)) == 2


def test_the_redirect_to_the_first_new_reply_marks_notifications_as_seen(cast: Cast, as_: SignIn) -> None:
    question = ask(cast.space, cast.participant)
    reader = as_(cast.participant)
    reader.get(reverse("thread", args=[question.pk]))
    reply_to(question, cast.trainer)
    reader.get(reverse("thread", args=[question.pk]), follow=True)
    assert unseen_count(cast.participant) == 0


def test_marking_the_space_as_read_marks_its_notifications_as_seen(cast: Cast, as_: SignIn) -> None:
    reply_to(ask(cast.space, cast.participant), cast.trainer)
    as_(cast.participant).post(reverse("space_read", args=[cast.space.pk]))
    assert unseen_count(cast.participant) == 0


@pytest.mark.parametrize("members", [3, 33])
def test_a_reply_takes_the_same_queries_however_many_it_notifies(cast: Cast, members: int) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    thread = start(cast.space, cast.trainer)
    for number in range(members):
        writer = person(f"Writer {number}")
        join(cast.space, writer)
        reply_to(thread, writer)
    with CaptureQueriesContext(connection) as asked:
        reply_to(thread, cast.participant)
    # PostgreSQL adds the news, numbers the bells and writes their entries in one.
    assert len(asked) == (9 if connection.vendor == "postgresql" else 11)
