"""The writer: queued messages are committed together, and each sender gets the outcome of theirs."""

import asyncio
import uuid

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from messaging.chat import mentions, read_state, writer
from messaging.chat.models import Entry, RoomMember
from messaging.chat.posting import NewMessage, insert_messages
from messaging.chat.writer import Writer

pytestmark = pytest.mark.django_db(transaction=True)


def new(space, user, text="Hello", client_id=None, **more):
    return NewMessage(space.room_id, user.pk, client_id or uuid.uuid4(), text, "en", **more)


def outcomes_of(messages, writing=Writer):
    """Send messages through a writer of its own; returns the outcomes."""

    async def send_all():
        one = writing()
        answers = [asyncio.get_running_loop().create_future() for _message in messages]
        for each, answer in zip(messages, answers, strict=True):
            one.send(each, answer.set_result)
        try:
            return await asyncio.wait_for(asyncio.gather(*answers), 20)
        finally:
            await asyncio.to_thread(one.finish, 10)

    return asyncio.run(send_all())


def test_messages_are_numbered_in_the_order_in_which_they_were_sent(space, participant, trainer):
    messages = [new(space, (participant, trainer)[number % 2], str(number)) for number in range(150)]
    outcomes = outcomes_of(messages)
    assert [outcome.entry.number for outcome in outcomes] == list(range(1, 151))
    assert list(Entry.objects.order_by("number").values_list("text", flat=True)) == [
        str(n) for n in range(150)
    ]


def test_a_message_sent_twice_is_inserted_once_and_answered_twice(space, participant):
    again = uuid.uuid4()
    outcomes = outcomes_of(
        [
            new(space, participant, "Once", again),
            new(space, participant),
            new(space, participant, "Once", again),
        ]
    )
    assert [outcome.entry.number for outcome in outcomes] == [1, 2, 1]
    (later,) = outcomes_of([new(space, participant, "Once", again)])
    assert later.entry.number == 1
    assert Entry.objects.count() == 2


def test_a_refused_message_does_not_fail_its_batch(space, participant, stranger):
    good, empty, foreign, nowhere, after = outcomes_of(
        [
            new(space, participant),
            new(space, participant, "   "),
            new(space, stranger),
            new(space, participant, re=99),
            new(space, participant),
        ]
    )
    assert (good.entry.number, after.entry.number) == (1, 2)
    assert empty.refusal
    assert foreign.refusal == "You’re no longer in this chat."
    assert nowhere.refusal == "This message no longer exists."


def test_a_refusal_is_in_the_language_of_the_sender(space, stranger):
    (refused,) = outcomes_of([NewMessage(space.room_id, stranger.pk, uuid.uuid4(), "Szia", "hu")])
    assert refused.refusal
    assert refused.refusal != "You’re no longer in this chat."


def test_a_message_the_database_rejects_fails_alone(space, participant, monkeypatch):
    def picky(messages):
        if any(one.text == "bad" for one in messages):
            raise ValueError("not this one")
        return insert_messages(messages)

    monkeypatch.setattr(writer, "insert_messages", picky)
    first, bad, last = outcomes_of([new(space, participant, text) for text in ("good", "bad", "good")])
    assert bad is None
    assert [first.entry.number, last.entry.number] == [1, 2]


def test_a_lost_connection_is_answered_with_busy_and_a_retry_succeeds(space, participant, monkeypatch):
    def gone(messages):
        raise OperationalError("no connection")

    message = new(space, participant)
    with monkeypatch.context() as broken:
        broken.setattr(writer, "insert_messages", gone)
        assert outcomes_of([message]) == [None]
    (outcome,) = outcomes_of([message])
    assert outcome.entry.number == 1


def test_a_full_queue_is_answered_with_busy_at_once(space, participant, monkeypatch):
    monkeypatch.setattr(writer, "MAX_QUEUED_MESSAGES", 0)
    assert outcomes_of([new(space, participant)]) == [None]


@pytest.mark.parametrize("many", [1, 40])
def test_many_messages_take_as_many_queries_as_one(space, participant, many):
    with CaptureQueriesContext(connection) as asked:
        insert_messages([new(space, participant, str(number)) for number in range(many)])
    work = [
        query["sql"] for query in asked if query["sql"].startswith(("SELECT", "INSERT", "UPDATE", "WITH"))
    ]
    assert len(work) == 5, work


def test_read_marks_are_written_together_and_never_go_back(space, participant, trainer):
    insert_messages([new(space, participant, str(number)) for number in range(10)])

    def mark(user):
        return RoomMember.objects.get(room=space.room_id, user=user).read_number

    for user, number in ((participant, 4), (participant, 3), (trainer, 99)):
        read_state.queue_mark(space.room_id, user.pk, number)
    read_state.flush_marks()
    assert (mark(participant), mark(trainer)) == (4, 10)
    read_state.queue_mark(space.room_id, participant.pk, 2)
    read_state.flush_marks()
    assert mark(participant) == 4
    assert not read_state.marks_pending()


def test_read_marks_that_could_not_be_written_are_queued_again(space, participant, monkeypatch):
    insert_messages([new(space, participant)])
    read_state.queue_mark(space.room_id, participant.pk, 1)

    def gone(marks):
        raise OperationalError("no connection")

    with monkeypatch.context() as broken:
        broken.setattr(read_state, "_write_marks", gone)
        with pytest.raises(OperationalError):
            read_state.flush_marks()
    assert read_state.marks_pending()
    read_state.flush_marks()
    assert not read_state.marks_pending()


def test_an_unexpected_error_of_read_marks_does_not_end_the_writer(space, participant, monkeypatch):
    def broken(marks):
        raise KeyError("something of ours")

    class EagerWriter(Writer):
        def _next_batch(self):
            self._flush_marks()
            return super()._next_batch()

    monkeypatch.setattr(read_state, "_write_marks", broken)
    read_state.queue_mark(space.room_id, participant.pk, 1)
    (outcome,) = outcomes_of([new(space, participant)], EagerWriter)
    assert outcome.entry.number == 1
    monkeypatch.undo()
    read_state.flush_marks()


def test_read_marks_update_bells_in_their_lock_order_and_after_their_own_commit(
    space, participant, trainer, monkeypatch
):
    insert_messages(
        [
            new(space, trainer, f"@{participant.name} look"),
            new(space, participant, f"@{trainer.name} look"),
        ]
    )
    heard = []

    class FakeNotifier:
        def mark_seen(self, user, messages):
            heard.append((user.pk, connection.in_atomic_block))

    monkeypatch.setattr(mentions, "_notifiers", [FakeNotifier()])
    for user in (trainer, participant):
        read_state.queue_mark(space.room_id, user.pk, 2)
    read_state.flush_marks()
    assert heard == [(pk, False) for pk in sorted((trainer.pk, participant.pk))]
