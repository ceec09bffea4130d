"""Replies show what they reply to, as it is now."""

import uuid

import pytest

from common.access import Refused
from messaging.chat import actions, history


@pytest.fixture
def room(space):
    return space.room


def say(room, author, text="Hello", **more):
    return actions.post_message(room=room, author=author, text=text, client_id=uuid.uuid4(), **more)


def shown(room, number):
    (entry,) = [one for one in history.RoomLog().after(room.pk, 0, 200) if one["n"] == number]
    return entry["m"]


def test_a_reply_shows_the_beginning_of_what_it_replies_to(room, participant, trainer):
    said = say(room, participant, "**Thumbs** first. " + "And then some more of it. " * 20)
    reply = say(room, trainer, "Good", re=said.number)
    quote = shown(room, reply.number)["re"]
    assert (quote["n"], quote["by"]) == (said.number, {"id": participant.pk, "name": participant.name})
    assert quote["words"].startswith("Thumbs first. And then")
    assert len(quote["words"]) <= 120


def test_what_was_taken_back_is_in_no_reply_to_it(room, participant, trainer):
    said = say(room, participant, "Something regretted")
    reply = say(room, trainer, "Why?", re=said.number)
    actions.withdraw_message(room=room, number=said.number, by=participant)
    assert shown(room, reply.number)["re"] == {"n": said.number, "gone": True}


def test_what_was_changed_is_quoted_as_it_is_now(room, participant, trainer):
    said = say(room, participant, "Befor")
    reply = say(room, trainer, "Yes", re=said.number)
    actions.edit_message(room=room, number=said.number, by=participant, text="Before", client_id=uuid.uuid4())
    assert shown(room, reply.number)["re"]["words"] == "Before"


def test_a_reply_to_a_message_that_was_taken_back_meanwhile_is_taken(room, participant, trainer):
    said = say(room, participant)
    actions.withdraw_message(room=room, number=said.number, by=participant)
    assert shown(room, say(room, trainer, re=said.number).number)["re"]["gone"]


@pytest.mark.parametrize("number", [0, 2, 999])
def test_there_is_no_reply_to_what_is_no_message_of_the_room(room, participant, number):
    said = say(room, participant)
    actions.edit_message(room=room, number=said.number, by=participant, text="Mended", client_id=uuid.uuid4())
    with pytest.raises(Refused):
        say(room, participant, re=number)


def test_replies_marks_and_mentions_cost_no_query_more(room, participant, trainer, django_assert_num_queries):
    for _round in range(15):
        said = say(room, participant, f"@{trainer.name} look")
        say(room, trainer, "Yes", re=said.number)
    with django_assert_num_queries(4):
        history.RoomLog().after(room.pk, 0, 200)
