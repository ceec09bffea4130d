"""Undoing a removal for ten minutes: what was removed travels through the browser in a signed note.

The note is valid for one owner only (an institute, a course group), so that one made there is refused
elsewhere. It is part of a URL, and URLs end in the logs of proxies: it holds ids, never names.
"""

import datetime as dt
from typing import Any

from django.core import signing
from django.db.models import Model
from django.http import HttpRequest

from common import clock

VALID_FOR = dt.timedelta(minutes=10)


def note(kind: str, owner: Model, **ids: int | str) -> str:
    """A signed note of what was removed from this owner."""
    return signing.dumps({**ids, "at": clock.now().timestamp()}, salt=_salt(kind, owner))


def read(kind: str, owner: Model, written: str) -> dict[str, Any] | None:
    """The ids in a note of this kind and owner; None if it is forged, of another owner, or too old."""
    try:
        ids: dict[str, Any] = signing.loads(written, salt=_salt(kind, owner))
    except signing.BadSignature:
        return None
    age = clock.now().timestamp() - ids.pop("at")
    return ids if age < VALID_FOR.total_seconds() else None


def offered(request: HttpRequest, kind: str, owner: Model) -> dict[str, Any] | None:
    """What this page may offer to restore: the ids in the note of `?undo=`, and the `note` itself."""
    written = request.GET.get("undo", "")
    ids = read(kind, owner, written) if written else None
    return {**ids, "note": written} if ids else None


def _salt(kind: str, owner: Model) -> str:
    return f"undo {kind} {owner._meta.label} {owner.pk}"
