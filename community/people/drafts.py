"""What people are writing, kept on their account while they type, so that it survives a closed lid."""

import json
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from common import clock
from common.access import require
from community.people.invitations import is_local
from community.people.models import Draft, User

SIZE_LIMIT = 60 * 1024
"""Bytes the fields of one draft may have."""
NUMBER_LIMIT = 50
"""Drafts one person may have; the oldest makes room for a new one."""
PLACE_LIMIT = 200
TITLE_LIMIT = 200


@transaction.atomic
def save(*, user: User, place: str, title: str, fields: dict[str, str]) -> Draft | None:
    """Keep what the form at a place holds now: each field's value (several, a line each). Empty: no draft."""
    require(is_local(place) and len(place) <= PLACE_LIMIT, gettext("A draft belongs to a page of ours."))
    if not fields:
        drop(user, place)
        return None
    size = len(json.dumps(fields, ensure_ascii=False).encode())
    require(size <= SIZE_LIMIT, gettext("This draft is too long to keep."))
    draft, new = Draft.objects.update_or_create(
        user=user,
        place=place,
        defaults={"title": title[:TITLE_LIMIT], "fields": fields, "saved_at": clock.now()},
    )
    if new:
        kept = Draft.objects.filter(user=user).order_by("-saved_at", "-pk").values_list("pk", flat=True)
        Draft.objects.filter(user=user).exclude(pk__in=list(kept[:NUMBER_LIMIT])).delete()
    return draft


def drop(user: User, place: str) -> None:
    """Forget a draft: what it was for has been sent, or is not wanted. None there is fine."""
    Draft.objects.filter(user=user, place=place).delete()


def at(user: User, place: str) -> dict[str, Any]:
    """What is kept for a place, as the page's own script reads it; without a draft, nothing in it."""
    draft = Draft.objects.filter(user=user, place=place).first()
    if draft is None:
        return {"title": "", "fields": {}, "saved_at": None}
    return {"title": draft.title, "fields": draft.fields, "saved_at": draft.saved_at.isoformat()}
