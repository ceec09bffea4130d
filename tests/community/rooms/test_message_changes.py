"""Replies, marks and drafts: by forms, and in JSON for the page's script."""

import uuid

import pytest
from django.urls import reverse

from common.privacy import SMALLEST_GROUP_SHOWN
from community.people import drafts
from community.people.models import Draft
from community.rooms.queries import page_of_room, reading_of
from messaging.chat import actions as chat
from messaging.chat.models import Entry, Reaction
from tests.cast import close_now, join, person

JSON = {"accept": "application/json"}


@pytest.fixture
def url(space):
    return reverse("space_room", args=[space.pk])


@pytest.fixture
def number(space, participant):
    message = chat.post_message(
        room=space.room, author=participant, text="Thumbs first", client_id=uuid.uuid4()
    )
    return message.number


def newest(space, user):
    return page_of_room(reading_of(space, user)).messages[-1]


def react_url(space, number):
    return reverse("message_react", args=[space.pk, number])


def test_a_reply_is_started_by_a_link_and_sent_by_the_form(space, number, trainer, as_, url):
    page = as_(trainer).get(url, {"re": number})
    assert page.context["replying"].words == "Thumbs first"
    assert page.context["form"].initial["re"] == number
    as_(trainer).post(url, {"text": "Good", "re": number})
    message = newest(space, trainer)
    assert (message.re.number, message.re.words, message.re.is_withdrawn) == (number, "Thumbs first", False)


def test_the_same_text_in_reply_to_another_message_is_another_reply(space, number, trainer, as_, url):
    sent = uuid.uuid4()
    for about in (number, "", number):
        as_(trainer).post(url, {"text": "Good", "re": about, "client_id": sent})
    assert list(Entry.objects.filter(author=trainer).values_list("re__number", flat=True)) == [number, None]


def test_a_withdrawn_message_cannot_be_replied_to(space, number, participant, trainer, as_, url):
    chat.withdraw_message(room=space.room, number=number, by=participant)
    assert as_(trainer).get(url, {"re": number}).context["replying"] is None


def test_a_refused_reply_keeps_what_it_replies_to(space, number, trainer, as_, url):
    answer = as_(trainer).post(url, {"text": "x" * 4001, "re": number})
    assert answer.status_code == 403
    assert answer.context["replying"].number == number


def test_a_mark_is_given_and_removed_by_a_form(space, number, participant, trainer, as_, url):
    response = as_(trainer).post(react_url(space, number), {"mark": "try", "on": "1"})
    assert response.headers["Location"] == f"{url}#message-{number}"
    (mark,) = newest(space, participant).marks
    assert (mark.mark, mark.count, mark.names, mark.mine) == ("try", 1, (trainer.name,), False)
    assert trainer.name in mark.title
    assert newest(space, trainer).marks[0].mine
    as_(trainer).post(react_url(space, number), {"mark": "try", "on": "0"})
    assert newest(space, trainer).marks == []


def test_the_script_marks_with_an_id_and_gets_the_number(space, number, trainer, as_):
    form = {"mark": "try", "on": "1", "client_id": uuid.uuid4()}
    found = [as_(trainer).post(react_url(space, number), form, headers=JSON).json() for _time in range(2)]
    assert found == [{"n": number + 1}] * 2


@pytest.mark.parametrize("form", [{"mark": "angry", "on": "1"}, {"mark": "try"}, {}])
def test_an_unknown_mark_is_refused(space, number, trainer, as_, form):
    assert as_(trainer).post(react_url(space, number), form, headers=JSON).status_code == 403
    assert not Reaction.objects.exists()


def test_in_a_closed_room_no_mark_is_offered(space, number, trainer):
    assert newest(space, trainer).may_react
    assert page_of_room(reading_of(space, trainer)).offered_marks
    close_now(space)
    assert not newest(space, trainer).may_react
    assert page_of_room(reading_of(space, trainer)).offered_marks == []


def test_a_mention_is_highlighted_for_who_is_mentioned(space, participant, trainer, another_participant):
    text = f"@{trainer.name} look"
    chat.post_message(room=space.room, author=participant, text=text, client_id=uuid.uuid4())
    assert newest(space, trainer).to_me
    assert not newest(space, another_participant).to_me


def test_the_list_of_members_contains_names_with_initials_and_roles_only(space, participant, trainer, as_):
    members = as_(participant).get(reverse("room_members", args=[space.pk])).json()["members"]
    assert {"id": trainer.pk, "name": trainer.name, "initials": "TT", "role": "trainer"} in members
    assert participant.pk not in [one["id"] for one in members]


def test_read_counts_contain_no_names(space, number, participant, as_):
    for one in range(SMALLEST_GROUP_SHOWN):
        reader = person(f"Reader {one}")
        join(space, reader)
        chat.mark_read(room=space.room, user=reader, number=number)
    counts = as_(participant).get(reverse("room_readers", args=[space.pk])).json()
    assert counts == {"r": [[number, SMALLEST_GROUP_SHOWN]]}


def test_a_draft_of_another_device_is_in_the_composer_until_it_is_sent(space, number, participant, as_, url):
    drafts.save(user=participant, path=url, title="", fields={"text": "So far", "re": str(number)})
    page = as_(participant).get(url)
    assert ">So far</textarea>" in page.text
    assert page.context["replying"].number == number
    as_(participant).post(url, {"text": "So far so good"})
    assert not Draft.objects.exists()


def test_a_message_sent_late_by_the_script_leaves_a_newer_draft(space, participant, as_, url):
    drafts.save(user=participant, path=url, title="", fields={"text": "And now this"})
    for text, begun in (("Before that", 1), ("And now this", 0)):
        as_(participant).post(url, {"text": text, "client_id": uuid.uuid4()}, headers=JSON)
        assert Draft.objects.count() == begun


def test_a_refused_message_stays_a_draft(space, participant, as_, url):
    drafts.save(user=participant, path=url, title="", fields={"text": "So far"})
    close_now(space)
    as_(participant).post(url, {"text": "So far"}, headers=JSON)
    assert Draft.objects.exists()


def test_the_draft_is_not_shown_while_a_message_is_edited(space, number, participant, as_, url):
    drafts.save(user=participant, path=url, title="", fields={"text": "So far"})
    assert ">Thumbs first</textarea>" in as_(participant).get(url, {"edit": number}).text


def test_a_script_gets_the_entry_number_of_withdrawing_and_restoring(space, number, participant, as_):
    client = as_(participant)
    back, again = (reverse(f"message_{what}", args=[space.pk, number]) for what in ("withdraw", "restore"))
    assert client.post(back, headers=JSON).json() == {"n": number + 1}
    assert client.post(again, headers=JSON).json() == {"n": number + 2}
    assert newest(space, participant).placeholder == ""


def test_a_script_gets_the_reason_why_withdrawing_is_refused(space, number, another_participant, as_):
    answer = as_(another_participant).post(reverse("message_withdraw", args=[space.pk, number]), headers=JSON)
    assert answer.status_code == 403
    assert "can delete it" in answer.json()["why"]


def test_a_mark_on_the_page_is_a_button_that_gives_or_removes_ones_own(
    space, number, participant, trainer, as_, url
):
    react = reverse("message_react", args=[space.pk, number])
    as_(trainer).post(f"{react}?on=1", {"mark": "try"})
    assert f'formaction="{react}?on=0"' in as_(trainer).get(url).text
    assert f'formaction="{react}?on=1"' in as_(participant).get(url).text
    as_(trainer).post(f"{react}?on=0", {"mark": "try"})
    assert not Reaction.objects.exists()
