"""Adding materials to a course group, removing and restoring them."""

import datetime as dt
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext

from common import clock
from common.access import Refused, require
from followup.courses.models import Run
from followup.courses.permissions import can_add_materials
from followup.materials.models import KIND, Material
from messaging.files.actions import attach, delete_waiting, files_of, receive
from messaging.files.models import File

if TYPE_CHECKING:
    from community.people.models import User

PIECE_BYTES = 64 * 1024
IDEMPOTENT_FOR = dt.timedelta(minutes=1)
"""Adding the same material again within this time is taken for a double click."""


def add_material(
    *, run: Run, title: str, link: str = "", upload: UploadedFile | None = None, by: "User"
) -> Material:
    """Add a link or a file to a group's materials. Idempotent for a minute.

    Raises Refused for everybody but the group's managers and trainers, and unless it is one of the two; and
    UploadError for a file that is not accepted. Returns the material.
    """
    require(can_add_materials(by, run), gettext("Only a trainer or the institute can add materials."))
    if bool(link) == bool(upload):
        raise Refused(gettext("Add either a link or a file."))
    # A picture takes seconds to decode, so this is done before anything is locked.
    file = receive(upload=upload, by=by) if upload else None
    material = _add(run, title, link, file, by)
    if file is not None:
        delete_waiting(file=file, by=by)  # if it was there already
    return material


@transaction.atomic
def _add(run: Run, title: str, link: str, file: File | None, by: "User") -> Material:
    # Serializes concurrent submissions of the same form.
    Run.objects.select_for_update(of=("self",)).get(pk=run.pk)
    recent = Material.objects.filter(run=run, removed_at=None, added_at__gt=clock.now() - IDEMPOTENT_FOR)
    for same in recent.filter(title=title, link=link, added_by=by):
        if file is None or _has_file(same, file):
            return same
    material = Material.objects.create(run=run, title=title, link=link, added_by=by)
    if file is not None:
        attach(kind=KIND, thing_id=material.pk, keys=[file.key], by=by)
    return material


def _has_file(material: Material, sent: File) -> bool:
    file = files_of(KIND, [material.pk]).get(material.pk)
    if file is None or (file.name, file.size) != (sent.name, sent.size):
        return False
    with file.blob.open("rb") as kept, sent.blob.open("rb") as new:
        # Piece by piece, since each may have twenty megabytes.
        while (piece := kept.read(PIECE_BYTES)) == new.read(PIECE_BYTES):
            if not piece:
                return True
    return False


@transaction.atomic
def remove_material(*, material: Material, by: "User") -> None:
    """Remove a material; it can be restored. Raises Refused for all but managers and trainers."""
    require(can_add_materials(by, material.run), gettext("Only a trainer or the institute can do this."))
    Material.objects.filter(pk=material.pk, removed_at=None).update(removed_at=clock.now(), removed_by=by)


@transaction.atomic
def restore_material(*, material: Material, by: "User") -> None:
    """Restore a removed material. Raises Refused for all but managers and trainers."""
    require(can_add_materials(by, material.run), gettext("Only a trainer or the institute can do this."))
    Material.objects.filter(pk=material.pk).update(removed_at=None, removed_by=None)
