"""Undoing a removal for ten minutes: a signed token in the URL says what was removed.

A token is valid for one owner only (an institute, a course group) and refused for others. URLs end up in the
logs of proxies, so it contains ids, never names.
"""

import datetime as dt
from typing import Any

from django.core import signing
from django.db.models import Model
from django.http import HttpRequest

from common import clock

TOKEN_LIFETIME = dt.timedelta(minutes=10)


def create_token(kind: str, owner: Model, **ids: int | str) -> str:
    """A signed token with the ids of what was removed from this owner."""
    return signing.dumps({**ids, "at": clock.now().timestamp()}, salt=_salt(kind, owner))


def read_token(kind: str, owner: Model, token: str) -> dict[str, Any] | None:
    """The ids in a token of this kind and owner; None if it is forged, of another owner, or expired."""
    try:
        ids: dict[str, Any] = signing.loads(token, salt=_salt(kind, owner))
    except signing.BadSignature:
        return None
    age = clock.now().timestamp() - ids.pop("at")
    return ids if age < TOKEN_LIFETIME.total_seconds() else None


def offered_undo(request: HttpRequest, kind: str, owner: Model) -> dict[str, Any] | None:
    """What this page may offer to restore: the ids in the token of `?undo=`, and the token itself as
    `note`."""
    token = request.GET.get("undo", "")
    ids = read_token(kind, owner, token) if token else None
    return {**ids, "note": token} if ids else None


def _salt(kind: str, owner: Model) -> str:
    return f"undo {kind} {owner._meta.label} {owner.pk}"
