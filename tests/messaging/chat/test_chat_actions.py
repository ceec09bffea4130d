"""The room's log: every change is an entry with the next number, and twice is once."""

import uuid

import pytest

from common.access import Refused
from community.spaces import actions as spaces
from messaging.chat import actions, history, texts
from messaging.chat.models import Entry, RoomMember
from tests.cast import close_now


@pytest.fixture
def room(space):
    return space.room


def say(room, author, text="Hello", client_id=None):
    return actions.post_message(room=room, author=author, text=text, client_id=client_id or uuid.uuid4())


def everything(room):
    return history.RoomLog().after(room.pk, 0, 200)


def test_a_sign_that_no_keyboard_has_is_left_out(room, participant):
    assert say(room, participant, "Hel\0lo").text == "Hello"


def test_the_same_id_again_is_the_same_message(room, participant):
    sent = uuid.uuid4()
    assert say(room, participant, client_id=sent).pk == say(room, participant, client_id=sent).pk
    assert [entry["n"] for entry in everything(room)] == [1]


def test_the_same_id_of_another_person_is_another_message(room, participant, trainer):
    sent = uuid.uuid4()
    assert say(room, participant, client_id=sent).number != say(room, trainer, client_id=sent).number


def test_every_change_takes_the_next_number(room, participant, trainer):
    said = say(room, participant)
    actions.edit_message(
        room=room, number=said.number, by=participant, text="Hello all", client_id=uuid.uuid4()
    )
    actions.withdraw_message(room=room, number=said.number, by=participant)
    actions.restore_message(room=room, number=said.number, by=participant)
    actions.keep_message(room=room, number=said.number, by=trainer, path="/threads/1/", title="Kept")
    entries = everything(room)
    assert [entry["n"] for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry["k"] for entry in entries] == ["message", "edit", "withdraw", "restore", "keep"]
    assert {entry["m"]["text"] for entry in entries} == {"Hello all"}
    assert entries[0]["m"]["kept"] == {"path": "/threads/1/", "title": "Kept"}


def test_doing_it_twice_adds_nothing(room, participant):
    said = say(room, participant)
    changed = uuid.uuid4()
    for _time in range(2):
        actions.edit_message(
            room=room, number=said.number, by=participant, text="Hello all", client_id=changed
        )
    for _time in range(2):
        actions.withdraw_message(room=room, number=said.number, by=participant)
    for _time in range(2):
        actions.restore_message(room=room, number=said.number, by=participant)
    assert [entry["n"] for entry in everything(room)] == [1, 2, 3, 4]


def test_what_was_taken_back_is_in_no_entry_any_more(room, participant):
    said = say(room, participant, "Something regretted")
    actions.withdraw_message(room=room, number=said.number, by=participant)
    assert "regretted" not in str(everything(room))
    assert "regretted" not in str(history.page_before(room, None))


def test_what_a_trainer_took_down_its_author_cannot_put_back(room, participant, trainer):
    said = say(room, participant)
    actions.withdraw_message(room=room, number=said.number, by=trainer)
    with pytest.raises(Refused):
        actions.restore_message(room=room, number=said.number, by=participant)


def test_nobody_changes_what_another_said(room, participant, trainer):
    said = say(room, participant)
    with pytest.raises(Refused):
        actions.edit_message(room=room, number=said.number, by=trainer, text="No", client_id=uuid.uuid4())


@pytest.mark.parametrize("text", ["", "   \n", "x" * (texts.MAX_MESSAGE_CHARS + 1)])
def test_a_message_is_neither_empty_nor_endless(room, participant, text):
    with pytest.raises(Refused):
        say(room, participant, text)
    assert not Entry.objects.exists()


def test_a_closed_room_takes_no_message_and_ones_own_can_be_mended(space, room, participant):
    said = say(room, participant)
    close_now(space)
    with pytest.raises(Refused):
        say(room, participant)
    actions.edit_message(room=room, number=said.number, by=participant, text="Mended", client_id=uuid.uuid4())


def test_a_dismissal_is_an_entry_and_ends_writing(space, room, participant, coordinator):
    say(room, participant)
    spaces.dismiss(space=space, user=participant, by=coordinator)
    assert everything(room)[-1] == {"n": 2, "k": "leave", "who": participant.pk}
    with pytest.raises(Refused):
        say(room, participant)


def test_unread_counts_messages_of_others_that_stand(room, participant, trainer):
    for _one in range(3):
        say(room, participant)
    say(room, trainer)
    actions.withdraw_message(room=room, number=1, by=participant)
    assert history.unread_in(trainer.pk, [room.pk]) == {room.pk: 2}
    actions.mark_read(room=room, user=trainer, number=4)
    assert history.unread_in(trainer.pk, [room.pk]) == {}


def test_reading_goes_never_back_and_never_beyond_the_end(room, participant, trainer):
    say(room, participant)
    actions.mark_read(room=room, user=trainer, number=999)
    actions.mark_read(room=room, user=trainer, number=0)
    assert RoomMember.objects.get(room=room, user=trainer).read_number == 1


def test_a_page_of_the_log_takes_the_same_queries_however_long(
    room, participant, trainer, django_assert_num_queries
):
    for number in range(40):
        say(room, (participant, trainer)[number % 2])
    with django_assert_num_queries(4):
        assert len(everything(room)) == 40


def test_the_room_has_whom_the_space_has(space, stranger, participant, trainer, coordinator):
    def both():
        in_space = set(space.memberships.current().values_list("user", "role"))
        in_room = set(space.room.members.current().values_list("user", "role"))
        return in_space, in_room

    space.memberships.update(came_in_at=None)
    spaces.admit(space=space, user=stranger, role="participant", by=coordinator)
    spaces.dismiss(space=space, user=participant, by=coordinator)
    spaces.admit_writing_staff(space=space, user=coordinator)
    in_space, in_room = both()
    assert in_space == in_room
    assert (stranger.pk, "participant") in in_room
    spaces.readmit(space=space, user=participant, by=coordinator)
    in_space, in_room = both()
    assert in_space == in_room
