"""Keeping messages of a room: what they become, that they are shown from the room, and what is refused."""

import datetime as dt
import json
import re
import uuid

import pytest
from django.urls import reverse

from common import clock, privacy
from common.access import SYSTEM, Refused
from community.posts import actions as posts
from community.posts.queries import load_kept_messages
from community.rooms.queries import GROUPING_WINDOW, message_path
from community.spaces.actions import dismiss
from community.threads import saving_from_room
from community.threads.models import Reply, Thread
from community.threads.saving_from_room import SHOWN_AROUND
from messaging.chat import history
from messaging.chat.actions import edit_message, post_message, restore_message, withdraw_message
from messaging.chat.models import Entry
from tests import written
from tests.cast import close_now


def post_message_in(space, author, text="We cut the cards in half."):
    return written.say(space, author, text).number


def reply_in(space, author, message, text):
    return post_message(room=space.room, author=author, text=text, client_id=uuid.uuid4(), re=message.number)


def keep(space, by, *numbers, **more):
    usual = {"title": "Cards", "kind": Thread.Kind.CONVERSATION, "client_id": uuid.uuid4()}
    return saving_from_room.keep_as_thread(space=space, numbers=numbers, by=by, **(usual | more))


def page_of(as_, user, thread):
    """The page of a conversation up to the latest lines of the chat beside it."""
    page = as_(user).get(reverse("thread", args=[thread.pk]), {"page": 1}).content.decode()
    conversation, beside, _lines = page.partition('class="fold-room')
    assert beside
    return conversation


def test_messages_become_a_conversation_with_their_authors_named(as_, space, trainer, participant):
    first, _left_out = (
        post_message_in(space, participant, "How do you cut them?"),
        post_message_in(space, participant, "Bye"),
    )
    second = post_message_in(space, trainer, "In half.\nThen again.")
    thread = keep(space, trainer, second, first)
    assert thread.author == trainer
    page = page_of(as_, trainer, thread)
    assert "<strong>Petra Participant</strong>" in page
    assert page.index("How do you cut them?") < page.index("In half.")
    assert "Bye" not in page
    assert thread.kept_from == first


def test_links_lead_both_ways(as_, space, trainer, participant):
    number = post_message_in(space, participant)
    thread = keep(space, trainer, number)
    (message,) = history.page_before(space.room, None, participant)
    assert message.kept_path == reverse("thread", args=[thread.pk])
    page = as_(participant).get(reverse("thread", args=[thread.pk])).content.decode()
    path = message_path(space.pk, number)
    assert path.endswith(f"#message-{number}")
    assert path in page
    assert f'id="message-{number}"' in as_(participant).get(path).content.decode()


def test_no_title_of_a_post_is_copied_to_the_room(as_, space, trainer, participant):
    question = written.ask(space, participant, title="My class cried")
    number = post_message_in(space, trainer)
    saving_from_room.keep_as_answer(thread=question, numbers=[number], by=trainer, client_id=uuid.uuid4())
    posts.withdraw(post=question, by=participant)
    for name in ("space_room", "room_keep"):
        page = as_(trainer).get(reverse(name, args=[space.pk])).content.decode()
        assert "Kept in a conversation" in page
        assert "My class cried" not in page
    assert "My class cried" not in str(history.page_before(space.room, None, trainer))
    assert "My class cried" not in str(Entry.objects.values())


def test_messages_become_the_answer_to_a_waiting_question(
    as_, space, trainer, participant, another_participant
):
    question = written.ask(space, participant)
    number = post_message_in(space, another_participant, "Start with what they do know.")
    reply = saving_from_room.keep_as_answer(
        thread=question, numbers=[number], by=trainer, client_id=uuid.uuid4()
    )
    question.refresh_from_db()
    assert question.answer == reply
    assert "<strong>Pal Participant</strong>" in page_of(as_, participant, question)
    kept = Entry.objects.get(room=space.room, number=number)
    assert kept.kept_path == f"/replies/{reply.pk}/"
    assert message_path(space.pk, number) in (
        as_(participant).get(reverse("thread", args=[question.pk])).content.decode()
    )


def test_a_duplicate_request_keeps_once(space, trainer, participant):
    number, once = post_message_in(space, participant), uuid.uuid4()
    assert keep(space, trainer, number, client_id=once) == keep(space, trainer, number, client_id=once)
    question, twice = written.ask(space, participant), uuid.uuid4()
    for _ in range(2):
        saving_from_room.keep_as_answer(thread=question, numbers=[number], by=trainer, client_id=twice)
    assert Thread.objects.filter(title="Cards").count() == 1
    assert Reply.objects.count() == 1
    assert Entry.objects.filter(kind=Entry.Kind.KEEP).count() == 2


def test_withdrawn_messages_cannot_be_kept(space, trainer, participant):
    stays, withdrawn = (
        post_message_in(space, participant),
        post_message_in(space, participant, "Please forget this"),
    )
    withdraw_message(room=space.room, number=withdrawn, by=participant)
    with pytest.raises(Refused, match="deleted"):
        keep(space, trainer, stays, withdrawn)
    assert not Thread.objects.exists()
    assert not Entry.objects.exclude(kept_path="").exists()


def test_only_those_who_keep_order_keep_and_only_while_talk_is_open(space, trainer, participant, coordinator):
    number = post_message_in(space, participant)
    with pytest.raises(Refused, match="Only people who keep order here"):
        keep(space, participant, number)
    assert keep(space, coordinator, number).author == coordinator  # who was not in the room before
    close_now(space)
    with pytest.raises(Refused, match="The discussion closed"):
        keep(space, trainer, number)


def test_a_question_for_the_trainer_alone_is_not_offered_and_not_taken(as_, space, trainer, participant):
    private = written.ask_trainer(space, participant, title="In confidence")
    number = post_message_in(space, participant)
    assert "In confidence" not in as_(trainer).get(reverse("room_keep", args=[space.pk])).content.decode()
    with pytest.raises(Refused, match="no longer waiting"):
        saving_from_room.keep_as_answer(thread=private, numbers=[number], by=trainer, client_id=uuid.uuid4())


def test_a_name_does_not_become_markup(as_, space, trainer, participant):
    participant.name = "<b>P*tra* [me](/admin/)"
    participant.save()
    page = page_of(as_, trainer, keep(space, trainer, post_message_in(space, participant)))
    assert "<strong>&lt;b&gt;P*tra* [me](/admin/)</strong>" in page


def test_messages_of_one_author_stand_under_one_name(as_, space, trainer, participant):
    numbers = [post_message_in(space, participant, "One"), post_message_in(space, participant, "Two")]
    page = page_of(as_, trainer, keep(space, trainer, *numbers))
    assert page.count("<strong>Petra Participant</strong>") == 1


def test_the_time_is_that_of_the_space(as_, space, trainer, participant):
    with clock.at(dt.datetime(2026, 7, 1, 10, 5, tzinfo=dt.UTC)):
        number = post_message_in(space, participant)
    type(space).objects.update(time_zone="Europe/Vilnius")
    assert "</strong>, 13:05" in page_of(as_, trainer, keep(space, trainer, number))


def test_no_copy_of_the_text_is_stored(space, trainer, participant):
    thread = keep(space, trainer, post_message_in(space, participant))
    assert (thread.text, thread.html, thread.search_text) == ("", "", "cards\ncard")


def test_what_is_withdrawn_edited_and_restored_in_the_room_is_so_here(as_, space, trainer, participant):
    number = post_message_in(space, participant)
    thread = keep(space, trainer, number)
    question = written.ask(space, trainer)
    saving_from_room.keep_as_answer(thread=question, numbers=[number], by=trainer, client_id=uuid.uuid4())
    everywhere = (thread, question)
    withdraw_message(room=space.room, number=number, by=participant)
    for one in everywhere:
        assert "cards in half" not in page_of(as_, trainer, one)
        assert "Petra Participant deleted this." in page_of(as_, trainer, one)
        assert "You deleted this." in page_of(as_, participant, one)
    restore_message(room=space.room, number=number, by=participant)
    edit_message(room=space.room, number=number, by=participant, text="In thirds.", client_id=uuid.uuid4())
    for one in everywhere:
        assert "In thirds." in page_of(as_, trainer, one)
        assert "cards in half" not in page_of(as_, trainer, one)
    withdraw_message(room=space.room, number=number, by=trainer)
    for one in everywhere:
        assert "In thirds." not in page_of(as_, participant, one)
        assert "A message from Petra Participant was removed." in page_of(as_, participant, one)


def test_erasing_a_user_removes_their_text_and_name_from_kept_messages(as_, space, trainer, participant):
    thread = keep(space, trainer, post_message_in(space, participant))
    question = written.ask(space, trainer)
    saving_from_room.keep_as_answer(
        thread=question, numbers=[post_message_in(space, participant)], by=trainer, client_id=uuid.uuid4()
    )
    privacy.erase(participant)
    pages = [page_of(as_, trainer, thread), page_of(as_, trainer, question)]
    pages.append(as_(trainer).get(reverse("space", args=[space.pk])).content.decode())
    pages.append(json.dumps(privacy.export_for(trainer)))
    for page in pages:
        assert "cards in half" not in page
        assert "Petra" not in page


def test_the_list_and_the_export_show_them_from_the_room(as_, space, trainer, participant):
    withdrawn, stays = post_message_in(space, participant, "Never mind."), post_message_in(space, participant)
    keep(space, trainer, withdrawn, stays)
    withdraw_message(room=space.room, number=withdrawn, by=participant)
    space_page = as_(trainer).get(reverse("space", args=[space.pk])).content.decode()
    assert "We cut the cards in half." in space_page
    assert "Never mind." not in space_page
    (conversation,) = privacy.export_for(trainer)["threads"]["conversations"]
    (line,) = conversation["kept"]
    assert line.startswith("Petra Participant, ")
    assert line.endswith(": We cut the cards in half.")


def test_the_export_of_a_former_member_has_only_the_number_of_kept_messages(space, trainer, participant):
    number = post_message_in(space, participant)
    keep(space, trainer, number)
    question = written.ask(space, participant)
    saving_from_room.keep_as_answer(thread=question, numbers=[number], by=trainer, client_id=uuid.uuid4())
    dismiss(space=space, user=trainer, by=SYSTEM)
    edit_message(
        room=space.room, number=number, by=participant, text="After she left", client_id=uuid.uuid4()
    )
    export = privacy.export_for(trainer)["threads"]
    assert "After she left" not in json.dumps(export)
    assert [(one["kept"], one["messages_kept"]) for one in export["conversations"] + export["replies"]] == [
        ([], 1),
        ([], 1),
    ]


def test_many_kept_messages_cost_one_query(space, trainer, participant, django_assert_num_queries):
    threads = [
        keep(space, trainer, *[post_message_in(space, participant) for _ in range(3)]) for _ in range(4)
    ]
    with django_assert_num_queries(1):
        load_kept_messages(threads)
    assert [len(thread.kept_messages) for thread in threads] == [3] * 4
    plain = written.start(space, participant)
    with django_assert_num_queries(0):
        load_kept_messages([plain])
    assert plain.kept_messages == []


def test_the_author_of_kept_messages_may_add_text_and_mark_the_reply_as_tried(
    as_, space, trainer, participant
):
    question = written.ask(space, participant)
    reply = saving_from_room.keep_as_answer(
        thread=question, numbers=[post_message_in(space, participant)], by=trainer, client_id=uuid.uuid4()
    )
    as_(trainer).post(reverse("reply_edit", args=[reply.pk]), {"text": "", "tried": "on"})
    reply.refresh_from_db()
    assert reply.tried
    as_(trainer).post(reverse("reply_edit", args=[reply.pk]), {"text": "In short: halves."})
    page = page_of(as_, participant, question)
    assert "In short: halves." in page
    assert "cards in half" in page


def test_keeping_too_much_text_is_refused_with_a_sentence(settings, space, trainer, participant):
    number = post_message_in(space, participant, "long " * 50)
    settings.TEXT_LIMIT_CHARS = 200
    with pytest.raises(Refused, match="pick fewer"):
        keep(space, trainer, number)


def test_the_page_shows_a_part_of_the_room_and_keeps_what_is_ticked(as_, space, trainer, participant):
    numbers = [post_message_in(space, participant, f"word {word}") for word in ("one", "two", "three")]
    client, address = as_(trainer), reverse("room_keep", args=[space.pk])
    page = client.get(f"{address}?from={numbers[1]}&to={numbers[1]}").content.decode()
    assert "word two" in page
    assert "word one" not in page
    assert "word three" not in page
    kept = client.post(address, {"numbers": numbers[1:], "becomes": "question", "title": "Words?"})
    question = Thread.objects.get()
    assert question.is_question
    assert kept.headers["Location"] == reverse("thread", args=[question.pk])


def ticked_and_offered(as_, space, user, number):
    page = as_(user).get(reverse("room_keep", args=[space.pk]) + f"?at={number}").content.decode()
    boxes = re.findall(r'name="numbers" value="(\d+)"( checked)?', page)
    return [int(each) for each, ticked in boxes if ticked], [int(each) for each, _ticked in boxes]


def test_keeping_one_message_selects_the_exchange_around_it(as_, space, trainer, participant):
    before = [written.say(space, participant, f"Before {number}") for number in range(12)]
    with clock.at(clock.now() + GROUPING_WINDOW):
        question = written.say(space, participant, "What if half the class is lost?")
        more = written.say(space, participant, "It happens to me every week.")
        aside = written.say(space, trainer, "Good afternoon!")
        answer = reply_in(space, trainer, question, "Ask for one thing they could explain.")
        aside_too = written.say(space, participant, "It rains here.")
        thanks = reply_in(space, participant, answer, "I will try that.")
        for number in range(12):
            written.say(space, trainer, f"After {number}")
    exchange = [each.number for each in (question, more, answer, thanks)]
    for message in (question, answer, thanks):
        ticked, offered = ticked_and_offered(as_, space, trainer, message.number)
        assert ticked == exchange
        assert offered == list(range(exchange[0] - SHOWN_AROUND, exchange[-1] + SHOWN_AROUND + 1))
    assert ticked_and_offered(as_, space, trainer, aside.number)[0] == [aside.number]
    assert aside_too.number in offered
    assert before[0].number not in offered


def test_a_reply_to_something_said_long_ago_brings_it_along(as_, space, trainer, participant, monkeypatch):
    monkeypatch.setattr(saving_from_room, "SEARCHED_AROUND", 3)
    first = written.say(space, participant, "An old question")
    for _time in range(5):
        post_message_in(space, participant)
    answer = reply_in(space, trainer, first, "An answer at last")
    ticked, offered = ticked_and_offered(as_, space, trainer, answer.number)
    assert ticked == [first.number, answer.number]
    assert offered[0] == first.number


def test_where_a_message_was_withdrawn_meanwhile_the_others_are_offered(as_, space, trainer, participant):
    kept, withdrawn = written.say(space, participant), written.say(space, participant)
    withdraw_message(room=space.room, number=withdrawn.number, by=participant)
    assert ticked_and_offered(as_, space, trainer, withdrawn.number) == ([], [kept.number])


def test_a_message_offers_keeping_to_those_who_may(as_, space, trainer, participant):
    message = written.say(space, participant)
    room = reverse("space_room", args=[space.pk])
    path = reverse("room_keep", args=[space.pk])
    link = f'href="{path}?at={message.number}#exchange"'
    for user, may in ((trainer, True), (participant, False)):
        page = as_(user).get(f"{room}?at={message.number}").content.decode()
        assert (link in page) == may
        assert (f'href="{path}?at=0#exchange"' in page) == may
        assert ("Keep it in a conversation" in page) == may
    keep(space, trainer, message.number)
    assert link not in as_(trainer).get(f"{room}?at={message.number}").content.decode()


def test_missing_fields_are_named_and_the_ticks_stay(as_, space, trainer, participant):
    number = post_message_in(space, participant)
    address = reverse("room_keep", args=[space.pk])
    assert "The question" not in as_(trainer).get(address).content.decode()
    written.ask(space, participant)
    page = as_(trainer).post(address, {"numbers": [number], "becomes": "conversation"})
    assert page.status_code == 400
    assert "Give it a title" in page.content.decode()
    assert f'value="{number}" checked' in page.content.decode()
    page = as_(trainer).post(address, {"becomes": "answer"}).content.decode()
    assert "Tick the messages" in page
    assert "Choose the question" in page


def test_a_coordinator_joins_the_room_before_reading_there_what_could_be_kept(
    as_, space, coordinator, participant
):
    post_message_in(space, participant, "Between ourselves")
    address, room = reverse("room_keep", args=[space.pk]), reverse("space_room", args=[space.pk])
    assert as_(coordinator).get(address).headers.get("Location") == room
    assert as_(coordinator).post(address, {"becomes": "answer"}).headers.get("Location") == room
    as_(coordinator).post(reverse("room_join", args=[space.pk]))
    assert "Between ourselves" in as_(coordinator).get(address).content.decode()
