"""A reply quotes its message as it is now."""

import uuid

import pytest

from common.access import Refused
from messaging.chat import actions, history


@pytest.fixture
def room(space):
    return space.room


def post(room, author, text="Hello", **more):
    return actions.post_message(room=room, author=author, text=text, client_id=uuid.uuid4(), **more)


def shown(room, number):
    (entry,) = [one for one in history.RoomLog().after(room.pk, 0, 200) if one["n"] == number]
    return entry["m"]


def test_a_reply_quotes_the_beginning_of_its_message(room, participant, trainer):
    message = post(room, participant, "**Thumbs** first. " + "And then some more of it. " * 20)
    reply = post(room, trainer, "Good", re=message.number)
    quote = shown(room, reply.number)["re"]
    assert (quote["n"], quote["by"]) == (message.number, {"id": participant.pk, "name": participant.name})
    assert quote["words"].startswith("Thumbs first. And then")
    assert len(quote["words"]) <= 120


def test_a_withdrawn_message_is_not_quoted(room, participant, trainer):
    message = post(room, participant, "Something regretted")
    reply = post(room, trainer, "Why?", re=message.number)
    actions.withdraw_message(room=room, number=message.number, by=participant)
    assert shown(room, reply.number)["re"] == {"n": message.number, "gone": True}


def test_an_edited_message_is_quoted_as_it_is_now(room, participant, trainer):
    message = post(room, participant, "Befor")
    reply = post(room, trainer, "Yes", re=message.number)
    actions.edit_message(
        room=room, number=message.number, by=participant, text="Before", client_id=uuid.uuid4()
    )
    assert shown(room, reply.number)["re"]["words"] == "Before"


def test_a_reply_to_a_message_withdrawn_in_the_meantime_is_accepted(room, participant, trainer):
    message = post(room, participant)
    actions.withdraw_message(room=room, number=message.number, by=participant)
    assert shown(room, post(room, trainer, re=message.number).number)["re"]["gone"]


@pytest.mark.parametrize("number", [0, 2, 999])
def test_a_reply_to_no_message_of_the_room_is_refused(room, participant, number):
    message = post(room, participant)
    actions.edit_message(
        room=room, number=message.number, by=participant, text="Mended", client_id=uuid.uuid4()
    )
    with pytest.raises(Refused):
        post(room, participant, re=number)


def test_replies_marks_and_mentions_take_no_further_queries(
    room, participant, trainer, django_assert_num_queries
):
    for _round in range(15):
        message = post(room, participant, f"@{trainer.name} look")
        post(room, trainer, "Yes", re=message.number)
    with django_assert_num_queries(4):
        history.RoomLog().after(room.pk, 0, 200)
