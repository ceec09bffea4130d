"""The page of a room without scripts: reading, posting, editing, and what its HTML never contains."""

import datetime as dt
import re
import uuid

import pytest
from django.urls import reverse

from community.people.models import Draft
from community.rooms.queries import MESSAGES_PER_PAGE, PageRequest, page_of_room, reading_of
from messaging.chat import actions as chat
from messaging.chat.models import Entry, RoomMember
from tests.cast import close_now

WORDS = "We did it as a thumbs vote first"


@pytest.fixture
def url(space):
    return reverse("space_room", args=[space.pk])


def post(space, author, text=WORDS):
    return chat.post_message(room=space.room, author=author, text=text, client_id=uuid.uuid4())


def test_a_message_is_sent_and_read_without_a_script(space, participant, trainer, as_, url):
    answer = as_(participant).post(url, {"text": WORDS, "client_id": uuid.uuid4()}, follow=True)
    assert WORDS in answer.text
    assert WORDS in as_(trainer).get(url).text


def test_the_same_form_sent_twice_is_one_message(space, participant, as_, url):
    form = {"text": WORDS, "client_id": uuid.uuid4()}
    for _time in range(2):
        as_(participant).post(url, form)
    assert Entry.objects.filter(room=space.room).count() == 1


def test_another_text_in_the_same_form_is_another_message(space, participant, as_, url):
    sent = uuid.uuid4()
    for text in ("One", "Two"):
        as_(participant).post(url, {"text": text, "client_id": sent})
    assert Entry.objects.filter(room=space.room).count() == 2


def test_the_script_gets_the_number_and_the_same_id_the_same_number(space, participant, as_, url):
    form, accept = {"text": WORDS, "client_id": uuid.uuid4()}, {"accept": "application/json"}
    numbers = [as_(participant).post(url, form, headers=accept).json()["n"] for _time in range(2)]
    assert numbers == [1, 1]
    assert str(Entry.objects.get().client_id) == str(form["client_id"])


def test_a_refusal_says_why_and_keeps_the_text(space, participant, as_, url):
    close_now(space)
    answer = as_(participant).post(url, {"text": WORDS}, headers={"accept": "application/json"})
    assert answer.status_code == 403
    assert "closed" in answer.json()["why"]


def test_a_message_that_is_too_long_is_refused_and_its_text_kept(participant, as_, url):
    answer = as_(participant).post(url, {"text": "x" * 4001})
    assert answer.status_code == 403
    assert "4001" in answer.text
    assert "x" * 4001 in answer.text


def test_a_question_is_offered_as_one_before_it_is_sent(space, participant, as_, url):
    answer = as_(participant).post(url, {"text": "And if half the class is lost?"})
    assert "Ask it as a question" in answer.text
    assert not Entry.objects.exists()
    as_(participant).post(url, {"text": "And if half the class is lost?", "sure": "1"})
    assert Entry.objects.count() == 1


def test_a_message_sent_as_a_question_becomes_its_draft(space, participant, as_, url):
    answer = as_(participant).post(url, {"text": "And if half the class is lost?", "ask": "1"}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("question_new", args=[space.pk])
    assert "And if half the class is lost?" in answer.text
    assert not Entry.objects.exists()


def test_the_text_is_appended_to_an_existing_draft_of_a_question(space, participant, as_, url):
    place = reverse("question_new", args=[space.pk])
    Draft.objects.create(user=participant, place=place, fields={"title": "Tickets", "text": "So far"})
    as_(participant).post(url, {"text": "And then?", "ask": "1"})
    assert Draft.objects.get().fields == {"title": "Tickets", "text": "So far\n\nAnd then?"}


def test_a_trainers_question_goes_straight_to_the_room(space, trainer, as_, url):
    as_(trainer).post(url, {"text": "Who will try it tomorrow?"})
    assert Entry.objects.count() == 1


def test_a_withdrawn_message_is_in_the_page_of_nobody(space, participant, trainer, as_, url):
    message = post(space, participant, "Something regretted")
    chat.withdraw_message(room=space.room, number=message.number, by=participant)
    for reader in (participant, trainer):
        assert "regretted" not in as_(reader).get(url).text
    assert "You deleted this." in as_(participant).get(url).text
    assert "Petra Participant deleted this." in as_(trainer).get(url).text


def test_only_who_took_a_message_down_is_offered_to_restore_it(space, participant, trainer):
    message = post(space, participant)
    chat.withdraw_message(room=space.room, number=message.number, by=trainer)
    shown = {}
    for reader in (participant, trainer):
        (shown[reader.pk],) = page_of_room(reading_of(space, reader)).messages
    assert not shown[participant.pk].may_restore
    assert shown[trainer.pk].may_restore
    assert "was removed" in shown[participant.pk].placeholder


def test_editing_without_a_script(space, participant, as_, url):
    message = post(space, participant, "Befor")
    assert ">Befor</textarea>" in as_(participant).get(f"{url}?edit={message.number}").text
    as_(participant).post(reverse("message_edit", args=[space.pk, message.number]), {"text": "Before"})
    page = as_(participant).get(url).text
    assert "<p>Before</p>" in page


def test_the_message_of_somebody_else_is_not_offered_for_editing(space, participant, trainer, as_, url):
    message = post(space, participant)
    assert "</textarea>" in as_(trainer).get(f"{url}?edit={message.number}").text
    assert f">{WORDS}</textarea>" not in as_(trainer).get(f"{url}?edit={message.number}").text


@pytest.mark.parametrize("asked", ["before", "edit"])
def test_an_invalid_number_in_the_address_shows_the_newest_messages(participant, as_, url, asked):
    assert as_(participant).get(url, {asked: "9" * 5000}).status_code == 200


def test_the_page_shows_the_newest_messages_and_links_to_earlier_ones(space, participant, trainer):
    for number in range(MESSAGES_PER_PAGE + 10):
        post(space, participant, f"Message {number}")
    newest = page_of_room(reading_of(space, trainer))
    older = page_of_room(reading_of(space, trainer), PageRequest(before=newest.older))
    shown = [message.number for message in older.messages + newest.messages]
    assert shown == list(range(1, MESSAGES_PER_PAGE + 11))
    assert older.older is None
    assert not older.is_live


def test_messages_of_one_person_stand_together_for_five_minutes_of_one_day(space, participant, trainer):
    entries = [post(space, participant) for _one in range(4)] + [post(space, trainer)]
    base = entries[0].at.replace(hour=10, minute=0)
    for entry, minutes in zip(entries, (0, 3, 9, 60 * 24, 60 * 24 + 1), strict=True):
        Entry.objects.filter(pk=entry.pk).update(at=base + dt.timedelta(minutes=minutes))
    page = page_of_room(reading_of(space, trainer))
    assert [message.follows for message in page.messages] == [False, True, False, False, False]
    assert [message.starts_day for message in page.messages] == [True, False, False, True, False]


def test_reading_the_page_marks_it_read_and_the_first_new_one_is_marked(
    space, participant, trainer, as_, url
):
    post(space, participant)
    as_(trainer).get(url)
    assert RoomMember.objects.get(room=space.room, user=trainer).read_number == 1
    post(space, participant, "Later")
    assert as_(trainer).get(url).text.count("New since you were here") == 1
    assert "New since you were here" not in as_(trainer).get(url).text


def test_earlier_pages_mark_nothing_read(space, participant, trainer, as_, url):
    post(space, participant)
    as_(trainer).get(f"{url}?before=1")
    assert RoomMember.objects.get(room=space.room, user=trainer).read_number == 0


def test_a_closed_room_is_readable_and_has_no_composer(space, participant, as_, url):
    post(space, participant)
    close_now(space)
    page = as_(participant).get(url).text
    assert WORDS in page
    assert 'name="text"' not in page
    assert "The discussion closed" in page


def test_a_coordinator_sees_nothing_before_joining_and_is_seen_afterwards(
    space, participant, coordinator, as_, url
):
    post(space, participant)
    assert WORDS not in as_(coordinator).get(url).text
    page = as_(coordinator).post(reverse("room_join", args=[space.pk]), follow=True).text
    assert WORDS in page
    assert "Cora Coordinator" in as_(participant).get(reverse("space_people", args=[space.pk])).text


def test_the_folded_room_counts_unread_messages_of_others(space, participant, trainer, as_):
    for _one in range(3):
        post(space, participant)
    post(space, trainer)
    assert 'data-unread="3"' in as_(trainer).get(reverse("space", args=[space.pk])).text


def test_a_page_of_the_room_takes_as_many_queries_for_one_message_as_for_fifty(
    space, participant, trainer, as_, url, django_assert_max_num_queries
):
    client = as_(trainer)
    post(space, participant)
    client.get(url)
    with django_assert_max_num_queries(8) as one:
        client.get(url)
        alone = len(one)
    for _one in range(40):
        post(space, participant)
    client.get(url)
    with django_assert_max_num_queries(alone):
        client.get(url)


def test_links_are_rendered_and_typed_html_is_escaped(space, participant, as_, url):
    post(space, participant, "<script>alert(1)</script> https://school.test/page")
    page = as_(participant).get(url).text
    assert "<script>alert" not in page
    assert '<a href="https://school.test/page" rel="nofollow noopener">' in page


def test_what_can_be_done_with_a_message_is_on_the_page_opened_at_it(space, participant, trainer, as_, url):
    mine, other = post(space, participant), post(space, trainer)

    def actions(reader, query):
        page = as_(reader).get(f"{url}{query}").text
        log = page.split('role="log"')[1].split('class="room__empty"')[0]
        return re.findall(r'data-action="(\w+)"', log)

    assert actions(participant, "") == []
    assert actions(participant, f"?at={mine.number}") == ["reply", "react", "edit", "withdraw"]
    assert actions(participant, f"?at={other.number}") == ["reply", "react", "report"]
    assert actions(trainer, f"?at={mine.number}") == ["reply", "react", "keep", "withdraw", "report"]
    chat.withdraw_message(room=space.room, number=mine.number, by=trainer)
    assert actions(participant, f"?at={mine.number}") == []
    assert actions(trainer, "") == ["restore"]
    close_now(space)
    assert actions(trainer, f"?at={other.number}") == ["restore", "withdraw"]


def test_fifty_messages_take_few_bytes(space, participant, as_, url):
    client = as_(participant)
    empty = len(client.get(url).content)
    for _one in range(MESSAGES_PER_PAGE):
        post(space, participant)
    assert len(client.get(url).content) - empty < MESSAGES_PER_PAGE * 700
