"""How far people have read: what is new to one, and how many came how far; never who."""

import uuid

import pytest

from community.people.models import User
from community.spaces import actions as spaces
from messaging.chat import actions, read_state
from messaging.chat.models import RoomMember
from tests.cast import join, person


def say(space, author, text="Hello"):
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


def test_it_is_counted_how_many_others_have_read_up_to_where(space, participant, trainer, many):
    first, second, third = (say(space, participant) for _time in range(3))
    read(space, first, trainer)
    read(space, second, many[0])
    read(space, third, participant, *many[1:])
    assert read_state.readers_of(space.room, participant) == [(first, 1), (second, 1), (third, 5)]
    assert read_state.readers_of(space.room, trainer) == [(second, 1), (third, 6)]


def test_who_is_ahead_of_the_others_is_not_seen_to_be(space, participant, trainer, many):
    first, second, third = (say(space, participant) for _time in range(3))
    read(space, first, *many)
    read(space, second, many[0], many[1])
    read(space, third, trainer)
    assert read_state.readers_of(space.room, participant) == [(first, 7)]


def test_of_fewer_than_five_it_is_not_said_that_they_read(space, participant, many):
    number = say(space, participant)
    read(space, number, *many[:4])
    assert read_state.readers_of(space.room, participant) == []
    read(space, number, many[4])
    assert read_state.readers_of(space.room, participant) == [(number, 5)]


def test_who_chose_not_to_be_counted_is_not_trainers_too(space, participant, trainer, many):
    number = say(space, participant)
    read(space, number, trainer, *many)
    User.objects.filter(pk__in=[trainer.pk, many[0].pk]).update(shows_reading=False)
    assert read_state.readers_of(space.room, participant) == [(number, 5)]
    User.objects.filter(pk=many[1].pk).update(shows_reading=False)
    assert read_state.readers_of(space.room, participant) == []


def test_who_came_in_later_and_who_is_gone_have_read_nothing(
    space, stranger, participant, another_participant, coordinator, many
):
    number = say(space, participant)
    read(space, number, another_participant, *many[:5])
    spaces.admit(space=space, user=stranger, role="participant", by=coordinator)
    spaces.dismiss(space=space, user=another_participant, by=coordinator)
    assert read_state.readers_of(space.room, participant) == [(number, 5)]
    later = say(space, participant)
    read(space, later, stranger, *many[:5])
    assert read_state.readers_of(space.room, participant) == [(later, 6)]


def test_what_is_new_begins_with_the_first_message_of_another_that_stands(space, participant, trainer):
    taken_back = say(space, participant)
    say(space, trainer)
    first = say(space, participant)
    say(space, participant)
    actions.withdraw_message(room=space.room, number=taken_back, by=participant)
    member = RoomMember.objects.get(room=space.room, user=trainer)
    assert read_state.news_for(member) == (first, 2)
