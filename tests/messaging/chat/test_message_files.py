"""Files of messages: what is attached is in the log, once, and is seen by who reads the message."""

import uuid

import pytest

from common import clock
from common.access import Refused
from common.visibility import visible
from community.spaces import actions as spaces
from messaging.chat import actions, attachments, hiding_actions, history, privacy, search
from messaging.chat.models import Entry
from messaging.chat.posting import NewMessage, insert_messages
from messaging.files.models import File


@pytest.fixture
def room(space):
    return space.room


def waiting(user, name="board.jpg", **more):
    """A file that waits for its message. Its bytes are not needed here."""
    shown = {"content_type": "image/jpeg", "width": 1600, "height": 1200} if name.endswith(".jpg") else {}
    values = {"content_type": "application/pdf", "size": 2048, "blob": "nowhere", **shown, **more}
    return File.objects.create(name=name, uploaded_by=user, **values)


def post(room, author, *files, text="", **more):
    keys = [file.key for file in files]
    more.setdefault("client_id", uuid.uuid4())
    return actions.post_message(room=room, author=author, text=text, files=keys, **more)


def log_of(room):
    return history.RoomLog().after(room.pk, 0, 200)


def page_of(room, reader):
    return history.page_before(room, None, reader)


def test_a_message_of_files_alone_says_all_that_its_readers_need(room, participant, trainer):
    picture, sheet = waiting(participant, alt="A full board"), waiting(participant, "sheet.pdf")
    message = post(room, participant, sheet, picture)
    shown = [
        {"id": sheet.pk, "name": "sheet.pdf", "type": "application/pdf", "size": 2048},
        {
            "id": picture.pk,
            "name": "board.jpg",
            "type": "image/jpeg",
            "size": 2048,
            "w": 1600,
            "h": 1200,
            "alt": "A full board",
        },
    ]
    assert log_of(room)[0]["m"]["files"] == shown
    assert page_of(room, trainer)[0].files == shown
    assert message.text == message.html == ""
    assert attachments.files_of(message) == [sheet, picture]


def test_a_message_needs_a_text_or_a_file(room, participant):
    with pytest.raises(Refused):
        post(room, participant, text=" ")


def test_the_same_client_id_again_finds_the_first_with_its_files(room, participant):
    file, sent = waiting(participant), uuid.uuid4()
    first = post(room, participant, file, client_id=sent)
    assert post(room, participant, file, client_id=sent) == first
    assert len(log_of(room)) == 1


def test_only_waiting_files_of_the_author_can_be_sent_and_each_once(room, participant, trainer):
    mine, other = waiting(participant), waiting(trainer)
    post(room, participant, mine, text="Look")
    for refused in (mine, other):
        with pytest.raises(Refused):
            post(room, participant, refused, text="Look again")
    assert len(log_of(room)) == 1


def test_of_two_messages_of_one_batch_the_first_has_the_file(room, participant):
    file = waiting(participant)
    new = [NewMessage(room.pk, participant.pk, uuid.uuid4(), "", "en", files=(file.key,)) for _each in "ab"]
    first, second = insert_messages(new)
    assert first.entry
    assert second.refusal
    assert [message.number for message in page_of(room, participant)] == [1]


def test_no_more_than_ten_files_are_sent_together(room, participant):
    files = [waiting(participant) for _each in range(11)]
    with pytest.raises(Refused):
        post(room, participant, *files)
    assert post(room, participant, *files[1:]).files


def test_an_edit_keeps_the_files_and_may_leave_no_text(room, participant):
    message = post(room, participant, waiting(participant), text="Look")
    edit = {"room": room, "number": message.number, "by": participant}
    actions.edit_message(**edit, text="", client_id=uuid.uuid4())
    shown = log_of(room)[-1]["m"]
    assert (shown["text"], len(shown["files"])) == ("", 1)


def test_the_text_of_a_message_without_files_cannot_be_edited_away(room, participant):
    message = post(room, participant, text="Look")
    with pytest.raises(Refused):
        actions.edit_message(
            room=room, number=message.number, by=participant, text="", client_id=uuid.uuid4()
        )


def test_a_withdrawn_message_shows_no_file_and_nobody_may_open_it_until_it_is_restored(
    room, participant, trainer
):
    message = post(room, participant, waiting(participant))
    assert visible(trainer, "message", [message.pk]) == {message.pk}
    actions.withdraw_message(room=room, number=message.number, by=participant)
    assert "files" not in log_of(room)[-1]["m"]
    assert page_of(room, trainer)[0].files is None
    assert not visible(trainer, "message", [message.pk]) | visible(participant, "message", [message.pk])
    actions.restore_message(room=room, number=message.number, by=participant)
    assert len(log_of(room)[-1]["m"]["files"]) == 1
    assert visible(trainer, "message", [message.pk]) == {message.pk}


def test_who_left_the_room_may_open_nothing_any_more(space, room, participant, another_participant, trainer):
    message = post(room, participant, waiting(participant))
    assert visible(another_participant, "message", [message.pk])
    spaces.dismiss(space=space, user=another_participant, by=trainer)
    assert not visible(another_participant, "message", [message.pk])


def test_a_hidden_file_is_a_neutral_place_on_open_pages_and_in_searches(room, participant):
    file = waiting(participant, "Petra and Adam.pdf")
    message = post(room, participant, file)
    assert search.found_in(room, ["adam"])[0] == [message.pk]
    hiding_actions.set_file_hidden(message=message, file=file.pk, at=clock.now())
    assert log_of(room)[-1]["m"]["files"] == [{"id": file.pk, "hidden": True}]
    assert "edited" not in log_of(room)[-1]["m"]
    assert search.found_in(room, ["adam"])[0] == []
    hiding_actions.set_file_hidden(message=message, file=file.pk, at=None)
    assert search.found_in(room, ["adam"])[0] == [message.pk]


def test_to_hide_a_file_again_appends_nothing(room, participant):
    file = waiting(participant)
    message = post(room, participant, file)
    for _time in range(2):
        hiding_actions.set_file_hidden(message=message, file=file.pk, at=clock.now())
    assert len(log_of(room)) == 2


def test_a_reply_quotes_what_a_message_without_words_shows(room, participant, trainer):
    message = post(room, participant, waiting(participant))
    post(room, trainer, text="Lovely", re=message.number)
    quote = log_of(room)[-1]["m"]["re"]
    assert (quote["words"], quote["file"]["type"]) == ("", "image/jpeg")
    assert page_of(room, trainer)[-1].re_files


def test_a_mention_in_a_message_with_files_is_found(room, participant, trainer):
    post(room, participant, waiting(participant), text=f"@{trainer.name} look")
    assert log_of(room)[-1]["m"]["to"] == [trainer.pk]


def test_messages_are_found_by_the_names_of_their_files_after_an_edit_too(room, participant):
    message = post(room, participant, waiting(participant, "Įvadas.pdf"), text="Look")
    for words in ("ivadas", "look"):
        assert search.found_in(room, [words])[0] == [message.pk]
    edit = {"room": room, "number": message.number, "by": participant}
    actions.edit_message(**edit, text="Here", client_id=uuid.uuid4())
    assert search.found_in(room, ["ivadas"])[0] == [message.pk]


def test_files_are_exported_and_erased_with_their_messages(room, participant, trainer):
    post(room, participant, waiting(participant, "sheet.pdf"), text="Look")
    kept = post(room, trainer, waiting(trainer))
    assert privacy.export_for(participant)["messages"][0]["files"] == ["sheet.pdf"]
    privacy.erase(participant)
    assert list(File.objects.values_list("thing_id", flat=True)) == [kept.pk]
    assert not Entry.objects.filter(author=participant, files__isnull=False).exists()


def test_files_of_messages_that_are_gone_are_not_needed(room, participant):
    message = post(room, participant, waiting(participant))
    assert attachments._existing([message.pk, 999_999]) == {message.pk}


def test_files_cost_two_statements_however_many_messages_have_them(
    room, participant, django_assert_num_queries
):
    def new(count):
        files = [[waiting(participant) for _file in range(3)] for _message in range(count)]
        return [
            NewMessage(room.pk, participant.pk, uuid.uuid4(), "Look", "en", files=tuple(f.key for f in each))
            for each in files
        ]

    insert_messages(new(1))
    for count, statements in ((1, 9), (5, 9)):
        messages = new(count)
        with django_assert_num_queries(statements):
            insert_messages(messages)
