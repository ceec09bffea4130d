"""Publishing and editing practices and try-outs. Withdrawing is in `posts.actions`."""

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from common import clock
from common.access import require
from common.sources import written_together
from community.posts.actions import lock_post
from community.posts.permissions import can_edit
from community.practices import news
from community.practices.models import Practice
from community.spaces.actions import admit_writing_staff
from community.spaces.models import Space
from community.spaces.permissions import can_add_practice, why_no_practice

if TYPE_CHECKING:
    from community.people.models import User

PARTS = Practice.SOURCES
"""The four parts of a practice, in order; each is stored as written and as HTML."""


@dataclass(frozen=True)
class PracticeText:
    """The text of a practice as sent (see `common.sources`). The language defaults to that of the space."""

    title: str
    context: str
    tried: str
    happened: str
    change: str = ""
    setting: str = ""
    language: str = ""


@transaction.atomic
def publish_practice(
    *,
    space: Space,
    author: "User",
    fields: PracticeText,
    builds_on: Practice | None = None,
    client_id: uuid.UUID,
) -> Practice:
    """Publish a practice, or a try-out built on another. Idempotent: the same `client_id` returns the first.

    Raises Refused when the author may not add one here, or the practice it builds on is withdrawn.
    """
    mine = Practice.objects.filter(author=author, client_id=client_id)
    if (first := mine.first()) is not None:
        return first
    require(can_add_practice(author, space), why_no_practice())
    admit_writing_staff(space=space, user=author)
    if builds_on is not None:
        builds_on = lock_post(builds_on)
        require(
            not builds_on.is_withdrawn,
            gettext("This was deleted by its author, so you can’t build on it."),
        )
    now = clock.now()
    practice = Practice(
        space=space, author=author, builds_on=builds_on, client_id=client_id, created_at=now, published_at=now
    )
    _write(practice, fields)
    try:
        with transaction.atomic():
            practice.save()
    except IntegrityError:
        # The same form was sent twice concurrently, and the other request was first.
        return mine.get()
    if builds_on is not None:
        news.notify_try_out(practice, of=builds_on)
    return practice


@transaction.atomic
def edit_practice(*, practice: Practice, by: "User", fields: PracticeText) -> Practice:
    """Change one's own practice, at any time. Returns the practice as it is now.

    Raises Refused when it is another user's or withdrawn.
    """
    practice = lock_post(practice)
    require(can_edit(by, practice), gettext("Only the person who wrote this can edit it."))
    _write(practice, fields)
    practice.edited_at = clock.now()
    rendered = [f"{part}_html" for part in PARTS]
    practice.save(update_fields=["title", "setting", "language", "format", *PARTS, *rendered, "edited_at"])
    return practice


def _write(practice: Practice, fields: PracticeText) -> None:
    practice.title, practice.setting = fields.title, fields.setting
    practice.language = fields.language or practice.language or practice.space.language
    for part, written in written_together({part: getattr(fields, part) for part in PARTS}).items():
        practice.format = written.format
        setattr(practice, part, written.text)
        setattr(practice, f"{part}_html", written.html)
