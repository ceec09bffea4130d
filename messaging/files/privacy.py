"""What of a person is kept with files, and how it lets go of it."""

from typing import TYPE_CHECKING, Any

from common import privacy
from messaging.files.models import File

if TYPE_CHECKING:
    from community.people.models import User


def register() -> None:
    """Answer for files."""
    privacy.register("files", export_for, erase, ["messaging.File.uploaded_by"])


def export_for(user: "User") -> dict[str, Any]:
    """The files this person put in; each can be fetched where it hangs."""
    files = File.objects.filter(uploaded_by=user).order_by("pk")
    return {"files": [{"name": each.name, "on": each.uploaded_at.isoformat()} for each in files]}


def erase(user: "User") -> None:
    """A material stays with its space; who put it there is forgotten."""
    File.objects.filter(uploaded_by=user).update(uploaded_by=None)
