"""What the pages of practices show, and which practices are new to a reader: those of others that they have
not opened, and those on which others have commented since."""

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce

from common.database import if_there_is_room
from common.instances import Instances
from common.statements import statement
from community.people.models import Draft
from community.posts.mark_queries import MarkCount, mark_counts
from community.posts.queries import mentions
from community.practices.comment_models import Comment
from community.practices.models import Practice, PracticeQuerySet, PracticeVisit
from community.spaces.lookup import Drafted, know_standing, with_standing
from community.spaces.models import Membership, Space
from community.unread.actions import advance_own
from messaging.files.shown import ShownFile, files_shown
from messaging.notifications import following_queries

if TYPE_CHECKING:
    from community.people.models import User


LONGEST_CHAIN = 200
"""So many practices of a chain are shown at most."""


class ChainRow(NamedTuple):
    """A practice of a chain: the first one, or a try-out built on one of them."""

    pk: int
    builds_on: int | None
    title: str
    language: str
    setting: str
    subject: str
    phase: str
    outcome: str
    context_html: str
    tried_html: str
    happened_html: str
    author: int
    name: str
    is_new: bool
    published_at: dt.datetime


@statement(ChainRow)
def chain_from(reader: "User", practice: int) -> QuerySet[Any, Any]:
    """The practice with which a chain begins and all try-outs of it that the reader sees, the oldest first;
    of a very long chain its beginning."""
    practices = Practice.objects.visible_to(reader).published().filter(Q(pk=practice) | Q(origin=practice))
    columns = ("title", "language", "setting", "subject", "phase", "outcome")
    texts = ("context_html", "tried_html", "happened_html", "author_id", "author__name")
    rows = with_reading(practices, reader).order_by("published_at", "pk")[:LONGEST_CHAIN]
    return rows.values_list("pk", "builds_on_id", *columns, *texts, "is_new", "published_at")


_practices = Instances(Practice, "space__institute", "author", "builds_on__author")


class Opened(NamedTuple):
    """A practice that somebody may read, and what its page shows with it."""

    practice: Practice
    seen_to: int | None
    """The number of the newest comment that the reader has seen, 0 for none; None on the first visit."""
    author_is_here: bool
    """Whether its author is still in the space, so that they can be asked."""
    draft: Drafted
    marks: list[MarkCount]
    mentions_reader: bool
    files: list[ShownFile]
    following: str
    """Whether the reader follows or muted it, see `following_queries.state`."""


def opened(reader: "User", pk: int, place: str = "") -> Opened | None:
    """The practice if the reader may see it, with the draft of the form at a path. Their rights in its space
    are loaded with it."""
    row = _opened.first(reader, pk, place)
    if row is None:
        return None
    seen_to, author_is_here, fields, saved_at, marks, mentions_reader, files, choice, wrote, *values = row
    practice = _practices.made_of(values)
    know_standing(practice.space, reader, values[len(_practices.columns) :])
    return Opened(
        practice,
        seen_to,
        author_is_here,
        Drafted(fields or {}, saved_at),
        marks,
        mentions_reader,
        files,
        following_queries.state(choice, wrote=wrote),
    )


@statement(tuple)
def _opened(reader: "User", practice: int, place: str) -> QuerySet[Any, Any]:
    visit = PracticeVisit.objects.filter(practice=OuterRef("pk"), user=reader)
    author = Membership.objects.current().filter(space=OuterRef("space"), user=OuterRef("author"))
    draft = Draft.objects.filter(user=reader, place=place)
    practices = Practice.objects.visible_to(reader).filter(pk=practice)
    rows, standing = with_standing(practices, reader)
    return rows.values_list(
        Subquery(visit.values("number")),
        Exists(author.filter(user__suspended_at=None)),
        Subquery(draft.values("fields")),
        Subquery(draft.values("saved_at")),
        mark_counts(Practice.KIND, reader),
        mentions(Practice.KIND, reader),
        files_shown(Practice.KIND),
        following_queries.choice_of(reader, Practice.KIND),
        ExpressionWrapper(wrote_in(reader), output_field=BooleanField()),
        *_practices.columns,
        *standing,
    )


def wrote_in(user: "User") -> Q:
    """The practices that somebody wrote or commented on."""
    comments = Comment.objects.published().filter(practice=OuterRef("pk"), author=user)
    return Q(author=user) | Q(Exists(comments))


def with_reading(practices: PracticeQuerySet, user: "User") -> PracticeQuerySet:
    """Annotate whether each is new to the reader: `is_new`."""
    return practices.annotate(is_new=ExpressionWrapper(_is_new(user), output_field=BooleanField()))


def unread(practices: PracticeQuerySet, user: "User") -> PracticeQuerySet:
    """Of these practices those that are new to the reader."""
    return practices.filter(_is_new(user))


def mark_seen(practice: Practice, user: "User", *, first: int = 0, last: int = 0) -> None:
    """Record that the reader has opened this practice, and saw its comments from number `first` to `last`.

    A later page is not recorded while there are unread comments before it.
    """
    with if_there_is_room():
        visit, changed = PracticeVisit.objects.get_or_create(practice=practice, user=user)
        between = Comment.objects.filter(practice=practice, number__gt=visit.number, number__lt=first)
        if last > visit.number and not new_to(user, between).exists():
            changed |= bool(PracticeVisit.objects.filter(pk=visit.pk, number__lt=last).update(number=last))
        if changed:
            advance_own(user, practice.space_id)


@transaction.atomic
def mark_all_seen(space: Space, user: "User") -> None:
    """Mark all practices of this space as read."""
    new = unread(Practice.objects.visible_to(user).filter(space=space), user)
    visits = [
        PracticeVisit(practice_id=pk, user=user, number=number)
        for pk, number in new.values_list("pk", "last_number")
    ]
    PracticeVisit.objects.bulk_create(
        visits, update_conflicts=True, unique_fields=["practice", "user"], update_fields=["number"]
    )
    advance_own(user, space.pk)


def new_to(user: "User", comments: QuerySet[Comment]) -> QuerySet[Comment]:
    """Comments that can be new to this reader: published ones of others."""
    return comments.filter(withdrawn_at=None).exclude(author=user)


def _is_new(user: "User") -> Q:
    visit = PracticeVisit.objects.filter(practice=OuterRef("practice"), user=user).values("number")[:1]
    never_opened = Q(~Exists(PracticeVisit.objects.filter(practice=OuterRef("pk"), user=user)))
    comments = Comment.objects.filter(practice=OuterRef("pk"), number__gt=Coalesce(Subquery(visit), 0))
    published = Q(withdrawn_at=None, published_at__isnull=False)
    # Most practices have no comment: the first condition is of their own row.
    discussed = Q(last_number__gt=0) & Q(Exists(new_to(user, comments)))
    return published & ((never_opened & ~Q(author=user)) | discussed)
