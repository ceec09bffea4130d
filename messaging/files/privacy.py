"""What files know about a person: export and erase."""

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
    return {"files": [{"name": each.name, "on": each.uploaded_at.isoformat()} for each in files]}


def erase(user: "User") -> None:
    """A file stays with its thing; who uploaded it is removed."""
    File.objects.filter(uploaded_by=user).update(uploaded_by=None)
