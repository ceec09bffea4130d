"""Uploads in pieces: what has come is there, once, whatever broke in between."""

import io
import json
import uuid
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from community.people.models import User
from messaging.files import pictures, upload_actions
from messaging.files.actions import attach, receive
from messaging.files.file_types import UploadError
from messaging.files.models import File, Upload
from tests.cast import Cast
from tests.messaging.files.made import picture

SignIn = Callable[..., Client]
TEXT = b"name;marks\r\n" * 9
SENT = "application/offset+octet-stream"


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, settings: LazySettings) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def begin(client: Client, name: str = "list.csv", content: bytes = TEXT, **more: Any) -> Any:
    fields = {"name": name, "size": len(content), "client_id": str(uuid.uuid4()), **more}
    return client.post("/files/uploads/", fields, content_type="application/json")


def piece(client: Client, where: str, offset: int, content: bytes) -> Any:
    return client.patch(where, content, content_type=SENT, headers={"Upload-Offset": str(offset)})


def offset(client: Client, where: str) -> int:
    return int(client.head(where).headers["Upload-Offset"])


def said(response: Any) -> Any:
    return json.loads(response.getvalue())


def test_a_file_comes_in_pieces_and_waits_for_its_post(cast: Cast, as_: SignIn, uploads: Path) -> None:
    client = as_(cast.participant)
    begun = begin(client)
    where = said(begun)["url"]
    assert (begun.status_code, begun.headers["Location"]) == (201, where)
    first = piece(client, where, 0, TEXT[:50])
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "50")
    assert offset(client, where) == 50
    done = said(piece(client, where, 50, TEXT[50:]))
    file = File.objects.get()
    assert done["key"] == file.key.hex
    assert (done["name"], done["size"], done["is_picture"]) == ("list.csv", len(TEXT), False)
    assert (file.kind, file.thing_id, file.uploaded_by) == ("", None, cast.participant)
    assert Path(file.blob.path).read_bytes() == TEXT
    assert not Upload.objects.exists()
    assert not list((uploads / "partial").iterdir())


def test_a_lost_answer_is_asked_for_again(cast: Cast, as_: SignIn) -> None:
    client, client_id = as_(cast.participant), str(uuid.uuid4())
    where = said(begin(client, client_id=client_id))["url"]
    assert said(begin(client, client_id=client_id))["url"] == where
    done = said(piece(client, where, 0, TEXT))
    assert offset(client, where) == len(TEXT)
    assert said(piece(client, where, len(TEXT), b"")) == done
    again = begin(client, client_id=client_id)
    assert (again.status_code, said(again)) == (200, done)
    assert File.objects.count() == 1


def test_a_server_killed_between_the_last_piece_and_the_file_makes_it_later(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.participant)
    where = said(begin(client))["url"]
    upload_actions.bytes_path(Upload.objects.get().key).parent.mkdir()
    upload_actions.bytes_path(Upload.objects.get().key).write_bytes(TEXT)
    assert offset(client, where) == len(TEXT)
    assert said(piece(client, where, len(TEXT), b""))["size"] == len(TEXT)


@pytest.mark.parametrize("wrong", [0, 49, 51, 10**15])
def test_a_piece_that_does_not_begin_where_the_bytes_end_changes_nothing(
    cast: Cast, as_: SignIn, wrong: int
) -> None:
    client = as_(cast.participant)
    where = said(begin(client))["url"]
    piece(client, where, 0, TEXT[:50])
    refused = piece(client, where, wrong, b"x")
    assert (refused.status_code, refused.headers["Upload-Offset"]) == (409, "50")
    assert offset(client, where) == 50


def test_more_bytes_than_announced_change_nothing(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.participant)
    where = said(begin(client))["url"]
    piece(client, where, 0, TEXT[:50])
    assert piece(client, where, 50, TEXT[50:] + b"x").status_code == 413
    assert offset(client, where) == 50
    assert said(piece(client, where, 50, TEXT[50:]))["size"] == len(TEXT)


def test_two_requests_do_not_write_to_one_upload(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.participant)
    where = said(begin(client))["url"]
    with upload_actions._locked(Upload.objects.get()):
        assert piece(client, where, 0, TEXT).status_code == 423
    assert offset(client, where) == 0
    assert said(piece(client, where, 0, TEXT))["size"] == len(TEXT)


@pytest.mark.parametrize("headers", [{}, {"Upload-Offset": "-1"}, {"Upload-Offset": "x"}])
def test_a_piece_says_where_it_begins(cast: Cast, as_: SignIn, headers: dict[str, str]) -> None:
    client = as_(cast.participant)
    where = said(begin(client))["url"]
    assert client.patch(where, TEXT, content_type=SENT, headers=headers).status_code == 415


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"name": "page.html"}, "save it as .pdf"),
        ({"name": "none"}, "an ending such as"),
        ({"size": 0}, "empty"),
        ({"size": 20 * 1024 * 1024 + 1}, "The maximum is"),
        ({"name": "film.mp4", "size": 100 * 1024 * 1024 + 1}, "The maximum is"),
        ({"size": "many"}, "can’t be read"),
        ({"size": -1}, "can’t be read"),
        ({"size": 2.5}, "can’t be read"),
        ({"name": None}, "can’t be read"),
        ({"client_id": "x"}, "can’t be read"),
    ],
)
def test_what_will_not_be_taken_is_refused_before_it_comes(
    cast: Cast, as_: SignIn, more: dict[str, Any], why: str
) -> None:
    refused = begin(as_(cast.participant), **more)
    assert refused.status_code == 400
    assert why in said(refused)["error"]
    assert not Upload.objects.exists()


def test_a_film_may_be_larger_than_other_files(cast: Cast, as_: SignIn) -> None:
    assert begin(as_(cast.participant), name="film.mp4", size=100 * 1024 * 1024).status_code == 201


def test_a_file_of_another_type_than_its_name_says_is_thrown_away(
    cast: Cast, as_: SignIn, uploads: Path
) -> None:
    client = as_(cast.participant)
    where = said(begin(client, "sheet.pdf"))["url"]
    assert "doesn’t open as .pdf" in said(piece(client, where, 0, TEXT))["error"]
    assert client.head(where).status_code == 404
    assert not File.objects.exists()
    assert not list((uploads / "partial").iterdir())


def test_a_picture_is_encoded_anew(cast: Cast, as_: SignIn) -> None:
    client, content = as_(cast.participant), picture("PNG", (600, 300))
    where = said(begin(client, "board.png", content))["url"]
    done = said(piece(client, where, 0, content))
    assert (done["name"], done["content_type"]) == ("board.jpg", "image/jpeg")
    assert (done["is_picture"], done["width"], done["height"]) == (True, 600, 300)
    for size in ("small", "medium", "large"):
        shown = client.get(done[size])
        assert shown.headers["Content-Type"] == "image/webp"
        assert shown.getvalue()[:4] == b"RIFF"
    assert as_(cast.another_participant).get(done["small"]).status_code == 404, "it waits"


def test_nobody_reaches_the_uploads_of_others(cast: Cast, as_: SignIn) -> None:
    where = said(begin(as_(cast.participant)))["url"]
    other = as_(cast.another_participant)
    assert other.head(where).status_code == 404
    assert piece(other, where, 0, TEXT).status_code == 404
    assert other.delete(where).status_code == 404
    assert as_(cast.participant).head("/files/uploads/nonsense/").status_code == 404


def test_an_upload_and_a_waiting_file_can_be_thrown_away_and_an_attached_one_cannot(
    cast: Cast, as_: SignIn, uploads: Path
) -> None:
    client = as_(cast.participant)
    where = said(begin(client))["url"]
    piece(client, where, 0, TEXT[:50])
    assert client.delete(where).status_code == 204
    assert not Upload.objects.exists()
    where = said(begin(client))["url"]
    piece(client, where, 0, TEXT).getvalue()
    assert client.delete(where).status_code == 204
    assert not File.objects.exists()
    assert not [path for path in uploads.rglob("*") if path.is_file()]
    where = said(begin(client))["url"]
    key = said(piece(client, where, 0, TEXT))["key"]
    attach(kind="thread", thing_id=1, keys=[uuid.UUID(key)], by=cast.participant)
    assert client.delete(where).status_code == 204
    file = File.objects.get()
    assert default_storage.exists(file.blob.name)


def test_nobody_fills_the_disk_with_what_belongs_to_nothing(
    cast: Cast, as_: SignIn, settings: LazySettings
) -> None:
    settings.WAITING_LIMIT_BYTES = 3 * len(TEXT)
    client = as_(cast.participant)
    for _ in range(3):
        assert begin(client).status_code == 201
    assert "haven’t sent yet" in said(begin(client))["error"]
    assert begin(as_(cast.trainer)).status_code == 201


def test_nobody_sends_more_than_anybody_has(cast: Cast, as_: SignIn) -> None:
    client = as_(cast.participant)
    for _ in range(120):
        begin(client, name="none")
    assert begin(client).status_code == 429


def test_a_disk_that_is_full_is_said(cast: Cast, as_: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    client: Client = as_(cast.participant)
    where = said(begin(client))["url"]
    monkeypatch.setattr(upload_actions.os, "fsync", full)
    refused = piece(client, where, 0, TEXT)
    assert refused.status_code == 507
    assert "no room" in said(refused)["error"]


def test_a_page_without_its_token_sends_nothing(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    user: User = cast.participant
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    assert begin(client).status_code in (302, 403)
    assert not Upload.objects.exists()


def test_a_file_that_could_not_be_made_is_made_when_it_is_asked_for_again(
    cast: Cast, as_: SignIn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    client = as_(cast.participant)
    where = said(begin(client))["url"]
    with monkeypatch.context() as patched:
        patched.setattr(upload_actions, "keep_bytes", fail)
        assert "try again in a minute" in said(piece(client, where, 0, TEXT))["error"]
    assert "could not be made" in caplog.text
    assert said(piece(client, where, len(TEXT), b""))["size"] == len(TEXT)


def test_forms_with_files_leave_threads_to_the_pages(cast: Cast) -> None:
    upload = SimpleUploadedFile("list.csv", TEXT)
    with ExitStack() as others:
        for _ in range(pictures.FORMS_AT_ONCE):
            others.enter_context(pictures.turn_of_a_form())
        with pytest.raises(UploadError, match="Many pictures"):
            receive(upload=upload, by=cast.participant)
    assert receive(upload=upload, by=cast.participant).size == len(TEXT)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.tuples(st.integers(-2, 110), st.integers(0, 60), st.booleans()), max_size=12))
def test_whatever_pieces_come_what_is_there_is_a_beginning_of_the_file(
    cast: Cast, pieces: list[tuple[int, int, bool]]
) -> None:
    upload = upload_actions.begin(
        by=cast.participant, client_id=uuid.uuid4(), name="list.csv", size=len(TEXT)
    )
    assert isinstance(upload, Upload)
    for offset, length, knows_better in pieces:
        begins = upload_actions.offset_of(upload) if knows_better else offset
        body = io.BytesIO(TEXT[begins : begins + length] if begins >= 0 else b"x" * length)
        with suppress(upload_actions.WrongOffsetError, upload_actions.TooMuchError):
            upload_actions.add_piece(upload=upload, offset=begins, body=body)
        there = upload_actions.bytes_path(upload.key).read_bytes()
        assert there == TEXT[: upload_actions.offset_of(upload)]
    upload_actions.discard(upload)
