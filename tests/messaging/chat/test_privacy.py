"""Personal data in rooms can be exported, and is erased on open pages too."""

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


def post(room, author, text="Hello", **more):
    return actions.post_message(room=room, author=author, text=text, client_id=uuid.uuid4(), **more)


def mark(room, number, by):
    react(room=room, number=number, by=by, mark="thanks", on=True, client_id=uuid.uuid4())


def after(room, number):
    return history.RoomLog().after(room.pk, number, 200)


def test_messages_marks_and_mentions_are_exported(room, participant, trainer):
    message = post(room, participant, f"@{trainer.name} thumbs first")
    mark(room, message.number, trainer)
    assert "thumbs first" in json.dumps(privacy.export_for(participant))
    everything = privacy.export_for(trainer)
    assert everything["marks"][0]["mark"] == "thanks"
    assert everything["mentions"][0]["n"] == message.number
    json.dumps(everything)


def test_erased_messages_are_entries_for_open_pages(room, participant, trainer):
    first, second = post(room, participant, "One thing"), post(room, participant, "Another thing")
    reply = post(room, trainer, "Yes", re=first.number)
    last = reply.number
    privacy.erase(participant)
    entries = after(room, last)
    assert [entry["n"] for entry in entries] == [last + 1, last + 2]
    assert [entry["m"]["n"] for entry in entries] == [first.number, second.number]
    assert {entry["k"] for entry in entries} == {"withdraw"}
    assert all(entry["m"]["gone"] and entry["m"]["own"] for entry in entries)
    assert "thing" not in str(after(room, 0))
    assert not Entry.objects.filter(folded__contains="thing").exists()


def test_erased_marks_are_entries_for_open_pages(room, participant, trainer):
    message = post(room, trainer)
    mark(room, message.number, participant)
    mark(room, message.number, trainer)
    privacy.erase(participant)
    entry = after(room, 3)[0]
    assert (entry["k"], entry["m"]["n"]) == ("react", message.number)
    assert entry["m"]["marks"] == {"thanks": [(trainer.pk, trainer.name)]}
    assert not Reaction.objects.filter(user=participant).exists()


def test_a_message_withdrawn_by_a_trainer_stays_so_without_its_text(room, participant, trainer):
    message = post(room, participant, "Something rude")
    actions.withdraw_message(room=room, number=message.number, by=trainer)
    when = Entry.objects.get(pk=message.pk).withdrawn_at
    privacy.erase(participant)
    message = Entry.objects.get(pk=message.pk)
    assert (message.withdrawn_by, message.withdrawn_at, message.text, message.html) == (trainer, when, "", "")
    assert after(room, 2) == []


def test_mentions_of_an_erased_person_are_deleted(room, participant, trainer):
    post(room, trainer, f"@{participant.name}")
    privacy.erase(participant)
    assert not Mention.objects.exists()


def test_a_placeholder_replaces_their_name_in_messages_of_others(room, participant, trainer):
    message = post(room, trainer, f"@{participant.name.upper()}, and you?")
    post(room, trainer, "Look there", re=message.number)
    withdrawn = post(room, trainer, f"@{participant.name} (no)")
    actions.withdraw_message(room=room, number=withdrawn.number, by=trainer)
    last = after(room, 0)[-1]["n"]
    participant.name = "—"  # the user is erased before their rooms are
    participant.save()
    privacy.erase(participant)
    (entry,) = after(room, last)
    assert (entry["k"], entry["m"]["n"], entry["m"]["text"]) == ("edit", message.number, "@—, and you?")
    assert "edited" not in entry["m"]
    assert "to" not in entry["m"]
    reply = next(one for one in after(room, 0) if one["m"].get("re"))
    assert reply["m"]["re"]["words"] == "@—, and you?"
    assert "petra" not in str([*Entry.objects.values_list("text", "html", "folded")]).lower()


def test_a_message_with_a_mark_and_a_mention_of_them_is_one_entry(room, participant, trainer):
    message = post(room, trainer, f"@{participant.name}")
    mark(room, message.number, participant)
    last = after(room, 0)[-1]["n"]
    privacy.erase(participant)
    (entry,) = after(room, last)
    assert (entry["k"], entry["m"]["text"], entry["m"].get("marks")) == ("edit", "@—", None)


@pytest.mark.parametrize("after", ["@Old Name, look at this", "@New Name, look"])
def test_an_earlier_name_is_replaced_too_even_after_an_edit(room, participant, trainer, after):
    User.objects.filter(pk=participant.pk).update(name="Old Name")
    message = post(room, trainer, "@Old Name, look")
    User.objects.filter(pk=participant.pk).update(name="New Name")
    actions.edit_message(room=room, number=message.number, by=trainer, text=after, client_id=uuid.uuid4())
    privacy.erase(participant)
    text = Entry.objects.get(pk=message.pk).text
    assert text == after.replace("Old Name", "—").replace("New Name", "—")


def test_a_person_of_the_same_name_stays_mentioned(room, space, participant, trainer):
    join(space, User.objects.create_user(participant.name, "another.petra@school.test"))
    message = post(room, trainer, f"@{participant.name}")
    privacy.erase(participant)
    message.refresh_from_db()
    assert message.text == f"@{participant.name}"
    assert Mention.objects.get().user != participant


def test_erasing_takes_the_same_queries_however_much_was_written(
    room, participant, trainer, django_assert_max_num_queries
):
    post(room, participant, f"@{trainer.name}")
    with django_assert_max_num_queries(60) as one:
        privacy.erase(participant)
        alone = len(one)
    for _one in range(20):
        post(room, trainer, f"@{participant.name}")
    with django_assert_max_num_queries(alone):
        privacy.erase(trainer)


def test_erasing_again_appends_nothing(room, participant):
    post(room, participant)
    for _time in range(2):
        privacy.erase(participant)
    assert len(after(room, 0)) == 2
