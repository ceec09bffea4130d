"""Drafts: form content saved on the account while the user types, so that it survives a closed browser."""

import json
from typing import Any

from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils.translation import gettext

from common import clock
from common.access import require
from community.people.invitations import is_local
from community.people.models import Draft, User

MAX_FIELDS_BYTES = 160 * 1024
"""Of the fields of one draft, as JSON."""
MAX_DRAFTS_PER_USER = 50
"""The oldest is deleted for a new one."""
MAX_PATH_CHARS = 200
MAX_TITLE_CHARS = 200


@transaction.atomic
def save(*, user: User, path: str, title: str, fields: dict[str, str]) -> Draft | None:
    """Save the fields of the form at a path; without fields, delete the draft. Returns the draft or None.

    The values of a field with several are joined by line feeds. Raises Refused for a path of another site and
    for a draft that is too long.
    """
    require(
        is_local(path) and len(path) <= MAX_PATH_CHARS,
        gettext("This draft can’t be kept: it doesn’t belong to a page on this site."),
    )
    if not fields:
        delete_draft(user, path)
        return None
    size = len(json.dumps(fields, ensure_ascii=False).encode())
    require(size <= MAX_FIELDS_BYTES, gettext("This draft is too long to save."))
    draft, new = Draft.objects.update_or_create(
        user=user,
        place=path,
        defaults={"title": title[:MAX_TITLE_CHARS], "fields": fields, "saved_at": clock.now()},
    )
    if new:
        newest = Draft.objects.filter(user=user).order_by("-saved_at", "-pk").values_list("pk", flat=True)
        Draft.objects.filter(user=user).exclude(pk__in=list(newest[:MAX_DRAFTS_PER_USER])).delete()
    return draft


def delete_draft(user: User, path: str) -> None:
    """Delete the draft at a path, if there is one."""
    # One statement; nothing refers to a draft, so there is nothing else to delete in a transaction with it.
    Draft.objects.filter(user=user, place=path)._raw_delete(DEFAULT_DB_ALIAS)


def get_draft(user: User, path: str) -> dict[str, Any]:
    """The draft at a path as the page's script reads it; empty when there is none."""
    draft = Draft.objects.filter(user=user, place=path).first()
    if draft is None:
        return {"title": "", "fields": {}, "saved_at": None}
    return {"title": draft.title, "fields": draft.fields, "saved_at": draft.saved_at.isoformat()}
