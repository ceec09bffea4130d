"""Delete files that no row of a subject references, and stored bytes that no `File` row references."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from uuid import UUID

from django.core.files.storage import default_storage

from common import clock
from messaging.files.models import FOLDER, PARTIAL_FOLDER, WAITING, File, Upload
from messaging.files.upload_actions import discard
from messaging.jobs.due import out_of_time

KEEP_WAITING = dt.timedelta(days=30)
"""How long a file may wait for its post: the draft that names it is on the account."""
KEEP_UPLOADS = dt.timedelta(days=7)
"""How long an upload may be taken up again."""
KEEP_BLOBS = dt.timedelta(days=1)
"""How long bytes without a row are kept: the transaction of their upload may still be open."""
FILES_PER_QUERY = 500
KEY_NAME = re.compile(r"[0-9a-f]{32}")
"""The names that uploads have; whatever else lies there has no row."""

StillNeeded = Callable[[Iterable[int]], set[int]]
_still_needed: dict[str, StillNeeded] = {}
_resume_after_file: dict[str, int] = {}
_resume_after_folder = ""
"""Where a run that was out of time stopped, so that the next one reaches the rest."""


def register_owner(kind: str, still_needed: StillNeeded) -> None:
    """Register the function that returns which things of a kind (ids) still need their files.

    Files of a kind without such a function are never deleted.
    """
    _still_needed[kind] = still_needed


def delete_files(size: int) -> int:
    """Delete at most `size` files that their owner does not need any more. Returns how many."""
    deleted = 0
    for file in _not_needed():
        file.delete()
        # If we are killed here, the bytes have no row any more and are deleted as such.
        file.delete_bytes()
        deleted += 1
        if deleted == size or out_of_time():
            break
    return deleted


def delete_waiting(size: int) -> int:
    """Delete at most `size` files that nobody attached to anything, and uploads that nobody went on with.
    Returns how many."""
    waiting = File.objects.filter(kind=WAITING, uploaded_at__lt=clock.now() - KEEP_WAITING).order_by("pk")
    deleted = 0
    for file in waiting[:size]:
        # Somebody may just be attaching it.
        if File.objects.filter(pk=file.pk, kind=WAITING).delete()[0]:
            file.delete_bytes()
        deleted += 1
    stale = Upload.objects.filter(started_at__lt=clock.now() - KEEP_UPLOADS).order_by("pk")
    for upload in stale[: size - deleted]:
        discard(upload)
        deleted += 1
    return deleted


def delete_blobs(size: int) -> int:
    """Delete the bytes of at most `size` files that have no row. Returns how many."""
    deleted = 0
    for name in chain(_without_row(), _without_upload()):
        if default_storage.get_modified_time(name) < clock.now() - KEEP_BLOBS:
            default_storage.delete(name)
            deleted += 1
        if deleted == size or out_of_time():
            break
    return deleted


def _not_needed() -> Iterator[File]:
    for kind, still_needed in _still_needed.items():
        last = _resume_after_file.get(kind, 0)
        while files := list(File.objects.filter(kind=kind, pk__gt=last).order_by("pk")[:FILES_PER_QUERY]):
            if out_of_time():
                return
            last = files[-1].pk
            needed = still_needed({file.thing_id for file in files if file.thing_id is not None})
            yield from (file for file in files if file.thing_id not in needed)
            _resume_after_file[kind] = last
        _resume_after_file.pop(kind, None)


def _without_row() -> Iterator[str]:
    global _resume_after_folder
    if not default_storage.exists(FOLDER):
        return
    for folder in sorted(default_storage.listdir(FOLDER)[0]):
        if folder <= _resume_after_folder:
            continue
        if out_of_time():
            return
        stored = {f"{FOLDER}/{folder}/{name}" for name in default_storage.listdir(f"{FOLDER}/{folder}")[1]}
        with_row = File.objects.filter(blob__startswith=f"{FOLDER}/{folder}/").values_list("blob", flat=True)
        kept = set(with_row)
        # The sizes of a picture belong to the row of its key.
        yield from sorted(name for name in stored if name.partition("-")[0] not in kept)
        _resume_after_folder = folder
    _resume_after_folder = ""


def _without_upload() -> Iterator[str]:
    if not default_storage.exists(PARTIAL_FOLDER) or out_of_time():
        return
    names = set(default_storage.listdir(PARTIAL_FOLDER)[1])
    keys = [UUID(name) for name in names if KEY_NAME.fullmatch(name)]
    names -= {key.hex for key in Upload.objects.filter(key__in=keys).values_list("key", flat=True)}
    yield from sorted(f"{PARTIAL_FOLDER}/{name}" for name in names)
