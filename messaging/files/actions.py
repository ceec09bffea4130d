"""Receive files and attach them. The subject of the thing checks whether the user may add a file to it."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple

from django.conf import settings
from django.core.files import File as Opened
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext, ngettext

from messaging.files.file_types import UploadError, check_size, content_type_of, is_picture, safe_name
from messaging.files.models import MAX_ALT_CHARS, WAITING, File, Upload, place_of
from messaging.files.pictures import DERIVED, FALLBACK, KEPT, PICTURE_TYPE, Made, encoded, turn_of_a_form

MAX_FILES_PER_THING = 10
MAX_WAITING_FILES = 100
"""Of one person, on their way or waiting for their post."""
WITH_FIRST_PAGE = "application/pdf"


class Attached(NamedTuple):
    """The files of a post as its form has them: in their order, and what can be seen on pictures."""

    keys: tuple[uuid.UUID, ...] = ()
    alts: tuple[tuple[uuid.UUID, str], ...] = ()


def check(upload: UploadedFile) -> tuple[str, str]:
    """The name and content type to store an upload with. Raises UploadError if it is not accepted."""
    name = safe_name(upload.name or "")
    content_type = content_type_of(name, upload) if upload.size else ""
    check_size(content_type, upload.size or 0)
    return name, content_type


def require_room(*, by: Any, size: int) -> None:
    """Raises UploadError when this person has too much that is attached to nothing."""
    taken = count = 0
    for rows in (File.objects.waiting_of(by), Upload.objects.filter(uploaded_by=by)):
        found = rows.aggregate(bytes=Sum("size", default=0))
        taken += found["bytes"]
        count += rows.count()
    if taken + size > settings.WAITING_LIMIT_BYTES or count >= MAX_WAITING_FILES:
        raise UploadError(
            gettext("You’ve added many files that you haven’t sent yet. Send what you’re writing first.")
        )


def receive(
    *, upload: UploadedFile, by: Any, client_id: uuid.UUID | None = None, shape: str = "picture"
) -> File:
    """Store an upload that came with a form; it waits for its post. Idempotent: the same `client_id` returns
    the first. Of a picture with the shape "portrait" only the square in its middle is kept.

    Raises UploadError if it is not accepted. Decodes pictures, so no transaction may be open.
    """
    name, content_type = check(upload)
    mine = File.objects.filter(uploaded_by=by, client_id=client_id)
    if client_id is not None and (first := mine.first()) is not None:
        return first
    require_room(by=by, size=upload.size or 0)
    file = File(name=name, content_type=content_type, size=upload.size or 0, uploaded_by=by)
    file.client_id = client_id
    with turn_of_a_form(), _on_disk(upload) as source:
        keep_bytes(file, source, shape)
    try:
        with transaction.atomic():
            file.save()
    except IntegrityError:
        # The same form was sent twice concurrently, and the other request was first.
        file.delete_bytes()
        return mine.get()
    return file


def keep_bytes(file: File, source: Path, shape: str = "picture") -> None:
    """Store the bytes of a file under its key, a picture encoded anew, and set what is known of them.

    Raises UploadError for a picture that cannot be decoded.
    """
    if is_picture(file.content_type):
        with encoded(source, shape) as made:
            keep_picture(file, made)
        return
    place = file.blob.name = place_of(file.key)
    if file.content_type == WITH_FIRST_PAGE:
        with suppress(UploadError), encoded(source, "document") as made:
            _keep_sizes(file, made, DERIVED)
    _write(place, source)


def keep_picture(file: File, made: Made) -> None:
    """Store what was made of a picture under the key of a file, and set what is known of it."""
    place = file.blob.name = place_of(file.key)
    _keep_sizes(file, made, (*DERIVED, FALLBACK))
    _write(place, made.folder / KEPT)
    file.size = (made.folder / KEPT).stat().st_size
    file.name = f"{file.name.rpartition('.')[0]}.jpg"
    file.content_type = PICTURE_TYPE


def _keep_sizes(file: File, made: Made, names: Iterable[str]) -> None:
    for name in names:
        _write(f"{file.blob.name}-{name}", made.folder / name)
    file.width, file.height = made.width, made.height


def _write(place: str, source: Path) -> None:
    default_storage.delete(place)  # of a process that was killed
    with source.open("rb") as opened:
        default_storage.save(place, Opened(opened))


@contextmanager
def _on_disk(upload: UploadedFile) -> Iterator[Path]:
    if isinstance(upload, TemporaryUploadedFile):
        upload.seek(0)
        yield Path(upload.temporary_file_path())
        return
    with NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as copy:
        for chunk in upload.chunks():
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


@transaction.atomic
def attach(
    *,
    kind: str,
    thing_id: int,
    keys: Sequence[uuid.UUID],
    by: Any,
    alts: Mapping[uuid.UUID, str] | None = None,
) -> bool:
    """Let a thing have exactly these files, in this order: those it has, and waiting ones of `by`. What it
    had beside them waits again, for the person who uploaded it alone, until housekeeping deletes it.

    `alts` says what can be seen on pictures; those that it does not name keep theirs. Returns whether
    anything changed. Raises UploadError for
    more than MAX_FILES_PER_THING, and for a file that is neither.
    """
    if len(set(keys)) > MAX_FILES_PER_THING:
        raise UploadError(too_many_files())
    known = Q(kind=kind, thing_id=thing_id) | Q(kind=WAITING, uploaded_by=by, key__in=keys)
    files = {file.key: file for file in File.objects.select_for_update().filter(known).order_by("pk")}
    if not files.keys() >= set(keys):
        raise UploadError(gettext("One of your files is no longer here. Please add it again."))
    before = {key: (file.thing_id, file.position, file.alt) for key, file in files.items()}
    for file in files.values():
        file.kind, file.thing_id = WAITING, None
    for position, key in enumerate(dict.fromkeys(keys)):
        file = files[key]
        file.kind, file.thing_id, file.position = kind, thing_id, position
        if alts is not None and key in alts:
            file.alt = alts[key][:MAX_ALT_CHARS]
    changed = [file for key, file in files.items() if (file.thing_id, file.position, file.alt) != before[key]]
    if changed:
        File.objects.bulk_update(changed, ["kind", "thing_id", "position", "alt"])
    return bool(changed)


def too_many_files() -> str:
    """Why no more files can be added to a post."""
    return ngettext(
        "A post can have at most %(count)d file.",
        "A post can have at most %(count)d files.",
        MAX_FILES_PER_THING,
    ) % {"count": MAX_FILES_PER_THING}


def store_upload(*, kind: str, thing_id: int, upload: UploadedFile, by: Any) -> File:
    """Receive an upload as the file of a thing that has no other, and return it.

    Raises UploadError if it is not accepted.
    """
    file = receive(upload=upload, by=by)
    attach(kind=kind, thing_id=thing_id, keys=[file.key], by=by)
    file.refresh_from_db()
    return file


def delete_waiting(*, file: File, by: Any) -> None:
    """Delete a file of one's own that is attached to nothing; others are left alone."""
    if File.objects.waiting_of(by).filter(pk=file.pk).delete()[0]:
        file.delete_bytes()


@transaction.atomic
def delete_files_of(kind: str, thing_ids: Iterable[int]) -> None:
    """Delete the files of these things, and their bytes after the commit. If this process is killed in
    between, housekeeping deletes the bytes."""
    for file in File.objects.filter(kind=kind, thing_id__in=list(thing_ids)):
        file.delete()
        transaction.on_commit(file.delete_bytes)


def keys_of(kind: str, thing_id: int) -> list[str]:
    """The keys of the files of a thing, in their order, as a form has them."""
    keys = File.objects.filter(kind=kind, thing_id=thing_id).order_by("position", "pk")
    return [key.hex for key in keys.values_list("key", flat=True)]


def files_of(kind: str, thing_ids: Iterable[int]) -> dict[int, File]:
    """The newest file of each of these things, by the thing's id; one query."""
    rows = File.objects.filter(kind=kind, thing_id__in=list(thing_ids)).order_by("pk")
    return {file.thing_id: file for file in rows if file.thing_id is not None}
