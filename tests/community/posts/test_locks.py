"""Actions on a post lock and reread it: concurrent actions are serialized."""

import uuid

import pytest

from common.access import Refused
from community.posts import actions as posts
from community.posts.models import KeptMessage
from community.threads import actions
from community.threads.models import Reply, Thread
from community.threads.saving_from_room import keep_as_answer, keep_as_thread
from messaging.notifications.models import Notification
from tests.two_connections import concurrent
from tests.written import ask, reply_to, say, start

pytestmark = pytest.mark.django_db(transaction=True)


def answers_shown(user):
    rows = Notification.objects.filter(user=user, kind="answer", withdrawn_at=None)
    return list(rows.values_list("key", flat=True))


def test_two_concurrent_accepts_leave_one_answer_and_one_notification(
    space, participant, trainer, another_participant
):
    question = ask(space, participant)
    first, second = reply_to(question, another_participant), reply_to(question, trainer)
    stale = Reply.objects.select_related("thread__answer").get(pk=second.pk)
    with concurrent(lambda: actions.accept_answer(reply=stale, by=trainer)) as start_other:
        actions.accept_answer(reply=first, by=trainer)
        start_other()
    assert Thread.objects.get(pk=question.pk).answer == second
    assert answers_shown(participant) == [f"answer:{second.pk}"]


def test_an_answer_withdrawn_meanwhile_is_not_accepted(space, participant, trainer):
    question = ask(space, participant)
    answer = reply_to(question, trainer)
    stale = Reply.objects.select_related("thread").get(pk=answer.pk)

    def accept():
        with pytest.raises(Refused):
            actions.accept_answer(reply=stale, by=participant)

    with concurrent(accept) as start_other:
        posts.withdraw(post=answer, by=trainer)
        start_other()
    assert Thread.objects.get(pk=question.pk).answer is None


def test_two_concurrent_withdrawals_record_the_first_person(space, participant, trainer):
    reply = reply_to(start(space, participant), participant)
    stale = Reply.objects.get(pk=reply.pk)
    with concurrent(lambda: posts.withdraw(post=stale, by=trainer)) as start_other:
        posts.withdraw(post=reply, by=participant)
        start_other()
    assert Reply.objects.get(pk=reply.pk).withdrawn_by == participant


def test_a_post_withdrawn_meanwhile_is_not_edited(space, participant, trainer):
    thread = start(space, participant, text="Before")
    stale = Thread.objects.get(pk=thread.pk)

    def edit():
        with pytest.raises(Refused):
            actions.edit_thread(thread=stale, by=participant, title="After", text="After")

    with concurrent(edit) as start_other:
        posts.withdraw(post=thread, by=trainer)
        start_other()
    assert Thread.objects.get(pk=thread.pk).text == "Before"


def test_a_thread_withdrawn_meanwhile_is_not_pinned(space, participant, trainer):
    thread = start(space, participant)
    stale = Thread.objects.get(pk=thread.pk)

    def pin():
        with pytest.raises(Refused):
            actions.pin(thread=stale, by=trainer)

    with concurrent(pin) as start_other:
        posts.withdraw(post=thread, by=participant)
        start_other()
    assert Thread.objects.get(pk=thread.pk).pinned_at is None


def test_a_reply_and_the_acceptance_of_another_do_not_deadlock(space, participant, trainer):
    question = ask(space, participant)
    first = reply_to(question, trainer)
    with concurrent(lambda: posts.withdraw(post=first, by=trainer)) as start_other:
        posts.lock_post(first)
        start_other()
        actions.accept_answer(reply=first, by=participant)
    question.refresh_from_db()
    assert question.answer == first
    assert not question.is_answered


def test_a_thread_made_of_messages_twice_concurrently_is_made_once(space, participant, trainer):
    once = {"numbers": [say(space, participant).number], "by": trainer, "client_id": uuid.uuid4()}
    cards = {"space": space, "title": "Cards", "kind": Thread.Kind.CONVERSATION}
    kept = []
    with concurrent(lambda: kept.append(keep_as_thread(**cards, **once))) as start_other:
        kept.append(keep_as_thread(**cards, **once))
        start_other()
    assert kept[0] == kept[1] == Thread.objects.get()
    assert KeptMessage.objects.count() == 1


def test_an_answer_made_of_messages_twice_concurrently_is_made_once(space, participant, trainer):
    question, number = ask(space, participant), say(space, participant).number
    once = {"numbers": [number], "by": trainer, "client_id": uuid.uuid4()}
    kept = []
    with concurrent(lambda: kept.append(keep_as_answer(thread=question, **once))) as start_other:
        kept.append(keep_as_answer(thread=question, **once))
        start_other()
    assert kept[0] == kept[1] == Reply.objects.get()
    assert KeptMessage.objects.count() == 1


def test_a_question_answered_meanwhile_is_not_answered_again_by_keeping(space, participant, trainer):
    question, number = ask(space, participant), say(space, participant).number
    answer = reply_to(question, trainer)
    stale = Thread.objects.get(pk=question.pk)

    def keep():
        with pytest.raises(Refused):
            keep_as_answer(thread=stale, numbers=[number], by=trainer, client_id=uuid.uuid4())

    with concurrent(keep) as start_other:
        actions.accept_answer(reply=answer, by=participant)
        start_other()
    assert Thread.objects.get(pk=question.pk).answer == answer
