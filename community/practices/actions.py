"""Publishing and editing practices and try-outs. Withdrawing is in `posts.actions`."""

import uuid
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext

from common import clock
from common.access import require
from community.institutes.licence_models import Holder, Terms
from community.posts import mention_actions
from community.posts import news as post_news
from community.posts.actions import NO_FILES, attach_files, lock_post, written_by
from community.posts.permissions import can_edit
from community.practices import news
from community.practices.models import Practice
from community.spaces.actions import admit_writing_staff
from community.spaces.models import Space
from community.spaces.permissions import can_add_practice, why_no_practice
from messaging.files.actions import Attached
from messaging.notifications import bell

if TYPE_CHECKING:
    from community.people.models import User

PARTS = Practice.SOURCES
"""The four parts of a practice, in order; each is stored as written and as HTML."""
MAX_TITLE_CHARS = 160


@dataclass(frozen=True)
class PracticeText:
    """The text of a practice as sent (see `common.sources`), and its facts. The language defaults to that of
    the space, the title of a try-out to that of what it builds on."""

    title: str = ""
    context: str = ""
    tried: str = ""
    happened: str = ""
    change: str = ""
    setting: str = ""
    language: str = ""
    subject: str = ""
    phase: str = ""
    age_from: int | None = None
    age_to: int | None = None
    class_size: int | None = None
    time_needed: int | None = None
    time_unit: str = Practice.TimeUnit.MINUTES
    materials: str = ""
    outcome: str = ""
    licence: str = ""
    own_terms: str = ""
    not_for_profit: bool = False
    permission_first: bool = False
    rights_holder: str = Holder.AUTHOR


FACTS = ("setting", "subject", "phase", "age_from", "age_to", "class_size", "time_needed", "time_unit")
"""What is stored of it as it is, beside `materials` and `outcome`."""


@transaction.atomic
def publish_practice(
    *,
    space: Space,
    author: "User",
    fields: PracticeText,
    builds_on: Practice | None = None,
    client_id: uuid.UUID,
    files: Attached = NO_FILES,
) -> Practice:
    """Publish a practice, or a try-out built on another. Idempotent: the same `client_id` returns the first.

    Raises Refused when the author may not add one here, or the practice it builds on is withdrawn; and
    UploadError for files that are not the author's.
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
    if builds_on is not None:
        practice.origin_id = builds_on.origin_id or builds_on.pk
    _write(practice, fields)
    try:
        with transaction.atomic():
            practice.save()
    except IntegrityError:
        # The same form was sent twice concurrently, and the other request was first.
        return mine.get()
    if files.keys:
        attach_files(practice, files, author)
    if builds_on is not None:
        recount_chain(practice)
    mentioned = mention_actions.record(practice)
    told = list(news.told_of(builds_on.pk).values_list("user", flat=True)) if builds_on is not None else []
    if mentioned:
        bell.lock_bells(users=[*mentioned, *told])
    if builds_on is not None:
        news.notify_try_out(practice, builds_on, [user for user in told if user not in mentioned])
    post_news.notify_mentioned(practice, mentioned)
    return practice


@transaction.atomic
def edit_practice(
    *, practice: Practice, by: "User", fields: PracticeText, files: Attached | None = None
) -> Practice:
    """Change one's own practice, at any time; its files if they are given. Returns the practice as it is now.

    Raises Refused when it is another user's or withdrawn, and UploadError for files that are not theirs.
    """
    practice = lock_post(practice)
    require(can_edit(by, practice), gettext("Only the person who wrote this can edit it."))
    title, outcome = practice.title, practice.outcome
    _write(practice, fields)
    if files is not None:
        attach_files(practice, files, by)
    practice.edited_at = clock.now()
    rendered = [f"{part}_html" for part in PARTS]
    facts = ["materials", "outcome", *FACTS, *Terms._fields]
    practice.save(update_fields=["title", "language", "format", *facts, *PARTS, *rendered, "edited_at"])
    mention_actions.record_again(practice)
    if practice.outcome != outcome:
        recount_chain(practice)
    if practice.title != title:
        retitle_try_outs(practice, before=title, now=practice.title)
    return practice


def recount_chain(practice: Practice) -> None:
    """Store how many try-outs are built on each practice of a chain, directly or not, and in how many of them
    it worked. The caller has locked the chain by `lock_post`."""
    origin = practice.origin_id or practice.pk
    chain = Practice.objects.filter(Q(pk=origin) | Q(origin=origin)).only(
        "builds_on", "outcome", "withdrawn_at", "published_at", "try_out_count", "worked_count"
    )
    by_pk = chain.in_bulk()
    tried, worked = Counter[int](), Counter[int]()
    for each in by_pk.values():
        if each.is_withdrawn or each.published_at is None:
            continue
        below = each.builds_on_id
        while below is not None:
            tried[below] += 1
            worked[below] += each.outcome == Practice.Outcome.WORKED
            below = by_pk[below].builds_on_id
    changed = []
    for pk, each in by_pk.items():
        if (each.try_out_count, each.worked_count) != (tried[pk], worked[pk]):
            each.try_out_count, each.worked_count = tried[pk], worked[pk]
            changed.append(each)
    Practice.objects.bulk_update(changed, ["try_out_count", "worked_count"])


def tried_title(of: Practice, language: str) -> str:
    """The title of a try-out that was given none; without the words of one that is withdrawn."""
    title = "" if of.is_withdrawn else of.title
    if of.origin is not None:
        first = "" if of.origin.is_withdrawn else of.origin.title
        title = first if title == _tried(first, of.language) else title
    return _tried(title, language)


def retitle_try_outs(practice: Practice, *, before: str, now: str) -> None:
    """Give the try-outs whose title was made of that of this practice another one, without its words if it
    has none `now`: what is withdrawn must not be read there. The caller has locked the chain."""
    for each in Practice.objects.filter(Q(builds_on=practice) | Q(origin=practice)):
        if each.title == _tried(before, each.language):
            each.title = _tried(now, each.language)
            each.save(update_fields=["title"])


def _tried(title: str, language: str) -> str:
    with translation.override(language):
        title = title or gettext("a write-up that was deleted")
        return (gettext("Tried: %(title)s") % {"title": title})[:MAX_TITLE_CHARS]


def _write(practice: Practice, fields: PracticeText) -> None:
    practice.language = fields.language or practice.language or practice.space.language
    for name in ("title", "materials", *FACTS, *Terms._fields):
        setattr(practice, name, getattr(fields, name))
    if practice.builds_on_id is not None:
        practice.outcome = fields.outcome
    if not practice.title and practice.builds_on is not None:
        practice.title = tried_title(practice.builds_on, practice.language)
    for part, written in written_by(
        practice.author_id, {part: getattr(fields, part) for part in PARTS}
    ).items():
        practice.format = written.format
        setattr(practice, part, written.text)
        setattr(practice, f"{part}_html", written.html)
