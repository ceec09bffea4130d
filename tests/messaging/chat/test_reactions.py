"""Marks on messages: entries of the log, idempotent, never counted as unread."""

import uuid

import pytest

from common.access import Refused
from messaging.chat import actions, history
from messaging.chat.models import Entry, Reaction
from messaging.chat.reactions import react
from tests.cast import close_now


@pytest.fixture
def room(space):
    return space.room


@pytest.fixture
def number(room, participant):
    message = actions.post_message(room=room, author=participant, text="It worked", client_id=uuid.uuid4())
    return message.number


def mark(room, number, by, mark="thanks", on=True, client_id=None):
    return react(room=room, number=number, by=by, mark=mark, on=on, client_id=client_id or uuid.uuid4())


def log_of(room):
    return history.RoomLog().after(room.pk, 0, 200)


def test_a_mark_is_an_entry_that_carries_the_message_with_its_marks(room, number, trainer, participant):
    mark(room, number, trainer)
    mark(room, number, participant)
    mark(room, number, trainer, "try")
    entry = log_of(room)[-1]
    assert (entry["n"], entry["k"], entry["m"]["n"]) == (4, "react", number)
    people = [(trainer.pk, trainer.name), (participant.pk, participant.name)]
    assert entry["m"]["marks"] == {"thanks": people, "try": people[:1]}


def test_giving_a_mark_twice_is_one_mark_and_one_entry(room, number, trainer):
    sent = uuid.uuid4()
    first = mark(room, number, trainer, client_id=sent)
    assert mark(room, number, trainer, client_id=sent).pk == first.pk
    mark(room, number, trainer)
    assert Reaction.objects.count() == 1
    assert Entry.objects.filter(kind=Entry.Kind.REACT).count() == 1


def test_taking_a_mark_away_twice_is_one_entry(room, number, trainer):
    mark(room, number, trainer)
    gone = uuid.uuid4()
    for _time in range(2):
        mark(room, number, trainer, on=False, client_id=gone)
    assert "marks" not in log_of(room)[-1]["m"]
    assert Entry.objects.filter(kind=Entry.Kind.REACT).count() == 2


def test_a_repeated_old_command_does_not_take_a_newer_mark_away(room, number, trainer):
    away = uuid.uuid4()
    mark(room, number, trainer)
    mark(room, number, trainer, on=False, client_id=away)
    mark(room, number, trainer)
    mark(room, number, trainer, on=False, client_id=away)
    assert Reaction.objects.count() == 1


def test_marks_are_not_unread(room, number, trainer, participant):
    actions.mark_read(room=room, user=participant, number=number)
    mark(room, number, trainer)
    assert history.unread_in(participant.pk, [room.pk]) == {}


def test_a_withdrawn_message_accepts_no_mark_and_shows_none(room, number, trainer, participant):
    mark(room, number, trainer)
    actions.withdraw_message(room=room, number=number, by=participant)
    assert "marks" not in log_of(room)[0]["m"]
    with pytest.raises(Refused):
        mark(room, number, trainer, "idea")


def test_in_a_closed_room_a_mark_can_only_be_taken_away(space, room, number, trainer):
    mark(room, number, trainer)
    close_now(space)
    with pytest.raises(Refused):
        mark(room, number, trainer, "idea")
    mark(room, number, trainer, on=False)
    assert not Reaction.objects.exists()


def test_unknown_marks_and_marks_of_strangers_are_refused(room, number, trainer, stranger):
    with pytest.raises(Refused):
        mark(room, number, trainer, "angry")
    with pytest.raises(Refused):
        mark(room, number, stranger)
