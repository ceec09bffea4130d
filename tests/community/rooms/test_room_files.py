"""Pictures and files in the room: on its page, beside others, in its search, kept, and without a script."""

import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.visibility import visible
from community.people import drafts
from community.posts import actions as posts
from community.threads.saving_from_room import keep_as_thread
from messaging.chat import actions as chat
from messaging.chat.models import Entry
from messaging.files.models import File
from tests.written import say


@pytest.fixture(autouse=True)
def uploads(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def url(space):
    return reverse("space_room", args=[space.pk])


def waiting(user, name="board.jpg", **more):
    """A file that waits for its message. Its bytes are not needed here."""
    shown = {"content_type": "image/jpeg", "width": 1600, "height": 1200} if name.endswith(".jpg") else {}
    values = {"content_type": "application/pdf", "size": 2048, "blob": "nowhere", **shown, **more}
    return File.objects.create(name=name, uploaded_by=user, **values)


def send(space, author, *files, text=""):
    keys = [file.key for file in files]
    return chat.post_message(room=space.room, author=author, text=text, files=keys, client_id=uuid.uuid4())


def page_of(as_, user, url, **asked):
    return as_(user).get(url, asked).content.decode()


def test_a_picture_is_shown_small_with_its_size_and_leads_to_the_large_one(
    space, participant, trainer, as_, url
):
    picture = waiting(participant, alt="A full board")
    send(space, participant, picture, text="Look")
    page = page_of(as_, trainer, url)
    large, small = (reverse("picture", args=[picture.pk, f"{size}.webp"]) for size in ("large", "small"))
    assert f'href="{large}"' in page
    assert f'<img src="{small}" width="293" height="220" alt="A full board" loading="lazy">' in page


def test_several_pictures_are_tiles_and_come_before_documents(space, participant, trainer, as_, url):
    sheet = waiting(participant, "sheet.pdf")
    send(space, participant, sheet, waiting(participant), waiting(participant, width=100, height=4000))
    page = page_of(as_, trainer, url)
    sizes = re.findall(r'<img src="/pictures/\d+/small.webp" width="(\d+)" height="(\d+)"', page)
    assert sizes == [("140", "105"), ("140", "105")]
    assert page.index("/small.webp") < page.index(sheet.get_absolute_url())
    assert "2.0\xa0KB" in page


def test_messages_with_files_take_no_further_statement(space, participant, trainer, as_, url):
    def statements():
        with CaptureQueriesContext(connection) as taken:
            page_of(as_, trainer, url)
        return len(taken)

    message = say(space, participant, "Look")
    statements()
    before = statements()
    for _each in range(5):
        send(space, participant, waiting(participant), waiting(participant, "sheet.pdf"))
    chat.post_message(
        room=space.room, author=trainer, text="Fine", re=message.number + 1, client_id=uuid.uuid4()
    )
    statements()  # until they are read
    assert statements() == before


def test_a_message_without_words_is_a_picture_or_its_name_where_only_its_words_are_shown(
    space, participant, trainer, as_
):
    first = send(space, participant, waiting(participant))
    send(space, participant, waiting(participant, "sheet.pdf"))
    beside = page_of(as_, trainer, reverse("space", args=[space.pk]))
    lines = re.findall(r"<span lang=\"\w+\">(.*?)</span>", beside.partition("fold-room__lines")[2])
    assert lines[:2] == ["Picture", "sheet.pdf"]
    chat.post_message(room=space.room, author=trainer, text="Fine", re=first.number, client_id=uuid.uuid4())
    assert '<span class="quote__words">Picture</span>' in page_of(
        as_, participant, reverse("space_room", args=[space.pk])
    )


def test_search_shows_which_file_was_found(space, participant, trainer, as_):
    send(space, participant, waiting(participant, "fractions.pdf"))
    page = page_of(as_, trainer, reverse("room_search", args=[space.pk]), q="frac")
    assert "<mark>frac</mark>tions.pdf" in page


def test_a_form_without_a_script_sends_text_and_files_once(space, participant, as_, url):
    form = {"text": "", "client_id": str(uuid.uuid4())}
    for _time in range(2):
        upload = SimpleUploadedFile("notes.txt", b"Half of it, then the other half.")
        assert as_(participant).post(url, form | {"upload": upload}).status_code == 302
    message = Entry.objects.get()
    assert [file["name"] for file in message.files] == ["notes.txt"]
    assert File.objects.get().thing_id == message.pk


def test_what_was_uploaded_is_still_there_when_the_form_is_shown_again(space, participant, as_, url):
    form = {"text": "x" * 5000, "client_id": str(uuid.uuid4())}
    upload = SimpleUploadedFile("notes.txt", b"Half of it, then the other half.")
    answer = as_(participant).post(url, form | {"upload": upload})
    assert answer.status_code == 403
    key = File.objects.get().key.hex
    assert f'name="files" value="{key}"' in answer.content.decode()
    sent = as_(participant).post(url, form | {"text": "Here", "files": key})
    assert sent.status_code == 302
    assert Entry.objects.get().files[0]["name"] == "notes.txt"


def test_a_file_that_is_not_accepted_says_why_and_nothing_is_sent(space, participant, as_, url):
    upload = SimpleUploadedFile("harmless.exe", b"MZ")
    answer = as_(participant).post(url, {"text": "Look", "client_id": str(uuid.uuid4()), "upload": upload})
    assert "harmless.exe" in answer.content.decode()
    assert not Entry.objects.exists()


def test_asked_as_a_question_the_files_are_in_its_draft(space, participant, as_, url):
    file = waiting(participant)
    form = {"text": "Why?", "files": file.key.hex, f"alt-{file.key.hex}": "A board", "ask": "1"}
    answer = as_(participant).post(url, form)
    fields = drafts.get_draft(participant, answer.url)["fields"]
    assert (fields["title"], fields["files"], fields[f"alt-{file.key.hex}"]) == (
        "Why?",
        file.key.hex,
        "A board",
    )


def test_a_script_sends_keys_and_what_can_be_seen(space, participant, as_, url):
    file = waiting(participant)
    form = {
        "text": "",
        "client_id": str(uuid.uuid4()),
        "files": file.key.hex,
        f"alt-{file.key.hex}": "A board",
    }
    answer = as_(participant).post(url, form, headers={"accept": "application/json"})
    assert answer.status_code == 200
    assert Entry.objects.get().files[0]["alt"] == "A board"


def test_a_kept_message_shows_its_files_to_who_reads_the_conversation(cast, space, participant, trainer, as_):
    picture = waiting(participant)
    message = send(space, participant, picture)
    assert not visible(cast.evaluator, "message", [message.pk])
    thread = keep_as_thread(
        space=space,
        numbers=[message.number],
        title="Boards",
        kind="conversation",
        by=trainer,
        client_id=uuid.uuid4(),
    )
    page = page_of(as_, cast.evaluator, reverse("thread", args=[thread.pk]))
    assert reverse("picture", args=[picture.pk, "small.webp"]) in page
    assert visible(cast.evaluator, "message", [message.pk]) == {message.pk}
    chat.withdraw_message(room=space.room, number=message.number, by=participant)
    assert not visible(cast.evaluator, "message", [message.pk])
    chat.restore_message(room=space.room, number=message.number, by=participant)
    posts.withdraw(post=thread, by=trainer)
    assert not visible(cast.evaluator, "message", [message.pk])


def test_what_is_offered_to_keep_shows_its_files(space, participant, trainer, as_):
    send(space, participant, waiting(participant), waiting(participant, "sheet.pdf"))
    page = page_of(as_, trainer, reverse("room_keep", args=[space.pk]))
    assert "small.webp" in page
    assert "sheet.pdf" in page


def test_the_page_of_a_day_says_what_a_message_without_words_is(cast, space, participant, trainer, as_):
    send(space, participant, waiting(participant, "sheet.pdf"))
    message = Entry.objects.get()
    day = page_of(as_, trainer, reverse("month_day", args=[cast.month.pk, message.at.date()]))
    assert "sheet.pdf" in day
