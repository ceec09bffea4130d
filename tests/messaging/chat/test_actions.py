"""The use-cases of a room: every change is an entry with the next number, and repeating it is idempotent."""

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


def post(room, author, text="Hello", client_id=None):
    return actions.post_message(room=room, author=author, text=text, client_id=client_id or uuid.uuid4())


def log_of(room):
    return history.RoomLog().after(room.pk, 0, 200)


def test_nul_is_stripped_from_a_message(room, participant):
    assert post(room, participant, "Hel\0lo").text == "Hello"


def test_posting_the_same_client_id_again_returns_the_same_message(room, participant):
    sent = uuid.uuid4()
    assert post(room, participant, client_id=sent).pk == post(room, participant, client_id=sent).pk
    assert [entry["n"] for entry in log_of(room)] == [1]


def test_the_same_client_id_of_another_author_is_another_message(room, participant, trainer):
    sent = uuid.uuid4()
    assert post(room, participant, client_id=sent).number != post(room, trainer, client_id=sent).number


def test_every_change_takes_the_next_number(room, participant, trainer):
    message = post(room, participant)
    actions.edit_message(
        room=room, number=message.number, by=participant, text="Hello all", client_id=uuid.uuid4()
    )
    actions.withdraw_message(room=room, number=message.number, by=participant)
    actions.restore_message(room=room, number=message.number, by=participant)
    actions.keep_message(room=room, number=message.number, by=trainer, path="/threads/1/")
    entries = log_of(room)
    assert [entry["n"] for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry["k"] for entry in entries] == ["message", "edit", "withdraw", "restore", "keep"]
    assert {entry["m"]["text"] for entry in entries} == {"Hello all"}
    assert entries[0]["m"]["kept"] == "/threads/1/"


def test_repeating_a_change_appends_nothing(room, participant):
    message = post(room, participant)
    changed = uuid.uuid4()
    for _time in range(2):
        actions.edit_message(
            room=room, number=message.number, by=participant, text="Hello all", client_id=changed
        )
    for _time in range(2):
        actions.withdraw_message(room=room, number=message.number, by=participant)
    for _time in range(2):
        actions.restore_message(room=room, number=message.number, by=participant)
    assert [entry["n"] for entry in log_of(room)] == [1, 2, 3, 4]


def test_the_text_of_a_withdrawn_message_is_in_no_entry(room, participant):
    message = post(room, participant, "Something regretted")
    actions.withdraw_message(room=room, number=message.number, by=participant)
    assert "regretted" not in str(log_of(room))
    assert "regretted" not in str(history.page_before(room, None, participant))


def test_an_author_cannot_restore_what_a_trainer_withdrew(room, participant, trainer):
    message = post(room, participant)
    actions.withdraw_message(room=room, number=message.number, by=trainer)
    with pytest.raises(Refused):
        actions.restore_message(room=room, number=message.number, by=participant)


def test_nobody_edits_somebody_elses_message(room, participant, trainer):
    message = post(room, participant)
    with pytest.raises(Refused):
        actions.edit_message(room=room, number=message.number, by=trainer, text="No", client_id=uuid.uuid4())


@pytest.mark.parametrize("text", ["", "   \n", "x" * (texts.MAX_MESSAGE_CHARS + 1)])
def test_empty_and_too_long_messages_are_refused(room, participant, text):
    with pytest.raises(Refused):
        post(room, participant, text)
    assert not Entry.objects.exists()


def test_a_closed_room_accepts_no_message_but_edits_of_ones_own(space, room, participant):
    message = post(room, participant)
    close_now(space)
    with pytest.raises(Refused):
        post(room, participant)
    actions.edit_message(
        room=room, number=message.number, by=participant, text="Edited", client_id=uuid.uuid4()
    )


def test_a_dismissal_is_an_entry_and_ends_writing(space, room, participant, coordinator):
    post(room, participant)
    spaces.dismiss(space=space, user=participant, by=coordinator)
    assert log_of(room)[-1] == {"n": 2, "k": "leave", "who": participant.pk}
    with pytest.raises(Refused):
        post(room, participant)


def test_unread_counts_messages_of_others_that_are_not_withdrawn(room, participant, trainer):
    for _one in range(3):
        post(room, participant)
    post(room, trainer)
    actions.withdraw_message(room=room, number=1, by=participant)
    assert history.unread_in(trainer.pk, [room.pk]) == {room.pk: 2}
    actions.mark_read(room=room, user=trainer, number=4)
    assert history.unread_in(trainer.pk, [room.pk]) == {}


def test_read_marks_never_go_back_nor_past_the_last_number(room, participant, trainer):
    post(room, participant)
    actions.mark_read(room=room, user=trainer, number=999)
    actions.mark_read(room=room, user=trainer, number=0)
    assert RoomMember.objects.get(room=room, user=trainer).read_number == 1


def test_reading_the_log_takes_the_same_queries_however_long_it_is(
    room, participant, trainer, django_assert_num_queries
):
    for number in range(40):
        post(room, (participant, trainer)[number % 2])
    with django_assert_num_queries(4):
        assert len(log_of(room)) == 40


def test_the_members_of_the_room_mirror_those_of_the_space(
    space, stranger, participant, trainer, coordinator
):
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
