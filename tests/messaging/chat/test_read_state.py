"""Read state: what is unread for one member, and how many have read how far; never who."""

import uuid

import pytest

from common import statements
from community.people.models import User
from community.spaces import actions as spaces
from messaging.chat import actions, read_state
from messaging.chat.models import RoomMember
from tests.cast import join, person


def post(space, author, text="Hello"):
    return actions.post_message(room=space.room, author=author, text=text, client_id=uuid.uuid4()).number


def read(space, number, *users):
    for user in users:
        actions.mark_read(room=space.room, user=user, number=number)


@pytest.fixture
def many(space):
    """Six more in the room."""
    people = [person(f"Reader {number}") for number in range(6)]
    for one in people:
        join(space, one)
    return people


def test_readers_are_counted_by_the_number_they_have_read(space, participant, trainer, many):
    first, second, third = (post(space, participant) for _time in range(3))
    read(space, first, trainer)
    read(space, second, many[0])
    read(space, third, participant, *many[1:])
    assert read_state.readers_of(space.room, participant) == [(first, 1), (second, 1), (third, 5)]
    assert read_state.readers_of(space.room, trainer) == [(second, 1), (third, 6)]


def test_readers_ahead_of_the_smallest_group_are_counted_with_it(space, participant, trainer, many):
    first, second, third = (post(space, participant) for _time in range(3))
    read(space, first, *many)
    read(space, second, many[0], many[1])
    read(space, third, trainer)
    assert read_state.readers_of(space.room, participant) == [(first, 7)]


def test_fewer_than_five_readers_are_not_shown(space, participant, many):
    number = post(space, participant)
    read(space, number, *many[:4])
    assert read_state.readers_of(space.room, participant) == []
    read(space, number, many[4])
    assert read_state.readers_of(space.room, participant) == [(number, 5)]


def test_people_who_hide_their_reading_are_not_counted_trainers_included(space, participant, trainer, many):
    number = post(space, participant)
    read(space, number, trainer, *many)
    User.objects.filter(pk__in=[trainer.pk, many[0].pk]).update(shows_reading=False)
    assert read_state.readers_of(space.room, participant) == [(number, 5)]
    User.objects.filter(pk=many[1].pk).update(shows_reading=False)
    assert read_state.readers_of(space.room, participant) == []


def test_people_who_came_later_or_left_have_read_nothing(
    space, stranger, participant, another_participant, coordinator, many
):
    number = post(space, participant)
    read(space, number, another_participant, *many[:5])
    spaces.admit(space=space, user=stranger, role="participant", by=coordinator)
    spaces.dismiss(space=space, user=another_participant, by=coordinator)
    assert read_state.readers_of(space.room, participant) == [(number, 5)]
    later = post(space, participant)
    read(space, later, stranger, *many[:5])
    assert read_state.readers_of(space.room, participant) == [(later, 6)]


def test_unread_begins_with_the_first_message_of_somebody_else_that_is_not_withdrawn(
    space, participant, trainer
):
    withdrawn = post(space, participant)
    post(space, trainer)
    first = post(space, participant)
    post(space, participant)
    actions.withdraw_message(room=space.room, number=withdrawn, by=participant)
    member = RoomMember.objects.get(room=space.room, user=trainer)
    unread = read_state.unread_messages(space.room_id, member.read_number, trainer)
    assert read_state.unread_in([message.number for message in unread]) == (first, 2)


def test_a_hundred_readers_and_unread_messages_are_counted_at_most(space, participant, many, monkeypatch):
    monkeypatch.setattr(read_state, "COUNTED_AT_MOST", 6)
    statements.clear()
    numbers = [post(space, participant) for _time in range(8)]
    read(space, numbers[0], many[0])
    read(space, numbers[1], *many[1:])
    assert read_state.readers_of(space.room, participant) == [(numbers[0], 1), (numbers[1], 5)]
    join(space, seventh := person("Reader 7"))
    read(space, numbers[2], seventh)
    assert read_state.readers_of(space.room, participant) == [(numbers[1], 6)]
    assert [read_state.count_in_words(count) for count in (5, 6)] == ["5", "5+"]
    assert len(read_state.unread_messages(space.room_id, 0, many[0])) == 6
    statements.clear()
