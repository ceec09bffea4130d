"""Encode a picture, or the first page of a document, anew. `messaging.files.pictures` runs it.

    python -I decoding.py picture|portrait|document < the file

Reads a file that a stranger made from its standard input, writes what is kept of it into the working folder,
and prints a JSON object with `width` and `height`, or with `refused`, why nothing can be made. It imports
nothing of ours, gets no environment and no socket, and bounds itself before it reads a byte.
"""

import io
import json
import os
import resource
import sys
from typing import Any

MEMORY_BYTES = 1024 * 1024 * 1024
"""Of address space, libraries included."""
CPU_SECONDS = 20
OUTPUT_BYTES = 32 * 1024 * 1024
"""Of one written file."""
OPEN_FILES = 32
NICENESS = 10
"""Behind pages and the chat."""

MAX_PIXELS = 50_000_000
"""More than phones take. A picture of as many takes 200 MB while it is decoded."""
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "HEIF")
SIZES = {"small": 480, "medium": 1080, "large": 2048}
"""The longer side of each size in pixels, at most."""
PORTRAIT_PIXELS = 480
"""The side of a picture of a person, which is square."""
SMALL_BYTES = 12_000
"""A page shows twenty small ones."""
SMALL_QUALITIES = (72, 58, 44, 32, 22)
SMALLER_PIXELS = 320
"""The longer side of a small picture that even the last quality leaves too heavy."""
QUALITIES = {"medium": 74, "large": 78}
JPEG_QUALITY = 85
WHITE = (255, 255, 255)


class CannotError(Exception):
    """Nothing can be made of this file; the argument says why: "pixels" or "broken"."""


def _bound() -> None:
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, OUTPUT_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    os.nice(NICENESS)


def _picture(source: Any) -> Any:
    """The first frame, upright, in sRGB, on white, no larger than the largest size; nothing beside it."""
    from PIL import Image, ImageOps
    from pillow_heif import register_heif_opener

    register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = None  # it would only warn of what is refused here
    opened = Image.open(source, formats=FORMATS)
    if opened.width * opened.height > MAX_PIXELS:
        raise CannotError("pixels")
    profile = opened.info.get("icc_profile")
    picture: Any = opened
    if picture.mode in ("P", "PA"):
        picture = picture.convert("RGBA")
    elif picture.mode.startswith("I"):
        # 16 bits for each grey value, such as a scan.
        picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    picture.thumbnail((SIZES["large"], SIZES["large"]), Image.Resampling.LANCZOS, reducing_gap=2.0)
    picture.info["exif"] = opened.info.get("exif", b"")
    picture = ImageOps.exif_transpose(picture)
    picture = _flattened(_in_srgb(picture, profile))
    # A new picture of the pixels alone: nothing that stood beside them can be written again.
    return Image.frombytes("RGB", picture.size, picture.tobytes())


def _in_srgb(picture: Any, profile: bytes | None) -> Any:
    from PIL import ImageCms

    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return picture
    mode = picture.mode if picture.mode in ("RGB", "RGBA") else "RGB"
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture  # a profile of another mode, or a broken one


def _flattened(picture: Any) -> Any:
    """On white, as on paper: a black drawing on nothing would not be seen in the dark."""
    from PIL import Image

    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    picture = picture.convert("RGBA")
    ground = Image.new("RGB", picture.size, WHITE)
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def _first_page(source: Any) -> Any:
    import pypdfium2

    document = pypdfium2.PdfDocument(source.read())
    page = document[0]
    longest = max(page.get_size())
    if not 1 <= longest < 1_000_000:
        raise CannotError("broken")
    drawn = page.render(scale=SIZES["large"] / longest, may_draw_forms=False)
    return drawn.to_pil().convert("RGB")


def _portrait(picture: Any) -> Any:
    """The square in the middle of a picture."""
    from PIL import Image, ImageOps

    side = min(*picture.size, PORTRAIT_PIXELS)
    return ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS)


def _smaller(picture: Any, longest: int) -> Any:
    from PIL import Image

    copy = picture.copy()
    copy.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return copy


def _small(picture: Any) -> bytes:
    """The small picture, of the best quality that is light enough."""
    encoded = b""
    for longest in (SIZES["small"], SMALLER_PIXELS):
        small = _smaller(picture, longest)
        for quality in SMALL_QUALITIES:
            encoded = _encoded(small, "WEBP", quality=quality, method=5)
            if len(encoded) <= SMALL_BYTES:
                return encoded
    return encoded


def _encoded(picture: Any, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def _write(name: str, content: bytes) -> None:
    with open(name, "wb") as file:
        file.write(content)


def make(kind: str, source: Any) -> dict[str, Any]:
    """Write the sizes of a picture or of a document's first page into the working folder.

    Returns the width and height of the large one. Raises whatever a broken file makes the libraries raise.
    """
    picture = _first_page(source) if kind == "document" else _picture(source)
    if kind == "portrait":
        picture = _portrait(picture)
    _write("small.webp", _small(picture))
    medium = _smaller(picture, SIZES["medium"])
    for size, shown in (("medium", medium), ("large", picture)):
        _write(f"{size}.webp", _encoded(shown, "WEBP", quality=QUALITIES[size], method=4))
    if kind != "document":
        _write("medium.jpg", _encoded(medium, "JPEG", quality=JPEG_QUALITY, optimize=True))
        _write("kept.jpg", _encoded(picture, "JPEG", quality=JPEG_QUALITY, optimize=True))
    return {"width": picture.width, "height": picture.height}


def main() -> None:
    """The program."""
    _bound()
    try:
        said = make(sys.argv[1], sys.stdin.buffer)
    except CannotError as why:
        said = {"refused": str(why)}
    except Exception:
        said = {"refused": "broken"}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
