"""What was just taken away, kept in a signed note for ten minutes, so that one button puts it back.

The note travels through the browser: nothing is kept for those who do not change their mind.
"""

import datetime as dt
from typing import Any

from django.core import signing
from django.http import HttpRequest

from common import clock

TIME = dt.timedelta(minutes=10)


def note(kind: str, **what: Any) -> str:
    """A note of what was taken away; the values must be plain ones."""
    return signing.dumps({**what, "at": clock.now().timestamp()}, salt=f"undo {kind}")


def read(kind: str, written: str) -> dict[str, Any] | None:
    """What a note of this kind says, unless it is not ours or too old."""
    try:
        what: dict[str, Any] = signing.loads(written, salt=f"undo {kind}")
    except signing.BadSignature:
        return None
    age = clock.now().timestamp() - what.pop("at")
    return what if age < TIME.total_seconds() else None


def offered(request: HttpRequest, kind: str) -> dict[str, Any] | None:
    """What the page may offer to put back: the note in `?undo=`, and what it says."""
    written = request.GET.get("undo", "")
    what = read(kind, written) if written else None
    return {**what, "note": written} if what else None
