"""What waits too long is deleted with its bytes; what a person sent is exported, and erased with its post."""

import datetime as dt
import io
import uuid
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile

from common import clock, privacy
from community.people.models import User
from community.posts import actions as posts
from messaging.files import housekeeping, upload_actions
from messaging.files.actions import Attached, receive
from messaging.files.models import File, Upload
from tests import written
from tests.cast import Cast
from tests.messaging.files.made import document, picture

DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, settings: LazySettings) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def bytes_in(folder: Path) -> int:
    return sum(1 for path in folder.rglob("*") if path.is_file())


def waiting(by: User, name: str = "list.csv", content: bytes = b"a;b") -> File:
    return receive(upload=SimpleUploadedFile(name, content), by=by)


def begun(by: User) -> Upload:
    upload = upload_actions.begin(by=by, client_id=uuid.uuid4(), name="list.csv", size=10)
    assert isinstance(upload, Upload)
    upload_actions.add_piece(upload=upload, offset=0, body=io.BytesIO(b"a;b"))
    return upload


def attached(cast: Cast, *files: File) -> None:
    written.start(cast.space, cast.participant, files=Attached(tuple(file.key for file in files)))


def test_what_is_attached_to_nothing_is_deleted_after_thirty_days(cast: Cast, uploads: Path) -> None:
    kept = waiting(cast.participant)
    attached(cast, kept)
    waiting(cast.participant, "board.png", picture())
    with clock.at(clock.now() + 30 * DAY - dt.timedelta(minutes=1)):
        assert housekeeping.delete_waiting(10) == 0
    with clock.at(clock.now() + 30 * DAY + dt.timedelta(minutes=1)):
        assert housekeeping.delete_waiting(10) == 1
    assert list(File.objects.all()) == [kept]
    assert bytes_in(uploads) == 1


def test_an_upload_that_nobody_goes_on_with_is_deleted_after_a_week(cast: Cast, uploads: Path) -> None:
    begun(cast.participant)
    with clock.at(clock.now() + 8 * DAY):
        assert housekeeping.delete_waiting(10) == 1
    assert not Upload.objects.exists()
    assert bytes_in(uploads) == 0


def test_the_sizes_of_a_picture_stay_while_its_row_does(cast: Cast, uploads: Path) -> None:
    attached(cast, waiting(cast.participant, "board.png", picture()))
    upload = begun(cast.participant)
    with clock.at(clock.now() + 2 * DAY):
        assert housekeeping.delete_blobs(10) == 0
        assert bytes_in(uploads) == 6
        File.objects.all().delete()
        Upload.objects.filter(pk=upload.pk).delete()
        assert housekeeping.delete_blobs(10) == 6
    assert bytes_in(uploads) == 0


def test_what_is_no_upload_among_the_uploads_is_deleted_too(cast: Cast, uploads: Path) -> None:
    begun(cast.participant)
    (uploads / "partial" / ".fuse_hidden01").write_bytes(b"left by a file system")
    with clock.at(clock.now() + 2 * DAY):
        assert housekeeping.delete_blobs(10) == 1
    assert bytes_in(uploads) == 1


def test_the_files_of_a_post_that_has_no_row_any_more_are_deleted(cast: Cast, uploads: Path) -> None:
    kept = waiting(cast.participant)
    attached(cast, kept)
    File.objects.create(kind="reply", thing_id=10**9, name="gone.csv", size=1, blob="files/00/gone")
    assert housekeeping.delete_files(10) == 1
    assert list(File.objects.all()) == [kept]


def test_ones_files_are_exported_with_what_is_seen_on_them(cast: Cast) -> None:
    file = waiting(cast.participant, "board.png", picture())
    attached(cast, file)
    File.objects.update(alt="The board after the lesson")
    begun(cast.participant)
    exported = privacy.export_of("files", cast.participant)
    assert exported["files"] == [
        {
            "name": "board.jpg",
            "on": file.uploaded_at.isoformat(),
            "what_can_be_seen": "The board after the lesson",
            "attached": True,
            "address": file.get_absolute_url(),
        }
    ]
    assert exported["on_their_way"] == [{"name": "list.csv"}]


def test_files_are_erased_by_the_rule_of_their_posts(
    cast: Cast, uploads: Path, django_capture_on_commit_callbacks: object
) -> None:
    user = cast.participant
    shared, withdrawn, private = (waiting(user, f"{name}.csv") for name in ("shared", "withdrawn", "private"))
    attached(cast, shared)
    gone = written.publish(cast.space, user)
    posts.attach_files(gone, Attached((withdrawn.key,)), user)
    posts.withdraw(post=gone, by=user)
    written.ask_trainer(cast.space, user, files=Attached((private.key,)))
    waiting(user)
    begun(user)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        privacy.erase(user)
    left = File.objects.get()
    assert (left.name, left.uploaded_by) == ("shared.csv", None)
    assert not Upload.objects.exists()
    assert bytes_in(uploads) == 1


def test_of_a_file_that_is_deleted_nothing_is_left(cast: Cast, uploads: Path) -> None:
    for file in (
        waiting(cast.participant, "board.png", picture()),
        waiting(cast.participant, "sheet.pdf", document()),
    ):
        file.delete()
        file.delete_bytes()
    assert bytes_in(uploads) == 0
