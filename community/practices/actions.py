"""Publishing practices and try-outs, and what their author does to them afterwards."""

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from common import clock, html
from common.access import require
from community.practices import news
from community.practices.models import Practice
from community.practices.permissions import can_edit, can_restore, can_withdraw
from community.spaces.actions import admit_writing_staff
from community.spaces.models import Space
from community.spaces.permissions import can_add_practice, why_no_practice

if TYPE_CHECKING:
    from community.people.models import User

PARTS = ("context", "tried", "happened", "change")
"""The four parts of a practice, in their order; each is kept as typed and as HTML."""


@dataclass(frozen=True)
class PracticeText:
    """What somebody wrote of a practice, as they typed it. Without a language it is in the space's."""

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
    """Publish a practice, or a try-out built on another. Sent a second time it gives the first."""
    mine = Practice.objects.filter(author=author, client_id=client_id)
    if (first := mine.first()) is not None:
        return first
    require(can_add_practice(author, space), why_no_practice())
    admit_writing_staff(space=space, user=author)
    now = clock.now()
    practice = Practice(
        space=space, author=author, builds_on=builds_on, client_id=client_id, created_at=now, published_at=now
    )
    _write(practice, fields)
    try:
        with transaction.atomic():
            practice.save()
    except IntegrityError:
        # The same form was sent twice at once, and the other one came first.
        return mine.get()
    if builds_on is not None:
        news.tell_try_out(practice, of=builds_on)
    return practice


@transaction.atomic
def edit_practice(*, practice: Practice, by: "User", fields: PracticeText) -> Practice:
    """Mend one's own practice, at any time."""
    require(can_edit(by, practice), gettext("Only who wrote a practice can change it."))
    _write(practice, fields)
    practice.edited_at = clock.now()
    # Only the words: it may have been taken down since it was read.
    rendered = [f"{part}_html" for part in PARTS]
    practice.save(update_fields=["title", "setting", "language", *PARTS, *rendered, "edited_at"])
    return practice


@transaction.atomic
def withdraw_practice(*, practice: Practice, by: "User") -> None:
    """Take back one's own practice, or take one down. Try-outs built on it stay."""
    require(can_withdraw(by, practice), gettext("You can take back only what you wrote yourself."))
    Practice.objects.filter(pk=practice.pk, withdrawn_at=None).update(
        withdrawn_at=clock.now(), withdrawn_by=by
    )
    practice.refresh_from_db(fields=["withdrawn_at", "withdrawn_by"])
    news.reconsider(practice)


@transaction.atomic
def restore_practice(*, practice: Practice, by: "User") -> None:
    """Put a practice back as it was."""
    if practice.withdrawn_at is None:
        return
    require(can_restore(by, practice), gettext("Only who took this away can put it back."))
    Practice.objects.filter(pk=practice.pk).update(withdrawn_at=None, withdrawn_by=None)
    practice.refresh_from_db(fields=["withdrawn_at", "withdrawn_by"])
    news.reconsider(practice)


def _write(practice: Practice, fields: PracticeText) -> None:
    practice.title, practice.setting = fields.title, fields.setting
    practice.language = fields.language or practice.language or practice.space.language
    for part in PARTS:
        typed = getattr(fields, part)
        setattr(practice, part, typed)
        setattr(practice, f"{part}_html", html.render(typed))
