"""What the pages of practices show, and which practices are new to a reader: those of others that they have
not opened, and those on which others have commented since."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.safestring import SafeString

from common.database import if_there_is_room
from common.expressions import placed, total_of
from common.instances import Instances
from common.moments import moment
from common.names import initials
from common.statements import statement
from community.people.models import Draft
from community.posts.mark_queries import MarkCount, mark_counts
from community.practices.comment_models import Comment
from community.practices.models import Practice, PracticeQuerySet, PracticeVisit
from community.spaces.kinds import Role
from community.spaces.lookup import Drafted, know_standing, with_standing
from community.spaces.models import Membership, Space
from community.unread.actions import advance_own

if TYPE_CHECKING:
    from community.people.models import User


class PracticeShown(NamedTuple):
    """A practice in a list: plain values, of which a kept piece can be drawn."""

    pk: int
    title: str
    language: str
    setting: str
    tried_html: str
    author: str
    badge: str
    is_try_out: bool
    try_outs: int
    is_new: bool
    published: SafeString | str

    @property
    def initials(self) -> str:
        return initials(self.author)


class PracticeRow(NamedTuple):
    """A row of a list of practices; `total`: how many the list has of which it shows a page."""

    total: int
    pk: int
    title: str
    language: str
    setting: str
    tried_html: str
    author: int
    name: str
    builds_on: int | None
    try_outs: int
    is_new: bool
    published_at: dt.datetime


@statement(PracticeRow)
def practices(reader: "User", space: int, first: int, last: int) -> QuerySet[Any, Any]:
    """The practices of a space that the reader sees in its list from the `first` to the `last`, the newest
    first."""
    listed = Practice.objects.visible_to(reader).published().filter(space=space)
    order = [F("published_at").desc(), F("pk").desc()]
    page = Practice.objects.filter(pk__in=placed(listed, order, first, last))
    return _columns(page, reader, total_of(listed)).order_by(*order)


def shown_in_list(rows: Iterable[PracticeRow], roles: Mapping[int, Role]) -> list[PracticeShown]:
    """What a list shows of these practices."""
    return [_shown(row, roles, is_try_out=row.builds_on is not None) for row in rows]


def try_outs_of(reader: "User", practice: int, roles: Mapping[int, Role]) -> list[PracticeShown]:
    """The try-outs built on a practice that the reader sees, the oldest first."""
    return [
        _shown(row, roles, is_try_out=False)._replace(try_outs=0) for row in _try_outs_of(reader, practice)
    ]


def _shown(row: PracticeRow, roles: Mapping[int, Role], *, is_try_out: bool) -> PracticeShown:
    role = roles.get(row.author)
    return PracticeShown(
        pk=row.pk,
        title=row.title,
        language=row.language,
        setting=row.setting,
        tried_html=row.tried_html,
        author=row.name,
        badge=role.badge if role else "",
        is_try_out=is_try_out,
        try_outs=row.try_outs,
        is_new=row.is_new,
        published=moment(row.published_at),
    )


@statement(PracticeRow)
def _try_outs_of(reader: "User", practice: int) -> QuerySet[Any, Any]:
    try_outs = Practice.objects.visible_to(reader).published().filter(builds_on=practice)
    return _columns(try_outs, reader, Value(0)).order_by("published_at", "pk")


def _columns(practices: PracticeQuerySet, reader: "User", total: Subquery | Value) -> QuerySet[Any, Any]:
    rows = with_reading(practices, reader).annotate(total=total)
    columns = ("title", "language", "setting", "tried_html", "author_id", "author__name", "builds_on_id")
    return rows.values_list("total", "pk", *columns, "try_out_count", "is_new", "published_at")


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


def opened(reader: "User", pk: int, place: str = "") -> Opened | None:
    """The practice if the reader may see it, with the draft of the form at a path. Their rights in its space
    are loaded with it."""
    row = _opened.first(reader, pk, place)
    if row is None:
        return None
    seen_to, author_is_here, fields, saved_at, marks, *values = row
    practice = _practices.made_of(values)
    know_standing(practice.space, reader, values[len(_practices.columns) :])
    return Opened(practice, seen_to, author_is_here, Drafted(fields or {}, saved_at), marks)


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
        *_practices.columns,
        *standing,
    )


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
