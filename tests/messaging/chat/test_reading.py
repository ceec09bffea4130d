"""How far people have read: what is new to one, and how many came how far; never who."""

import uuid

from community.people.models import User
from community.spaces import actions as spaces
from messaging.chat import actions, reading
from messaging.chat.models import RoomMember


def say(space, author, text="Hello"):
    return actions.post_message(room=space.room, author=author, text=text, client_id=uuid.uuid4()).number


def read(space, user, number):
    actions.mark_read(room=space.room, user=user, number=number)


def test_it_is_counted_how_many_others_have_read_up_to_where(
    space, participant, another_participant, trainer
):
    first, second = say(space, participant), say(space, participant)
    read(space, another_participant, first)
    read(space, trainer, second)
    read(space, participant, second)
    assert reading.readers_of(space.room, participant) == [(first, 1), (second, 1)]
    assert reading.readers_of(space.room, trainer) == [(first, 1), (second, 1)]


def test_who_chose_not_to_be_counted_is_not_trainers_too(space, participant, another_participant, trainer):
    number = say(space, participant)
    for one in (another_participant, trainer):
        read(space, one, number)
        User.objects.filter(pk=one.pk).update(shows_reading=False)
    assert reading.readers_of(space.room, participant) == []


def test_who_came_in_later_and_who_is_gone_have_read_nothing(
    space, stranger, participant, another_participant, coordinator
):
    number = say(space, participant)
    spaces.admit(space=space, user=stranger, role="participant", by=coordinator)
    read(space, another_participant, number)
    spaces.dismiss(space=space, user=another_participant, by=coordinator)
    assert reading.readers_of(space.room, participant) == []
    later = say(space, participant)
    read(space, stranger, later)
    assert reading.readers_of(space.room, participant) == [(later, 1)]


def test_what_is_new_begins_with_the_first_message_of_another_that_stands(space, participant, trainer):
    taken_back = say(space, participant)
    say(space, trainer)
    first = say(space, participant)
    say(space, participant)
    actions.withdraw_message(room=space.room, number=taken_back, by=participant)
    member = RoomMember.objects.get(room=space.room, user=trainer)
    assert reading.news_for(member) == (first, 2)
