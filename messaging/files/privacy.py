"""Personal data in files: exporting and erasing it."""

from typing import TYPE_CHECKING, Any

from common import privacy
from messaging.files.actions import delete_waiting
from messaging.files.models import WAITING, File, Upload
from messaging.files.upload_actions import discard

if TYPE_CHECKING:
    from community.people.models import User


FIELDS = ("messaging.File.uploaded_by", "messaging.Upload.uploaded_by")


def register() -> None:
    """Register export and erase of files."""
    privacy.register("files", export_for, erase, FIELDS)


def export_for(user: "User") -> dict[str, Any]:
    """The files this person uploaded; each can be downloaded where it is attached."""
    files = File.objects.filter(uploaded_by=user).order_by("pk")
    return {
        "files": [
            {
                "name": file.name,
                "on": file.uploaded_at.isoformat(),
                "what_can_be_seen": file.alt,
                "attached": file.kind != WAITING,
                "address": file.get_absolute_url(),
            }
            for file in files
        ],
        "on_their_way": [{"name": upload.name} for upload in Upload.objects.filter(uploaded_by=user)],
    }


def erase(user: "User") -> None:
    """Delete what waits or is on its way. The other files stay with their things, by whose rules they are
    deleted, without who uploaded them."""
    for upload in Upload.objects.filter(uploaded_by=user):
        discard(upload)
    for file in File.objects.waiting_of(user):
        delete_waiting(file=file, by=user)
    File.objects.filter(uploaded_by=user).update(uploaded_by=None, client_id=None)
