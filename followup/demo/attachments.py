"""The files of the demo's posts.

Whatever strangers send is decoded in a process of its own. The demo's pictures are ours and already of a size
that is shown, so they are stored as they are, beside a small one: a second of processor time for all of them,
where the process would take ten.
"""

import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from community.people.models import User
from followup.demo.fixtures import Shown
from messaging.files.actions import Attached, keep_picture, receive
from messaging.files.models import File
from messaging.files.pictures import DERIVED, FALLBACK, KEPT, Made

PICTURE = ".webp"
"""How the names of pictures end; everything else is received as from a form."""
SMALL_PIXELS = 480
SMALL_QUALITY = 50
JPEG_QUALITY = 80


class Attachments:
    """Receives files, and makes the sizes of a picture once, however often it is shown."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._made = cache(self._make)

    def receive(self, shown: Sequence[Shown], by: User) -> Attached:
        """These files, waiting for the post that shows them."""
        files = [self._receive(each, by) for each in shown]
        alts = [(file.key, each.alt) for file, each in zip(files, shown, strict=True) if each.alt]
        return Attached(tuple(file.key for file in files), tuple(alts))

    def close(self) -> None:
        """Delete what was made."""
        self._folder.cleanup()

    def _receive(self, shown: Shown, by: User) -> File:
        path = shown.path
        if path.suffix != PICTURE:
            return receive(upload=SimpleUploadedFile(path.name, path.read_bytes()), by=by)
        file = File(name=path.name, uploaded_by=by)
        keep_picture(file, self._made(path))
        file.save()
        return file

    def _make(self, path: Path) -> Made:
        folder = Path(tempfile.mkdtemp(dir=self._folder.name))
        picture = Image.open(path).convert("RGB")
        for name in DERIVED:
            shutil.copyfile(path, folder / name)
        picture.save(folder / KEPT, "JPEG", quality=JPEG_QUALITY)
        shutil.copyfile(folder / KEPT, folder / FALLBACK)
        small = picture.copy()
        small.thumbnail((SMALL_PIXELS, SMALL_PIXELS), Image.Resampling.BICUBIC)
        small.save(folder / "small.webp", quality=SMALL_QUALITY, method=2)
        return Made(folder, picture.width, picture.height)
