"""Files are checked before they are kept, lie under a key, and are handed to nobody who may not have them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from followup.materials.models import Material
from messaging.files.actions import store_upload
from messaging.files.file_types import MAX_NAME_CHARS, UploadError, safe_name
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


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("page.html", b"<script>", "cannot be added"),
        ("drawing.svg", b"<svg>", "cannot be added"),
        ("program.exe", b"MZ", "cannot be added"),
        ("no ending", b"x", "cannot be added"),
        ("sheet.pdf", b"<html>", "not what its name says"),
        ("picture.png", b"%PDF-1.7", "not what its name says"),
        ("film.mp4", b"\0\0\0 nope", "not what its name says"),
        ("picture.webp", b"RIFF0000WAVE", "not what its name says"),
        ("notes.txt", b"a\0b", "not what its name says"),
        ("sheet.pdf", b"", "empty"),
    ],
)
def test_a_file_of_a_wrong_type_is_refused_with_the_reason(
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
        ("text.docx", b"PK\x03\x04 and more"),
        ("film.mp4", b"\0\0\0\x20ftypisom"),
        ("picture.webp", b"RIFF0000WEBPVP8 "),
        ("photo.jpeg", b"\xff\xd8\xff\xe0"),
    ],
)
def test_the_usual_types_of_files_are_accepted(cast: Cast, name: str, content: bytes) -> None:
    assert kept(cast, name, content).size == len(content)


def test_a_file_that_is_too_large_is_refused(cast: Cast, settings: LazySettings) -> None:
    settings.UPLOAD_LIMIT_BYTES = 10
    with pytest.raises(UploadError, match="the most there is room for"):
        kept(cast)


def test_the_form_field_says_why_it_refuses_and_rewinds_what_it_accepts() -> None:
    field = UploadField()
    good = SimpleUploadedFile("sheet.pdf", b"%PDF-1.7")
    assert field.clean(good) is good
    assert good.read() == b"%PDF-1.7"
    with pytest.raises(Exception, match="cannot be added"):
        field.clean(SimpleUploadedFile("page.html", b"<p>"))


@given(st.text(max_size=300))
def test_every_name_is_made_safe(given_name: str) -> None:
    name = safe_name(given_name)
    assert name
    assert len(name) <= MAX_NAME_CHARS
    assert not set(name) & set('<>:"/\\|?*\0\r\n')
    assert not name.startswith(".")
    assert safe_name(name) == name
