"""Reporting, hiding at once, and deciding."""

import uuid

import pytest

from common.access import Refused
from community.posts import actions as posts
from community.posts.mark_actions import mark
from community.reports import actions
from community.reports.models import WHOLE, Report
from community.reports.things import find, find_message
from community.threads.actions import edit_reply
from community.threads.models import Reply, Thread
from messaging.chat import actions as chat
from messaging.chat.models import Entry
from messaging.notifications.models import Mail, Notification
from tests.messaging.files.made import picture
from tests.messaging.files.test_attaching import made_picture, of, waiting
from tests.written import ask_trainer, publish, reply_to, say, start

PUPIL, DANGER, OTHER = Report.Reason.PUPIL, Report.Reason.DANGER, Report.Reason.OTHER
SHOWN, HIDDEN = Report.Decision.SHOWN, Report.Decision.HIDDEN


def report(post, by, reason=PUPIL, **more):
    """A report on a post or message."""
    kind = getattr(post, "KIND", "message")
    usual = {"text": "", "client_id": uuid.uuid4()}
    return actions.report(thing=find(by, kind, post.pk), by=by, reason=reason, **(usual | more))


def decide(one, by, decision=SHOWN, sentence="Nobody can be recognised."):
    return actions.decide(report=one, by=by, decision=decision, sentence=sentence)


def notified(user):
    """The kinds of the person's notifications that stand."""
    return sorted(Notification.objects.active().filter(user=user).values_list("kind", flat=True))


def test_a_pupil_who_can_be_recognised_is_hidden_at_once_in_nobodys_name(cast):
    reply = reply_to(start(cast.space, cast.another_participant), cast.participant)
    report(reply, cast.another_participant)
    reply.refresh_from_db()
    assert reply.was_hidden
    assert reply.withdrawn_by is None
    assert Reply.objects.published().count() == 0


@pytest.mark.parametrize("reason", [DANGER, OTHER])
def test_other_reasons_hide_nothing_before_somebody_decides(cast, reason):
    thread = start(cast.space, cast.participant)
    report(thread, cast.another_participant, reason)
    assert Thread.objects.published().get() == thread


def test_those_who_decide_and_the_author_are_told_and_the_author_not_by_whom(cast):
    one = report(start(cast.space, cast.participant), cast.another_participant)
    assert "report" in notified(cast.trainer)
    assert "report" in notified(cast.coordinator)
    assert notified(cast.participant) == ["report-hidden"]
    assert not Notification.objects.filter(user=cast.participant, by=cast.another_participant).exists()
    mailed = set(Mail.objects.filter(kind="report").values_list("user", flat=True))
    assert mailed == {cast.trainer.pk, cast.coordinator.pk}
    assert Report.objects.visible_to(cast.participant).get() == one


def test_the_author_is_not_told_of_a_report_that_hid_nothing(cast):
    report(start(cast.space, cast.participant), cast.another_participant, DANGER)
    assert notified(cast.participant) == []
    assert not Report.objects.visible_to(cast.participant).exists()


def test_the_same_form_and_a_second_report_for_the_same_reason_are_one_report(cast):
    thread, sent = start(cast.space, cast.participant), uuid.uuid4()
    first = report(thread, cast.another_participant, OTHER, client_id=sent)
    assert report(thread, cast.another_participant, OTHER, client_id=sent) == first
    assert report(thread, cast.another_participant, OTHER) == first
    assert report(thread, cast.another_participant, DANGER) != first


def test_what_is_decided_as_harmless_is_shown_again_and_everybody_concerned_is_told(cast):
    thread = start(cast.space, cast.participant)
    one = report(thread, cast.another_participant)
    assert decide(one, cast.trainer) == [one]
    assert Thread.objects.published().get() == thread
    assert "report-decided" in notified(cast.participant)
    assert notified(cast.another_participant) == ["report-settled"]
    assert "report" not in notified(cast.coordinator)
    assert not Mail.objects.filter(kind="report").unsent().exists()
    assert decide(one, cast.coordinator, HIDDEN) == []


def test_what_stays_hidden_is_taken_down_by_who_decided(cast):
    thread = start(cast.space, cast.participant)
    decide(report(thread, cast.another_participant), cast.trainer, HIDDEN, "A face is in it.")
    thread.refresh_from_db()
    assert thread.withdrawn_by == cast.trainer
    assert not thread.was_hidden
    log = Report.objects.get()
    assert (log.decided_by, log.decision, log.sentence) == (cast.trainer, HIDDEN, "A face is in it.")


def test_the_author_never_decides_and_neither_does_who_keeps_no_order(cast):
    one = report(start(cast.space, cast.trainer), cast.participant)
    for user in (cast.trainer, cast.participant, cast.stranger, cast.evaluator, cast.other_coordinator):
        with pytest.raises(Refused):
            decide(one, user)
    assert decide(one, cast.coordinator)


def test_a_moderator_decides_where_they_read_nothing_else(cast):
    one = report(start(cast.space, cast.trainer), cast.participant)
    assert Report.objects.decidable_by(cast.moderator).get() == one
    assert decide(one, cast.moderator)


def test_a_private_question_is_decided_by_those_it_was_asked(cast):
    question = ask_trainer(cast.space, cast.participant)
    reply = reply_to(question, cast.trainer)
    one = report(reply, cast.participant)
    assert not Report.objects.decidable_by(cast.coordinator).exists()
    with pytest.raises(Refused):
        decide(one, cast.coordinator)
    assert decide(one, cast.moderator)


def test_one_reports_what_one_sees_and_not_ones_own(cast):
    thread = start(cast.space, cast.participant)
    assert find(cast.stranger, "thread", thread.pk) is None
    assert find(cast.coordinator, "thread", ask_trainer(cast.space, cast.participant).pk) is None
    with pytest.raises(Refused):
        report(thread, cast.participant)


def test_the_same_person_does_not_hide_again_what_was_decided_to_be_harmless(cast):
    thread = start(cast.space, cast.participant)
    decide(report(thread, cast.another_participant), cast.trainer)
    again = report(thread, cast.another_participant)
    assert not again.hides
    assert Thread.objects.published().exists()
    assert report(thread, cast.awaiting).hides


def test_who_hid_several_harmless_things_hides_no_more(cast):
    for _ in range(actions.MAX_IN_VAIN):
        decide(report(start(cast.space, cast.participant), cast.another_participant), cast.trainer)
    assert not report(start(cast.space, cast.participant), cast.another_participant).hides


def test_too_many_reports_within_an_hour_are_refused(cast):
    for _ in range(actions.MAX_REPORTS_PER_HOUR):
        report(start(cast.space, cast.participant), cast.another_participant, OTHER)
    with pytest.raises(Refused):
        report(start(cast.space, cast.participant), cast.another_participant, OTHER)


def test_the_author_may_mend_what_is_hidden_and_it_stays_hidden(cast):
    practice = publish(cast.space, cast.participant)
    report(practice, cast.another_participant)
    practice.refresh_from_db()
    with pytest.raises(Refused):
        posts.restore(post=practice, by=cast.participant)
    with pytest.raises(Refused):
        posts.restore(post=practice, by=cast.trainer)
    assert practice.was_hidden


def test_a_message_of_the_chat_is_hidden_and_shown_again_in_the_log(cast):
    message = say(cast.space, cast.participant)
    one = actions.report(
        thing=find_message(cast.trainer, cast.space.pk, message.number),
        by=cast.trainer,
        reason=PUPIL,
        text="",
        client_id=uuid.uuid4(),
    )
    message.refresh_from_db()
    assert message.withdrawn_at
    assert message.withdrawn_by is None
    decide(one, cast.coordinator)
    message.refresh_from_db()
    assert message.withdrawn_at is None
    kinds = list(Entry.objects.filter(about=message).values_list("kind", flat=True))
    assert kinds == [Entry.Kind.WITHDRAW, Entry.Kind.RESTORE]


def test_what_its_author_deleted_meanwhile_does_not_come_back(cast):
    thread = start(cast.space, cast.participant)
    one = report(thread, cast.another_participant, OTHER)
    posts.withdraw(post=thread, by=cast.participant)
    decide(one, cast.trainer)
    assert not Thread.objects.published().exists()


def test_a_picture_is_hidden_alone_and_its_post_stays(cast):
    file = waiting(cast.participant, "board.png", picture())
    thread = start(cast.space, cast.participant, files=of(file))
    one = report(thread, cast.another_participant, file_pk=file.pk)
    file.refresh_from_db()
    assert file.hidden_at
    assert Thread.objects.published().get() == thread
    readers = (cast.another_participant, cast.awaiting, cast.evaluator, cast.other_coordinator)
    assert not any(file.is_visible_to(user) for user in readers)
    deciders = (cast.participant, cast.trainer, cast.coordinator, cast.moderator)
    assert all(file.is_visible_to(user) for user in deciders)
    decide(one, cast.trainer)
    file.refresh_from_db()
    assert file.is_visible_to(cast.another_participant)


def test_the_pictures_of_a_hidden_post_are_hidden_with_it(cast):
    file = waiting(cast.participant, "board.png", picture())
    reply = reply_to(start(cast.space, cast.trainer), cast.participant, files=of(file))
    one = report(reply, cast.another_participant)
    file.refresh_from_db()
    assert not file.is_visible_to(cast.another_participant)
    assert file.is_visible_to(cast.participant)
    assert file.is_visible_to(cast.trainer)
    decide(one, cast.trainer)
    assert file.is_visible_to(cast.another_participant)


def test_a_picture_of_a_message_is_hidden_alone_and_in_the_log(cast):
    file = waiting(cast.participant, "board.png", picture())
    room, sent = cast.space.room, uuid.uuid4()
    message = chat.post_message(
        room=room, author=cast.participant, text="Look", files=[file.key], client_id=sent
    )
    one = report(message, cast.another_participant, file_pk=file.pk)
    message.refresh_from_db()
    assert message.files == [{"id": file.pk, "hidden": True}]
    assert message.withdrawn_at is None
    decide(one, cast.trainer)
    message.refresh_from_db()
    assert message.files[0]["name"] == "board.jpg"


def test_mentions_in_what_is_hidden_and_thanks_for_it_leave_the_bells_until_it_is_shown(cast):
    reply = reply_to(start(cast.space, cast.coordinator), cast.participant, f"@{cast.trainer.name}, look")
    mark(post=reply, by=cast.trainer, mark="thanks", on=True)
    one = report(reply, cast.another_participant, client_id=uuid.uuid4())
    assert "mention-post" not in notified(cast.trainer)
    assert "thanks-reply" not in notified(cast.participant)
    text = f"@{cast.trainer.name} and @{cast.another_participant.name}, look"
    edit_reply(reply=reply, by=cast.participant, text=text, tried=False)
    assert "mention-post" not in notified(cast.another_participant)
    decide(one, cast.coordinator)
    for user in (cast.trainer, cast.another_participant):
        assert "mention-post" in notified(user)
    assert "thanks-reply" in notified(cast.participant)


@pytest.mark.parametrize("first", [SHOWN, HIDDEN])
def test_what_was_decided_is_not_decided_again(cast, first):
    file = made_picture(cast.participant)
    thread, with_file = (
        start(cast.space, cast.participant),
        start(cast.space, cast.participant, files=of(file)),
    )
    for post, file_pk in ((thread, WHOLE), (with_file, file.pk)):
        one = report(post, cast.another_participant, OTHER, file_pk=file_pk)
        decide(one, cast.trainer, first)
        assert decide(one, cast.coordinator, SHOWN if first == HIDDEN else HIDDEN) == []
    thread.refresh_from_db()
    file.refresh_from_db()
    assert thread.withdrawn_by == (cast.trainer if first == HIDDEN else None)
    assert (file.hidden_at is not None) == thread.is_withdrawn == (first == HIDDEN)
