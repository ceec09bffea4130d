"""The writer: what waits is committed together, and each sender hears what became of theirs."""

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


def draft(space, user, text="Hello", client_id=None, **more):
    return NewMessage(space.room_id, user.pk, client_id or uuid.uuid4(), text, "en", **more)


def sent(drafts, writing=Writer):
    """Send these through a writer of its own; what became of each."""

    async def story():
        one = writing()
        answers = [asyncio.get_running_loop().create_future() for _draft in drafts]
        for each, answer in zip(drafts, answers, strict=True):
            one.send(each, answer.set_result)
        try:
            return await asyncio.wait_for(asyncio.gather(*answers), 20)
        finally:
            await asyncio.to_thread(one.finish, 10)

    return asyncio.run(story())


def test_many_are_numbered_in_the_order_in_which_they_were_sent(space, participant, trainer):
    drafts = [draft(space, (participant, trainer)[number % 2], str(number)) for number in range(150)]
    outcomes = sent(drafts)
    assert [outcome.entry.number for outcome in outcomes] == list(range(1, 151))
    assert list(Entry.objects.order_by("number").values_list("text", flat=True)) == [
        str(n) for n in range(150)
    ]


def test_what_was_sent_twice_is_there_once_and_both_hear_the_same_number(space, participant):
    again = uuid.uuid4()
    outcomes = sent(
        [
            draft(space, participant, "Once", again),
            draft(space, participant),
            draft(space, participant, "Once", again),
        ]
    )
    assert [outcome.entry.number for outcome in outcomes] == [1, 2, 1]
    (later,) = sent([draft(space, participant, "Once", again)])
    assert later.entry.number == 1
    assert Entry.objects.count() == 2


def test_one_that_is_refused_holds_up_nobody(space, participant, stranger):
    good, empty, foreign, nowhere, after = sent(
        [
            draft(space, participant),
            draft(space, participant, "   "),
            draft(space, stranger),
            draft(space, participant, re=99),
            draft(space, participant),
        ]
    )
    assert (good.entry.number, after.entry.number) == (1, 2)
    assert empty.refusal
    assert foreign.refusal == "You are not in this room any more."
    assert nowhere.refusal == "This message is not there."


def test_who_refuses_speaks_the_language_of_who_is_refused(space, stranger):
    (refused,) = sent([NewMessage(space.room_id, stranger.pk, uuid.uuid4(), "Szia", "hu")])
    assert refused.refusal
    assert refused.refusal != "You are not in this room any more."


def test_a_row_the_database_cannot_take_fails_alone(space, participant, monkeypatch):
    def picky(drafts):
        if any(one.text == "bad" for one in drafts):
            raise ValueError("not this one")
        return insert_messages(drafts)

    monkeypatch.setattr(writer, "insert_messages", picky)
    first, bad, last = sent([draft(space, participant, text) for text in ("good", "bad", "good")])
    assert bad is None
    assert [first.entry.number, last.entry.number] == [1, 2]


def test_a_database_that_is_gone_answers_busy_and_takes_it_later(space, participant, monkeypatch):
    def gone(drafts):
        raise OperationalError("no line")

    message = draft(space, participant)
    with monkeypatch.context() as broken:
        broken.setattr(writer, "insert_messages", gone)
        assert sent([message]) == [None]
    (outcome,) = sent([message])
    assert outcome.entry.number == 1


def test_a_queue_that_is_full_answers_busy_at_once(space, participant, monkeypatch):
    monkeypatch.setattr(writer, "WAITING", 0)
    assert sent([draft(space, participant)]) == [None]


@pytest.mark.parametrize("many", [1, 40])
def test_many_messages_cost_as_many_queries_as_one(space, participant, many):
    with CaptureQueriesContext(connection) as asked:
        insert_messages([draft(space, participant, str(number)) for number in range(many)])
    work = [
        query["sql"] for query in asked if query["sql"].startswith(("SELECT", "INSERT", "UPDATE", "WITH"))
    ]
    assert len(work) == 5, work


def test_how_far_people_have_read_is_written_together_and_never_back(space, participant, trainer):
    insert_messages([draft(space, participant, str(number)) for number in range(10)])

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


def test_marks_that_could_not_be_written_wait_again(space, participant, monkeypatch):
    insert_messages([draft(space, participant)])
    read_state.queue_mark(space.room_id, participant.pk, 1)

    def gone(marks):
        raise OperationalError("no line")

    with monkeypatch.context() as broken:
        broken.setattr(read_state, "_write_marks", gone)
        with pytest.raises(OperationalError):
            read_state.flush_marks()
    assert read_state.marks_pending()
    read_state.flush_marks()
    assert not read_state.marks_pending()


def test_marks_that_fail_in_whatever_way_do_not_end_the_writer(space, participant, monkeypatch):
    def broken(marks):
        raise KeyError("something of ours")

    class Hasty(Writer):
        def _next(self):
            self._write_marks()
            return super()._next()

    monkeypatch.setattr(read_state, "_write_marks", broken)
    read_state.queue_mark(space.room_id, participant.pk, 1)
    (outcome,) = sent([draft(space, participant)], Hasty)
    assert outcome.entry.number == 1
    monkeypatch.undo()
    read_state.flush_marks()


def test_bells_fall_silent_in_their_order_and_hold_nobodys_place(space, participant, trainer, monkeypatch):
    insert_messages(
        [
            draft(space, trainer, f"@{participant.name} look"),
            draft(space, participant, f"@{trainer.name} look"),
        ]
    )
    heard = []

    class Listening:
        def seen(self, user, messages):
            heard.append((user.pk, connection.in_atomic_block))

    monkeypatch.setattr(mentions, "_telling", [Listening()])
    for user in (trainer, participant):
        read_state.queue_mark(space.room_id, user.pk, 2)
    read_state.flush_marks()
    assert heard == [(pk, False) for pk in sorted((trainer.pk, participant.pk))]
