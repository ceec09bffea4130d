"""Pictures and documents are decoded in a process with bounds, and nothing but pixels is kept of them."""

import io
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from messaging.files import decoding, pictures
from messaging.files.actions import receive
from messaging.files.file_types import UploadError
from messaging.files.models import File
from messaging.files.pictures import DERIVED, FALLBACK
from tests.cast import Cast
from tests.messaging.files.made import document, picture

SECRET = b"47.4979 N, 19.0402 E"


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, settings: LazySettings) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def taken(cast: Cast) -> Callable[[str, bytes], File]:
    def take(name: str, content: bytes) -> File:
        return receive(upload=SimpleUploadedFile(name, content), by=cast.participant)

    return take


def stored(file: File) -> dict[str, bytes]:
    """All that is kept of a file, by what its name adds to the key."""
    names = ["", *(f"-{size}" for size in (*DERIVED, FALLBACK))]
    found = {}
    for name in names:
        if default_storage.exists(f"{file.blob.name}{name}"):
            with default_storage.open(f"{file.blob.name}{name}") as opened:
                found[name] = opened.read()
    return found


def opened(content: bytes) -> Any:
    shown = Image.open(io.BytesIO(content))
    shown.load()
    return shown


def exif(**tags: Any) -> bytes:
    """Where, when and with what a picture was taken, and how it was held."""
    made = Image.Exif()
    made[0x010F] = SECRET.decode()  # the maker of the camera
    made[0x8825] = {1: "N", 2: (47.0, 29.0, 52.0), 3: "E", 4: (19.0, 2.0, 24.0), 29: SECRET.decode()}
    for tag, value in tags.items():
        made[int(tag.removeprefix("tag"), 16)] = value
    return made.tobytes()


def test_nothing_but_pixels_is_kept_of_a_photograph(taken: Any) -> None:
    comment = {"comment": SECRET, "xmp": b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"}
    file = taken("IMG_2041.jpeg", picture("JPEG", (900, 600), exif=exif(), **comment))
    kept = stored(file)
    assert set(kept) == {"", "-small.webp", "-medium.webp", "-large.webp", "-medium.jpg"}
    for content in kept.values():
        shown = opened(content)
        assert SECRET not in content
        assert not shown.getexif()
        assert not {"exif", "xmp", "icc_profile", "comment"} & set(shown.info)
    assert (file.name, file.content_type, file.size) == ("IMG_2041.jpg", "image/jpeg", len(kept[""]))


def test_texts_in_a_png_are_not_kept(taken: Any) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", SECRET.decode())
    notes.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    notes.add_text("zipped", SECRET.decode() * 99, zip=True)
    for content in stored(taken("board.png", picture("PNG", pnginfo=notes))).values():
        assert SECRET not in content


@pytest.mark.parametrize(("held", "size"), [(1, (60, 30)), (3, (60, 30)), (6, (30, 60)), (8, (30, 60))])
def test_a_photograph_is_turned_the_way_it_was_held(taken: Any, held: int, size: tuple[int, int]) -> None:
    file = taken("board.jpg", picture("JPEG", (60, 30), exif=exif(tag0112=held)))
    assert (file.width, file.height) == size
    assert {opened(content).size for content in stored(file).values()} == {size}


def test_colours_are_those_of_the_web(taken: Any) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert stored(taken("odd.jpg", picture("JPEG", icc_profile=profile))), "a profile that does not fit"
    assert stored(taken("broken.jpg", picture("JPEG", icc_profile=b"nonsense")))
    for mode, colour in (("CMYK", (0, 255, 255, 0)), ("L", 128), ("RGB", (200, 10, 10))):
        for content in stored(taken("board.jpg", picture("JPEG", mode=mode, colour=colour))).values():
            assert opened(content).mode == "RGB"


def test_the_three_sizes_are_no_larger_than_said_and_a_small_one_is_light(taken: Any) -> None:
    noisy = io.BytesIO()
    Image.effect_noise((2600, 1300), 90).convert("RGB").save(noisy, "JPEG", quality=80)
    file = taken("leaves.jpg", noisy.getvalue())
    kept = stored(file)
    longest = {size: max(opened(kept[f"-{size}.webp"]).size) for size in ("small", "medium", "large")}
    assert longest["medium"] == 1080
    assert longest["large"] == 2048 == file.width
    assert longest["small"] <= 480
    assert len(kept["-small.webp"]) <= 24_000, "noise; a photograph has a fourth of it"


def test_what_is_transparent_is_white_as_on_paper(taken: Any) -> None:
    for mode, colour in (("RGBA", (0, 0, 0, 0)), ("LA", (0, 0))):
        kept = stored(taken("drawing.png", picture("PNG", mode=mode, colour=colour)))
        assert min(opened(kept[""]).getpixel((3, 3))) > 250


@pytest.mark.parametrize("form", ["bmp", "tiff", "gif", "webp", "avif", "heic"])
def test_pictures_that_not_every_browser_shows_are_taken(taken: Any, form: str) -> None:
    if form == "heic":
        buffer = io.BytesIO()
        pillow_heif.from_pillow(Image.new("RGB", (64, 48), "red")).save(buffer)
        content = buffer.getvalue()
    else:
        content = picture(form.upper(), (64, 48))
    file = taken(f"board.{form}", content)
    assert (file.name, file.width, file.height) == ("board.jpg", 64, 48)


def test_a_scan_of_sixteen_bits_is_taken(taken: Any) -> None:
    buffer = io.BytesIO()
    Image.new("I;16", (20, 10), 40_000).save(buffer, "PNG")
    grey = opened(stored(taken("scan.png", buffer.getvalue()))[""]).getpixel((5, 5))
    assert 140 < grey[0] < 170


def test_of_many_frames_the_first_is_kept(taken: Any) -> None:
    frames = [Image.new("P", (30, 20), number % 256) for number in range(1000)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    kept = stored(taken("dance.gif", buffer.getvalue()))
    assert {getattr(opened(content), "n_frames", 1) for content in kept.values()} == {1}


def png_of(width: int, height: int, *, rows: int) -> bytes:
    """A PNG that says how large it is, and has these rows of nothing."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes((3 * width + 1) * rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(60_000, 60_000), (2**31 - 1, 1), (50_001, 1_000)])
def test_a_picture_with_too_many_pixels_is_refused_with_a_sentence(taken: Any, size: tuple[int, int]) -> None:
    with pytest.raises(UploadError, match="more than 50 megapixels"):
        taken("bomb.png", png_of(*size, rows=2))


HOSTILE = {
    "cut.jpg": picture("JPEG", (800, 600))[:900],
    "cut.png": picture("PNG", (800, 600))[:60],
    "empty.gif": b"GIF89a",
    "page.gif": b"GIF89a/*<html><script>alert(1)</script>*/=1;",
    "page.png": b"\x89PNG\r\n\x1a\n<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "page.jpg": b"\xff\xd8\xff\xe0<html><script>alert(1)</script>",
    "postscript.tiff": b"II*\0%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(id) run",
    "program.webp": b"RIFF\x10\0\0\0WEBPMZ" + bytes(40),
    "endless.bmp": b"BM" + b"\xff" * 60,
    "brand.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\xff" * 400,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_is_no_picture_is_refused_with_a_sentence(taken: Any, uploads: Path, name: str) -> None:
    with pytest.raises(UploadError, match="can’t be opened"):
        taken(name, HOSTILE[name])
    assert not File.objects.exists()
    assert not [path for path in uploads.rglob("*") if path.is_file()]


def test_what_follows_a_picture_is_not_kept(taken: Any) -> None:
    script = b"<script>alert(1)</script>"
    for name, form in (("a.gif", "GIF"), ("a.png", "PNG"), ("a.jpg", "JPEG"), ("a.webp", "WEBP")):
        for content in stored(taken(name, picture(form) + script + b"PK\x03\x04" + b"%PDF-1.7")).values():
            assert b"script" not in content
            assert b"%PDF" not in content


def test_a_process_that_takes_too_long_or_too_much_ends_with_a_sentence(
    taken: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pictures, "WALL_SECONDS", 0.2)
    program = tmp_path / "program.py"
    monkeypatch.setattr(decoding, "__file__", str(program))
    for does in (
        "while True: pass",
        "import os; os.abort()",
        "print('nonsense')",
        "import time; time.sleep(60)",
    ):
        program.write_text(does)
        with pytest.raises(UploadError, match="can’t be opened"):
            taken("board.png", picture())


def test_the_process_has_bounds_and_knows_nothing_of_ours(
    taken: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AFTERCOURSE_SECRET_KEY", "not for strangers")
    said, program = tmp_path / "said", tmp_path / "program.py"
    source = Path(decoding.__file__).read_text()
    report = (
        "import os, resource, sys\n"
        f"with open({str(said)!r}, 'w') as file:\n"
        "    print(resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_CPU)[0],\n"
        "          sorted(os.environ), 'django' in sys.modules, os.nice(0), file=file)\n"
    )
    program.write_text(source.replace('if __name__ == "__main__":\n    main()', f"_bound()\n{report}"))
    monkeypatch.setattr(decoding, "__file__", str(program))
    with pytest.raises(UploadError):
        taken("board.png", picture())
    memory, seconds, *rest = said.read_text().split()
    assert (int(memory), int(seconds)) == (decoding.MEMORY_BYTES, decoding.CPU_SECONDS)
    assert "AFTERCOURSE" not in " ".join(rest)
    assert rest[-2:] == ["False", str(decoding.NICENESS)]


def test_a_document_shows_its_first_page_and_stays_as_it_is(taken: Any) -> None:
    file = taken("sheet.pdf", document())
    kept = stored(file)
    assert set(kept) == {"", "-small.webp", "-medium.webp", "-large.webp"}
    assert kept[""] == document()
    assert (file.content_type, file.width, file.height) == ("application/pdf", 1366, 2048)
    assert not file.is_picture
    small = opened(kept["-small.webp"])
    assert max(small.size) == 480
    assert min(small.convert("L").getextrema()) < 128, "something is written on it"


DOCUMENTS = {
    "nothing": b"%PDF-1.7",
    "cut": document()[:400],
    "script": document().replace(
        b"/Type /Catalog", b"/Type /Catalog /OpenAction << /S /JavaScript /JS (app.alert(1)) >>"
    ),
    "large": document().replace(b"0 0 200 300", b"0 0 9999999 3"),
    "noise": b"%PDF-1.7\n" + bytes(range(256)) * 40,
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_taken_whether_its_first_page_can_be_drawn_or_not(taken: Any, name: str) -> None:
    file = taken("sheet.pdf", DOCUMENTS[name])
    assert stored(file)[""] == DOCUMENTS[name]
    assert file.content_type == "application/pdf"


def test_a_document_that_is_an_archive_is_not_unpacked(taken: Any) -> None:
    bomb = b"PK\x03\x04" + zlib.compress(bytes(1_000_000), 9)
    file = taken("plan.docx", bomb)
    assert (stored(file), file.width) == ({"": bomb}, None)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_bytes_come_are_pixels_or_a_sentence(cast: Cast, data: Any) -> None:
    form = data.draw(st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"]))
    content = bytearray(picture(form, (40, 30)))
    for place, byte in data.draw(
        st.lists(st.tuples(st.integers(12, len(content) - 1), st.integers(0, 255)), max_size=20)
    ):
        content[place] = byte
    upload = SimpleUploadedFile(f"board.{form.lower().replace('jpeg', 'jpg')}", bytes(content))
    with suppress(UploadError):
        receive(upload=upload, by=cast.participant)
    for file in File.objects.all():
        for kept in stored(file).values():
            assert opened(kept).format in ("WEBP", "JPEG")
        file.delete()
