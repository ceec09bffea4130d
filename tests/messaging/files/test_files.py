"""Files are checked before they are kept, lie under a key, and are handed to nobody who may not have them."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from followup.materials.models import Material
from messaging.files import views
from messaging.files.actions import store_upload
from messaging.files.file_types import MAX_NAME_CHARS, UploadError, content_type_of, safe_name
from messaging.files.forms import UploadField
from messaging.files.models import File
from tests.cast import Cast

SignIn = Callable[..., Client]


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, settings: LazySettings) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def kept(cast: Cast, name: str = "work sheet.pdf", content: bytes = b"%PDF-1.7 sheet") -> File:
    material = Material.objects.create(run=cast.run, title="Sheet")
    upload = SimpleUploadedFile(name, content, content_type="text/html")
    return store_upload(kind="material", thing_id=material.pk, upload=upload, by=cast.trainer)


def test_the_bytes_are_stored_under_a_key_and_not_under_the_name(cast: Cast, uploads: Path) -> None:
    file = kept(cast, "../../etc/passwd.pdf")
    assert file.name == "passwd.pdf"
    assert Path(file.blob.path).read_bytes() == b"%PDF-1.7 sheet"
    assert Path(file.blob.path).relative_to(uploads).parts[-1] == file.key.hex


def test_the_content_type_that_the_browser_sends_is_ignored(cast: Cast) -> None:
    assert kept(cast).content_type == "application/pdf"


def test_a_file_is_served_as_an_attachment(cast: Cast, as_: SignIn) -> None:
    file = kept(cast, "Óravázlat.pdf")
    response = as_(cast.participant).get(file.get_absolute_url())
    assert response.getvalue() == b"%PDF-1.7 sheet"
    response.close()
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=utf-8''%C3%93rav%C3%A1zlat.pdf" in response.headers["Content-Disposition"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in response.headers["Cache-Control"]


def test_asked_for_its_head_a_file_has_its_length_and_is_not_read(cast: Cast, as_: SignIn) -> None:
    response = as_(cast.participant).head(kept(cast).get_absolute_url())
    assert (response.headers["Content-Length"], response.content) == ("14", b"")
    assert response.headers["Content-Disposition"].startswith("attachment;")


def test_a_file_comes_in_pieces_and_is_closed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PIECE_BYTES", 5)
    opened = kept(cast).blob.open("rb")
    response = views.FileInPieces(opened)

    async def pieces() -> list[bytes]:
        return [piece async for piece in response]

    assert asyncio.run(pieces()) == [b"%PDF-", b"1.7 s", b"heet"]
    response.close()
    assert opened.closed


def test_the_server_in_front_can_hand_out_files(cast: Cast, as_: SignIn, settings: LazySettings) -> None:
    settings.FILES_BY_PROXY = "/uploads/"
    file = kept(cast, "Óravázlat.pdf")
    response = as_(cast.participant).get(file.get_absolute_url())
    assert response.content == b""
    assert response.headers["X-Accel-Redirect"] == f"/uploads/files/{file.key.hex[:2]}/{file.key.hex}"
    assert response.headers["Content-Type"] == "application/pdf"
    assert "filename*=utf-8''%C3%93rav%C3%A1zlat.pdf" in response.headers["Content-Disposition"]
    assert as_(cast.stranger).get(file.get_absolute_url()).status_code == 404


def test_a_file_whose_bytes_are_gone_is_not_found_and_the_log_says_what_to_do(
    cast: Cast, as_: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    file = kept(cast, "Kata Kovács.pdf")
    file.blob.storage.delete(file.blob.name)
    for ask in (as_(cast.participant).get, as_(cast.participant).head):
        assert ask(file.get_absolute_url()).status_code == 404
    messages = [record.getMessage() for record in caplog.records if record.name == "aftercourse.files"]
    assert len(messages) == 2
    assert "AFTERCOURSE_VAR" in messages[0]
    assert "Kata" not in messages[0]


def test_a_former_member_cannot_download_the_files_of_the_space(cast: Cast, as_: SignIn) -> None:
    file, client = kept(cast), as_(cast.participant)
    cast.space.memberships.filter(user=cast.participant).delete()
    assert client.get(file.get_absolute_url()).status_code == 404


def test_participants_cannot_download_the_file_of_a_removed_material(cast: Cast, as_: SignIn) -> None:
    file = kept(cast)
    Material.objects.update(removed_at=cast.space.opened_at)
    assert as_(cast.participant).get(file.get_absolute_url()).status_code == 404


def test_a_file_of_a_kind_that_nobody_registered_is_visible_to_nobody(cast: Cast, as_: SignIn) -> None:
    file = kept(cast)
    File.objects.update(kind="unheard-of")
    assert as_(cast.trainer).get(file.get_absolute_url()).status_code == 404


PROTECTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 5000 + "EncryptedPackage".encode("utf-16-le")
OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "WordDocument".encode("utf-16-le")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("page.html", b"<script>", r"\(\.html\) can’t be added. Please save it as \.pdf"),
        ("drawing.svg", b"<svg>", r"save it as \.pdf"),
        ("program.exe", b"MZ", r"Programs \(\.exe\) can’t be added"),
        ("board.psd", b"8BPS", r"save it as \.jpg"),
        ("board.heic", b"\0\0\0\x18ftypheic", "can’t be opened"),
        ("board.avif", b"\0\0\0\x18ftypisom", "doesn’t open as .avif"),
        ("board.tiff", b"II+\0", "doesn’t open as .tiff"),
        ("lesson.mov", b"\0\0\0\x14ftypqt  ", r"save it as \.mp4"),
        ("choir.wav", b"RIFF0000WAVE", r"save it as \.mp3"),
        ("plan.pages", b"PK\x03\x04", r"save it as \.pdf"),
        ("marks.xlsm", b"PK\x03\x04", "without them"),
        ("all.rar", b"Rar!", r"as \.zip"),
        ("task.ggb", b"PK\x03\x04", r"put it into a \.zip"),
        ("no ending", b"x", "an ending such as"),
        ("sheet.pdf", b"<html>", "doesn’t open as .pdf"),
        ("late.pdf", b" " * 1025 + b"%PDF-1.4", "doesn’t open as .pdf"),
        ("picture.png", b"%PDF-1.7", "doesn’t open as .png"),
        ("film.mp4", b"\0\0\0 nope", "doesn’t open as .mp4"),
        ("picture.webp", b"RIFF0000WAVE", "doesn’t open as .webp"),
        ("song.mp3", b"\xff\xf1\x50", "doesn’t open as .mp3"),
        ("song.mp3", b"\xff", "doesn’t open as .mp3"),
        ("notes.txt", b"a\0b", "doesn’t open as .txt"),
        ("notes.txt", b"\xff\xfe\x07\0\x01\0", "doesn’t open as .txt"),
        ("notes.txt", b"\xff\xfe\0\xdca\0", "doesn’t open as .txt"),
        ("plan.docx", PROTECTED, "password-protected"),
        ("marks.xlsx", PROTECTED, "password-protected"),
        ("slides.pptx", PROTECTED, "password-protected"),
        ("plan.docx", OLD_WORD, "its old ending"),
        ("sheet.pdf", b"", "empty"),
    ],
)
def test_a_file_that_is_not_taken_is_refused_with_what_to_do(
    cast: Cast, name: str, content: bytes, why: str
) -> None:
    with pytest.raises(UploadError, match=why):
        kept(cast, name, content)
    assert not File.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.TXT", b"Jegyzet"),
        ("table.csv", b"a;b"),
        ("Windows.txt", "Jegyzet\r\nőszről".encode("utf-16")),
        ("Excel.csv", "név;jegy\r\nŻaneta;5".encode("utf-16")),
        ("other way.txt", b"\xfe\xff" + "Jegyzet".encode("utf-16-be")),
        ("cut.txt", ("é" * 3000 + "😀" * 3000).encode("utf-16")),
        ("text.docx", b"PK\x03\x04 and more"),
        ("empty.zip", b"PK\x05\x06" + b"\0" * 18),
        ("show.ppsx", b"PK\x03\x04 and more"),
        ("from Word.doc", b"{\\rtf1\\ansi"),
        ("from Word.rtf", b"\xef\xbb\xbf{\\rtf1\\ansi"),
        ("old.doc", OLD_WORD),
        ("after a break.pdf", b"\r\n%PDF-1.4"),
        ("after a mark.pdf", b"\xef\xbb\xbf%PDF-1.4"),
        ("after a header.pdf", b"@PJL SET\n" * 100 + b"%PDF-1.4"),
        ("film.mp4", b"\0\0\0\x20ftypisom"),
        ("film.webm", b"\x1a\x45\xdf\xa3"),
        ("song.mp3", b"\0\0\xff\xfa\x90"),
    ],
)
def test_files_as_teachers_have_them_are_accepted(cast: Cast, name: str, content: bytes) -> None:
    assert kept(cast, name, content).size == len(content)


def test_a_file_is_rewound_after_it_was_searched_for_a_password(cast: Cast) -> None:
    upload = SimpleUploadedFile("plan.docx", PROTECTED)
    with pytest.raises(UploadError):
        content_type_of("plan.docx", upload)
    assert upload.read() == PROTECTED


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        (".pdf", "file.pdf"),
        ("..pdf", "file.pdf"),
        ("család 👨\u200d👩\u200d👧.jpg", "család 👨\u200d👩\u200d👧.jpg"),
        ("óra.\u202efdp.exe", "óra.fdp.exe"),
        ("C:\\Users\\Anna\\óra.pdf", "óra.pdf"),
        ('„óra" <1>?.pdf', "„óra- -1.pdf"),
        ("lap .pdf", "lap.pdf"),
        ("x" * 300 + ".pdf", "x" * 156 + ".pdf"),
        ("óra." + "x" * 300, "óra." + "x" * 156),
    ],
)
def test_a_name_stays_as_it_was_given_where_it_can(given_name: str, safe: str) -> None:
    assert safe_name(given_name) == safe


def test_a_file_that_is_too_large_is_refused(cast: Cast, settings: LazySettings) -> None:
    settings.UPLOAD_LIMIT_BYTES = 10
    with pytest.raises(UploadError, match="The maximum is"):
        kept(cast)


def test_the_form_field_says_why_it_refuses_and_rewinds_what_it_accepts() -> None:
    field = UploadField()
    good = SimpleUploadedFile("sheet.pdf", b"%PDF-1.7")
    assert field.clean(good) is good
    assert good.read() == b"%PDF-1.7"
    with pytest.raises(Exception, match="can’t be added"):
        field.clean(SimpleUploadedFile("page.html", b"<p>"))


@given(st.text(max_size=300))
def test_every_name_is_made_safe(given_name: str) -> None:
    name = safe_name(given_name)
    assert name
    assert len(name) <= MAX_NAME_CHARS
    assert not set(name) & set('<>:"/\\|?*\0\r\n')
    assert not name.startswith(".")
    assert safe_name(name) == name
