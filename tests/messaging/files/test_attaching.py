"""A file waits for its post, belongs to it, and is shown to whoever may see it."""

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from common import visibility
from community.people.models import User
from community.posts import actions as posts
from community.practices.models import Practice
from community.threads.models import Reply, Thread
from messaging.files.actions import Attached, attach, receive
from messaging.files.file_types import UploadError
from messaging.files.models import HIDDEN, File
from tests import written
from tests.cast import Cast
from tests.messaging.files.made import document, picture

SignIn = Callable[..., Client]


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, settings: LazySettings) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def waiting(by: User, name: str = "list.csv", content: bytes = b"a;b") -> File:
    return receive(upload=SimpleUploadedFile(name, content), by=by)


def of(*files: File) -> Attached:
    return Attached(tuple(file.key for file in files))


def made_picture(by: User) -> File:
    """A picture as it would be, without the time it takes to encode one."""
    return File.objects.create(
        name="board.jpg", content_type="image/jpeg", size=3, width=40, height=30, blob="none", uploaded_by=by
    )


def test_a_post_has_the_files_of_its_form_in_their_order(cast: Cast) -> None:
    first, second = waiting(cast.participant), waiting(cast.participant, "sheet.txt", b"a")
    thread = written.start(cast.space, cast.participant, files=of(second, first))
    shown = File.objects.filter(kind="thread", thing_id=thread.pk).order_by("position")
    assert list(shown) == [second, first]


def test_what_is_not_ones_own_or_belongs_to_another_post_is_not_attached(cast: Cast) -> None:
    theirs, taken = waiting(cast.trainer), waiting(cast.participant)
    written.start(cast.space, cast.participant, files=of(taken))
    for file in (theirs, taken):
        with pytest.raises(UploadError, match="no longer here"):
            written.start(cast.space, cast.participant, files=of(file))
    assert Thread.objects.count() == 1, "a post without its files is not accepted"


def test_a_post_has_at_most_ten_files(cast: Cast) -> None:
    keys = [uuid.uuid4() for _ in range(11)]
    with pytest.raises(UploadError, match="at most 10 files"):
        attach(kind="thread", thing_id=1, keys=keys, by=cast.participant)


def test_the_same_form_sent_twice_attaches_once(cast: Cast) -> None:
    file, sent = waiting(cast.participant), uuid.uuid4()
    first = written.start(cast.space, cast.participant, files=of(file), client_id=sent)
    assert written.start(cast.space, cast.participant, files=of(file), client_id=sent) == first


def test_a_file_is_seen_by_who_sees_its_post(cast: Cast, as_: SignIn) -> None:
    file = waiting(cast.participant)
    url = file.get_absolute_url()

    def sees(user: User) -> bool:
        return bool(as_(user).get(url).getvalue() == b"a;b")

    assert sees(cast.participant)
    assert not sees(cast.trainer), "it waits"
    thread = written.start(cast.space, cast.participant)
    reply = written.reply_to(thread, cast.participant, files=of(file))
    assert sees(cast.trainer)
    assert not sees(cast.stranger)
    posts.withdraw(post=reply, by=cast.participant)
    assert not sees(cast.trainer)
    posts.restore(post=reply, by=cast.participant)
    assert sees(cast.trainer)
    posts.withdraw(post=thread, by=cast.participant)
    assert not sees(cast.trainer)


def test_the_file_of_a_private_question_is_private(cast: Cast, as_: SignIn) -> None:
    file = waiting(cast.participant)
    written.ask_trainer(cast.space, cast.participant, files=of(file))
    assert as_(cast.another_participant).get(file.get_absolute_url()).status_code == 404
    assert as_(cast.trainer).get(file.get_absolute_url()).getvalue() == b"a;b"


def test_a_hidden_file_is_gone_for_all_but_who_decides(
    cast: Cast, as_: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = waiting(cast.participant)
    thread = written.start(cast.space, cast.participant, files=of(file))
    File.objects.update(hidden_at=thread.created_at)
    monkeypatch.setitem(
        visibility._registered, HIDDEN, lambda user, ids: set(ids) if user == cast.moderator else set()
    )
    for user in (cast.participant, cast.trainer):
        assert as_(user).get(file.get_absolute_url()).status_code == 404
        page = as_(user).get(f"/threads/{thread.pk}/?page=1").content.decode()
        assert "has been hidden" in page
        assert file.get_absolute_url() not in page


def test_a_picture_is_not_sent_again_and_asked_for_again(cast: Cast, as_: SignIn) -> None:
    file = waiting(cast.participant, "board.png", picture())
    written.start(cast.space, cast.participant, files=of(file))
    client, url = as_(cast.trainer), f"/pictures/{file.pk}/medium.webp"
    shown = client.get(url)
    content, etag = shown.getvalue(), shown.headers["ETag"]
    assert content[:4] == b"RIFF"
    assert shown.headers["Cache-Control"] == "private, no-cache"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Disposition"] == "inline"
    again = client.get(url, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    Thread.objects.update(withdrawn_at=file.uploaded_at, withdrawn_by=cast.participant)
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 404


@pytest.mark.parametrize("size", ["huge.webp", "small.png", "kept.jpg", "..", "small.webp.exe"])
def test_a_picture_has_no_other_sizes(cast: Cast, as_: SignIn, size: str) -> None:
    file = made_picture(cast.participant)
    assert as_(cast.participant).get(f"/pictures/{file.pk}/{size}").status_code == 404


def test_a_document_has_the_picture_of_its_first_page_and_is_downloaded(cast: Cast, as_: SignIn) -> None:
    file = waiting(cast.participant, "sheet.pdf", document())
    client = as_(cast.participant)
    first_page = client.get(f"/pictures/{file.pk}/small.webp")
    assert first_page.getvalue()[:4] == b"RIFF"
    assert client.get(f"/pictures/{file.pk}/medium.jpg").status_code == 404
    whole = client.get(file.get_absolute_url())
    assert whole.getvalue() == document()
    assert whole.headers["Content-Disposition"].startswith("attachment")


def test_without_a_script_files_come_with_the_form_and_are_removed_by_unticking(
    cast: Cast, as_: SignIn
) -> None:
    client, page = as_(cast.participant), f"/spaces/{cast.space.pk}/threads/new/"
    sent = {"title": "A list", "text": "", "language": "en", "client_id": uuid.uuid4()}
    uploads = [SimpleUploadedFile("one.csv", b"a;b"), SimpleUploadedFile("two.txt", b"two")]
    client.post(page, {**sent, "upload": uploads})
    thread = Thread.objects.get()
    files = list(File.objects.filter(kind="thread", thing_id=thread.pk).order_by("position"))
    assert [file.name for file in files] == ["one.csv", "two.txt"]
    shown = client.get(f"/threads/{thread.pk}/?page=1").content.decode()
    assert all(file.get_absolute_url() in shown for file in files)
    edit = client.get(f"/threads/{thread.pk}/edit/").content.decode()
    assert all(f'name="files" value="{file.key.hex}" checked' in edit for file in files)
    third = SimpleUploadedFile("three.txt", b"three")
    client.post(f"/threads/{thread.pk}/edit/", {**sent, "files": [files[1].key.hex], "upload": third})
    names = File.objects.filter(kind="thread").order_by("position").values_list("name", flat=True)
    assert list(names) == ["two.txt", "three.txt"]
    thread.refresh_from_db()
    assert thread.edited_at is not None
    files[0].refresh_from_db()
    assert (files[0].kind, files[0].uploaded_by) == ("", cast.participant), "it waits again"


def test_a_form_that_is_refused_keeps_the_files_that_came_with_it(cast: Cast, as_: SignIn) -> None:
    client, page = as_(cast.participant), f"/spaces/{cast.space.pk}/practices/new/"
    sent = {"title": "", "language": "en", "client_id": uuid.uuid4()}
    bad = SimpleUploadedFile("page.html", b"<p>")
    for _ in range(2):
        shown = client.post(page, {**sent, "upload": [SimpleUploadedFile("one.csv", b"a;b"), bad]})
    file = File.objects.get()
    content = shown.content.decode()
    assert f'value="{file.key.hex}" checked' in content
    assert escape("page.html: ") in content
    text = {"title": "A list", "context": "a", "tried": "b", "happened": "c"}
    client.post(page, {**sent, **text, "files": [file.key.hex]})
    file.refresh_from_db()
    assert (file.kind, file.thing_id) == (Practice.KIND, Practice.objects.get().pk)


def test_what_can_be_seen_on_a_picture_is_asked_for_and_read_out(cast: Cast, as_: SignIn) -> None:
    client, file = as_(cast.participant), made_picture(cast.participant)
    reply = written.reply_to(written.start(cast.space, cast.trainer), cast.participant, files=of(file))
    edit = f"/replies/{reply.pk}/edit/"
    assert f'name="alt-{file.key.hex}"' in client.get(edit).content.decode()
    sent = {"text": "So did I.", "files": [file.key.hex], f"alt-{file.key.hex}": 'A board with "5 < 7"'}
    client.post(edit, sent)
    page = client.get(f"/threads/{reply.thread_id}/?page=1").content.decode()
    assert f'alt="{escape(sent[f"alt-{file.key.hex}"])}"' in page


def test_files_cost_no_further_statement(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.trainer)
    thread = written.start(cast.space, cast.participant)
    replies = [written.reply_to(thread, cast.participant) for _ in range(3)]
    practice = written.publish(cast.space, cast.participant)
    paths = [
        f"/threads/{thread.pk}/?page=1",
        f"/practices/{practice.pk}/",
        f"/spaces/{cast.space.pk}/practices/",
    ]

    def statements() -> list[int]:
        counts = []
        for path in paths:
            client.get(path)
            with CaptureQueriesContext(connection) as queries:
                client.get(path)
            counts.append(len(queries))
        return counts

    before = statements()
    for post in (thread, practice, *replies):
        for _ in range(2):
            files = File.objects.filter(kind=post.KIND, thing_id=post.pk)
            posts.attach_files(post, of(*files, made_picture(cast.participant)), cast.participant)
    assert File.objects.filter(kind=Reply.KIND).count() == 6
    assert statements() == before


def test_a_picture_that_is_asked_for_again_takes_four_statements(cast: Cast, as_: SignIn) -> None:
    files = [made_picture(cast.participant) for _ in range(3)]
    written.start(cast.space, cast.participant, files=of(files[0]))
    written.reply_to(written.start(cast.space, cast.trainer), cast.participant, files=of(files[1]))
    posts.attach_files(written.publish(cast.space, cast.participant), of(files[2]), cast.participant)
    client = as_(cast.another_participant)
    for file in files:
        etag = {"If-None-Match": f'"{file.key.hex}-small.webp"'}
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/pictures/{file.pk}/small.webp", headers=etag).status_code == 304
        assert len(queries) <= 4, [query["sql"][:90] for query in queries.captured_queries]
