"""Everything of a person in rooms is handed out, and let go of on every page that is open."""

import json
import uuid

import pytest

from community.people.models import User
from messaging.chat import actions, history, privacy
from messaging.chat.models import Entry, Mention, Reaction
from messaging.chat.reactions import react
from tests.cast import join


@pytest.fixture
def room(space):
    return space.room


def say(room, author, text="Hello", **more):
    return actions.post_message(room=room, author=author, text=text, client_id=uuid.uuid4(), **more)


def mark(room, number, by):
    react(room=room, number=number, by=by, mark="thanks", on=True, client_id=uuid.uuid4())


def after(room, number):
    return history.RoomLog().after(room.pk, number, 200)


def test_what_somebody_wrote_marked_and_was_mentioned_in_is_handed_out(room, participant, trainer):
    said = say(room, participant, f"@{trainer.name} thumbs first")
    mark(room, said.number, trainer)
    assert "thumbs first" in json.dumps(privacy.export_for(participant))
    everything = privacy.export_for(trainer)
    assert everything["marks"][0]["mark"] == "thanks"
    assert everything["mentions"][0]["n"] == said.number
    json.dumps(everything)


def test_an_open_page_hears_of_every_message_that_lost_its_words(room, participant, trainer):
    first, second = say(room, participant, "One thing"), say(room, participant, "Another thing")
    reply = say(room, trainer, "Yes", re=first.number)
    last = reply.number
    privacy.erase(participant)
    entries = after(room, last)
    assert [entry["n"] for entry in entries] == [last + 1, last + 2]
    assert [entry["m"]["n"] for entry in entries] == [first.number, second.number]
    assert {entry["k"] for entry in entries} == {"withdraw"}
    assert all(entry["m"]["gone"] and entry["m"]["own"] for entry in entries)
    assert "thing" not in str(after(room, 0))
    assert not Entry.objects.filter(folded__contains="thing").exists()


def test_the_marks_of_who_is_let_go_of_disappear_from_open_pages_too(room, participant, trainer):
    said = say(room, trainer)
    mark(room, said.number, participant)
    mark(room, said.number, trainer)
    privacy.erase(participant)
    entry = after(room, 3)[0]
    assert (entry["k"], entry["m"]["n"]) == ("react", said.number)
    assert entry["m"]["marks"] == {"thanks": [(trainer.pk, trainer.name)]}
    assert not Reaction.objects.filter(user=participant).exists()


def test_what_a_trainer_had_taken_down_stays_taken_down_by_them(room, participant, trainer):
    said = say(room, participant, "Something rude")
    actions.withdraw_message(room=room, number=said.number, by=trainer)
    when = Entry.objects.get(pk=said.pk).withdrawn_at
    privacy.erase(participant)
    said = Entry.objects.get(pk=said.pk)
    assert (said.withdrawn_by, said.withdrawn_at, said.text, said.html) == (trainer, when, "", "")
    assert after(room, 2) == []


def test_nobody_is_told_of_them_any_more(room, participant, trainer):
    say(room, trainer, f"@{participant.name}")
    privacy.erase(participant)
    assert not Mention.objects.exists()


def test_where_others_named_them_a_sign_stands_on_open_pages_too(room, participant, trainer):
    said = say(room, trainer, f"@{participant.name.upper()}, and you?")
    say(room, trainer, "Look there", re=said.number)
    taken_back = say(room, trainer, f"@{participant.name} (no)")
    actions.withdraw_message(room=room, number=taken_back.number, by=trainer)
    last = after(room, 0)[-1]["n"]
    participant.name = "—"  # people are let go of before their rooms are
    participant.save()
    privacy.erase(participant)
    (entry,) = after(room, last)
    assert (entry["k"], entry["m"]["n"], entry["m"]["text"]) == ("edit", said.number, "@—, and you?")
    assert "edited" not in entry["m"]
    assert "to" not in entry["m"]
    reply = next(one for one in after(room, 0) if one["m"].get("re"))
    assert reply["m"]["re"]["words"] == "@—, and you?"
    assert "petra" not in str([*Entry.objects.values_list("text", "html", "folded")]).lower()


def test_a_message_that_is_marked_and_names_them_changes_once(room, participant, trainer):
    said = say(room, trainer, f"@{participant.name}")
    mark(room, said.number, participant)
    last = after(room, 0)[-1]["n"]
    privacy.erase(participant)
    (entry,) = after(room, last)
    assert (entry["k"], entry["m"]["text"], entry["m"].get("marks")) == ("edit", "@—", None)


@pytest.mark.parametrize("after", ["@Old Name, look at this", "@New Name, look"])
def test_a_name_they_had_before_goes_too_however_the_message_was_changed(room, participant, trainer, after):
    User.objects.filter(pk=participant.pk).update(name="Old Name")
    said = say(room, trainer, "@Old Name, look")
    User.objects.filter(pk=participant.pk).update(name="New Name")
    actions.edit_message(room=room, number=said.number, by=trainer, text=after, client_id=uuid.uuid4())
    privacy.erase(participant)
    text = Entry.objects.get(pk=said.pk).text
    assert text == after.replace("Old Name", "—").replace("New Name", "—")


def test_who_is_called_the_same_stays_named(room, space, participant, trainer):
    join(space, User.objects.create_user(participant.name, "another.petra@school.test"))
    said = say(room, trainer, f"@{participant.name}")
    privacy.erase(participant)
    said.refresh_from_db()
    assert said.text == f"@{participant.name}"
    assert Mention.objects.get().user != participant


def test_however_much_was_written_it_is_let_go_of_in_the_same_queries(
    room, participant, trainer, django_assert_max_num_queries
):
    say(room, participant, f"@{trainer.name}")
    with django_assert_max_num_queries(60) as one:
        privacy.erase(participant)
        alone = len(one)
    for _one in range(20):
        say(room, trainer, f"@{participant.name}")
    with django_assert_max_num_queries(alone):
        privacy.erase(trainer)


def test_letting_go_a_second_time_adds_nothing(room, participant):
    say(room, participant)
    for _time in range(2):
        privacy.erase(participant)
    assert len(after(room, 0)) == 2
