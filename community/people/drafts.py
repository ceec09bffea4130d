"""Drafts: form content saved on the account while somebody types, so that it survives a closed browser."""

import json
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from common import clock
from common.access import require
from community.people.invitations import is_local
from community.people.models import Draft, User

MAX_BYTES = 60 * 1024
"""Of the fields of one draft, as JSON."""
MAX_DRAFTS = 50
"""Per person; the oldest is deleted for a new one."""
MAX_PLACE_LENGTH = 200
MAX_TITLE_LENGTH = 200


@transaction.atomic
def save(*, user: User, place: str, title: str, fields: dict[str, str]) -> Draft | None:
    """Save the fields of the form at a path; without fields, delete the draft. Returns the draft or None.

    A field with several values has a line for each. Raises Refused for a path of another site and for a draft
    that is too long.
    """
    require(is_local(place) and len(place) <= MAX_PLACE_LENGTH, gettext("A draft belongs to a page of ours."))
    if not fields:
        delete_draft(user, place)
        return None
    size = len(json.dumps(fields, ensure_ascii=False).encode())
    require(size <= MAX_BYTES, gettext("This draft is too long to keep."))
    draft, new = Draft.objects.update_or_create(
        user=user,
        place=place,
        defaults={"title": title[:MAX_TITLE_LENGTH], "fields": fields, "saved_at": clock.now()},
    )
    if new:
        kept = Draft.objects.filter(user=user).order_by("-saved_at", "-pk").values_list("pk", flat=True)
        Draft.objects.filter(user=user).exclude(pk__in=list(kept[:MAX_DRAFTS])).delete()
    return draft


def delete_draft(user: User, place: str) -> None:
    """Delete the draft at a path, if there is one."""
    Draft.objects.filter(user=user, place=place).delete()


def get_draft(user: User, place: str) -> dict[str, Any]:
    """The draft at a path as the page's script reads it; empty when there is none."""
    draft = Draft.objects.filter(user=user, place=place).first()
    if draft is None:
        return {"title": "", "fields": {}, "saved_at": None}
    return {"title": draft.title, "fields": draft.fields, "saved_at": draft.saved_at.isoformat()}
