"""Starting, replying, editing, withdrawing, accepting and pinning."""

import datetime as dt
import uuid

import pytest
from django.db import IntegrityError, transaction

from common import clock
from common.access import SYSTEM, Refused
from community.posts import actions as posts
from community.spaces.actions import dismiss
from community.spaces.models import Membership
from community.spaces.permissions import clear_standing
from community.threads import actions
from community.threads.models import Reply, Thread
from followup.courses.roles import SpaceRole
from tests.cast import close_now
from tests.written import ask, ask_trainer, reply_to, start


def test_a_participant_starts_a_conversation_in_the_language_of_the_space(space, participant):
    thread = start(space, participant)
    assert thread.html == "<p>I tried them on <em>Tuesday</em>.</p>"
    assert thread.language == space.language
    assert Thread.objects.get() == thread


def test_starting_twice_from_the_same_form_gives_the_first(space, participant):
    sent = uuid.uuid4()
    assert start(space, participant, client_id=sent) == start(space, participant, client_id=sent)
    assert Thread.objects.count() == 1


def test_two_people_may_send_the_same_id(space, participant, another_participant):
    sent = uuid.uuid4()
    start(space, participant, client_id=sent)
    start(space, another_participant, client_id=sent)
    assert Thread.objects.count() == 2


def test_a_conversation_is_always_for_everyone(space, participant):
    assert start(space, participant, audience=Thread.Audience.ANSWERERS).audience == Thread.Audience.EVERYONE


def test_an_unknown_audience_is_never_stored(space, participant):
    with pytest.raises(ValueError, match="trainer"):
        ask(space, participant, audience="trainer")
    private = ask_trainer(space, participant)
    with pytest.raises(IntegrityError), transaction.atomic():
        Thread.objects.filter(pk=private.pk).update(audience="trainer")


def test_replies_are_numbered_from_one_and_a_duplicate_takes_no_number(space, participant, trainer):
    thread = start(space, participant)
    sent = uuid.uuid4()
    first = reply_to(thread, trainer, client_id=sent)
    assert reply_to(thread, trainer, client_id=sent) == first
    second = reply_to(thread, participant)
    assert [first.number, second.number] == [1, 2]
    thread.refresh_from_db()
    assert thread.last_number == 2


def test_talk_after_the_end_is_refused_with_a_sentence(space, participant):
    thread = start(space, participant)
    close_now(space)
    clear_standing(participant)
    with pytest.raises(Refused, match=r"The discussion closed on .* add what you try"):
        reply_to(thread, participant)
    with pytest.raises(Refused, match="The discussion closed"):
        start(space, participant)
    assert not Reply.objects.exists()


def test_a_duplicate_of_a_reply_posted_before_the_end_is_not_refused_after_it(space, participant):
    thread = start(space, participant)
    sent = uuid.uuid4()
    first = reply_to(thread, participant, client_id=sent)
    close_now(space)
    assert reply_to(thread, participant, client_id=sent) == first


@pytest.mark.parametrize("who", ["stranger", "evaluator", "other_coordinator", "moderator"])
def test_who_is_not_a_member_cannot_talk(cast, who):
    thread = start(cast.space, cast.participant)
    with pytest.raises(Refused):
        start(cast.space, cast.who(who))
    with pytest.raises(Refused):
        reply_to(thread, cast.who(who))


def test_a_dismissed_member_cannot_talk_and_what_they_wrote_stays(space, participant):
    thread = start(space, participant)
    dismiss(space=space, user=participant, by=SYSTEM)
    with pytest.raises(Refused):
        reply_to(thread, participant)
    assert Thread.objects.get().author == participant


def test_a_coordinator_who_writes_becomes_a_member(space, participant, coordinator):
    reply_to(start(space, participant), coordinator)
    assert Membership.objects.get(space=space, user=coordinator).role == SpaceRole.COORDINATOR


def test_nobody_but_the_trainers_replies_to_a_question_for_the_trainer_only(cast):
    question = ask_trainer(cast.space, cast.participant)
    reply_to(question, cast.trainer)
    for somebody in (cast.another_participant, cast.coordinator):
        with pytest.raises(Refused):
            reply_to(question, somebody)


def test_own_posts_can_be_edited_and_withdrawn_after_the_end(space, participant):
    thread = start(space, participant)
    reply = reply_to(thread, participant)
    close_now(space)
    actions.edit_thread(thread=thread, by=participant, title="Exit tickets", text="Mended.")
    actions.edit_reply(reply=reply, by=participant, text="Mended too.", tried=True)
    posts.withdraw(post=reply, by=participant)
    posts.withdraw(post=thread, by=participant)
    thread.refresh_from_db()
    reply.refresh_from_db()
    assert (thread.html, reply.html, reply.tried) == ("<p>Mended.</p>", "<p>Mended too.</p>", True)
    assert thread.edited_at
    assert reply.edited_at
    assert (thread.withdrawn_by, reply.withdrawn_by) == (participant, participant)


def test_nobody_edits_the_posts_of_others(space, participant, trainer, coordinator):
    thread = start(space, participant)
    reply = reply_to(thread, participant)
    for somebody in (trainer, coordinator):
        with pytest.raises(Refused):
            actions.edit_thread(thread=thread, by=somebody, title="No", text="No")
        with pytest.raises(Refused):
            actions.edit_reply(reply=reply, by=somebody, text="No", tried=False)


def test_the_author_cannot_restore_what_trainers_and_coordinators_took_down(
    space, participant, another_participant, trainer, coordinator
):
    reply = reply_to(start(space, participant), participant)
    with pytest.raises(Refused):
        posts.withdraw(post=reply, by=another_participant)
    posts.withdraw(post=reply, by=trainer)
    with pytest.raises(Refused):
        posts.restore(post=reply, by=participant)
    assert posts.restore(post=reply, by=coordinator).withdrawn_at is None


def test_only_the_author_restores_what_the_author_withdrew(space, participant, trainer):
    thread = start(space, participant)
    posts.withdraw(post=thread, by=participant)
    with pytest.raises(Refused):
        posts.restore(post=thread, by=trainer)
    assert posts.restore(post=thread, by=participant).withdrawn_at is None


def test_a_thread_is_sorted_by_its_newest_reply_that_is_not_withdrawn(space, participant, trainer):
    start_at = clock.now()
    with clock.at(start_at):
        thread = start(space, participant)
    with clock.at(start_at + dt.timedelta(minutes=1)):
        reply = reply_to(thread, trainer)
    posts.withdraw(post=reply, by=trainer)
    thread.refresh_from_db()
    assert thread.last_post_at == thread.created_at
    posts.restore(post=reply, by=trainer)
    thread.refresh_from_db()
    assert thread.last_post_at == reply.created_at


def test_the_asker_accepts_an_answer_and_undoes_it(space, participant, another_participant, trainer):
    question = ask(space, participant)
    answer = reply_to(question, trainer)
    with pytest.raises(Refused):
        actions.accept_answer(reply=answer, by=another_participant)
    actions.accept_answer(reply=answer, by=participant)
    assert not Thread.objects.unanswered().exists()
    actions.unaccept(thread=question, by=participant)
    assert Thread.objects.unanswered().get() == question


def test_a_reply_to_a_conversation_is_no_answer(space, participant, trainer):
    stray = reply_to(start(space, participant), trainer)
    with pytest.raises(Refused):
        actions.accept_answer(reply=stray, by=participant)


def test_a_withdrawn_answer_does_not_count_until_it_is_restored(space, participant, trainer):
    question = ask(space, participant)
    answer = reply_to(question, trainer)
    actions.accept_answer(reply=answer, by=trainer)
    posts.withdraw(post=answer, by=trainer)
    assert Thread.objects.unanswered().get() == question
    posts.restore(post=answer, by=trainer)
    assert not Thread.objects.unanswered().exists()


def test_only_trainers_and_coordinators_pin(space, participant, trainer):
    thread = start(space, participant)
    with pytest.raises(Refused):
        actions.pin(thread=thread, by=participant)
    actions.pin(thread=thread, by=trainer)
    thread.refresh_from_db()
    assert thread.pinned_by == trainer
    actions.unpin(thread=thread, by=trainer)
    thread.refresh_from_db()
    assert thread.pinned_at is None


def test_a_question_for_the_trainer_only_cannot_be_pinned(space, participant, trainer):
    question = ask_trainer(space, participant)
    with pytest.raises(Refused):
        actions.pin(thread=question, by=trainer)
