"""Personal data in files: exporting and erasing it."""

from typing import TYPE_CHECKING, Any

from common import privacy
from messaging.files.models import File

if TYPE_CHECKING:
    from community.people.models import User


def register() -> None:
    """Register export and erase of files."""
    privacy.register("files", export_for, erase, ["messaging.File.uploaded_by"])


def export_for(user: "User") -> dict[str, Any]:
    """The files this person uploaded; each can be downloaded where it is attached."""
    files = File.objects.filter(uploaded_by=user).order_by("pk")
    return {"files": [{"name": file.name, "on": file.uploaded_at.isoformat()} for file in files]}


def erase(user: "User") -> None:
    """Clear `uploaded_by`; the files stay with their things."""
    File.objects.filter(uploaded_by=user).update(uploaded_by=None)
