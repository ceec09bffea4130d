"""What the pages of practices show, and which practices are new to a reader: those of others that they have
not opened."""

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
from django.utils.safestring import SafeString

from common.database import if_there_is_room
from common.expressions import placed, total_of
from common.instances import Instances
from common.moments import moment
from common.names import initials
from common.statements import statement
from community.posts.mark_queries import MarkCount, mark_counts
from community.practices.models import Practice, PracticeQuerySet, PracticeVisit
from community.spaces.kinds import Role
from community.spaces.lookup import know_standing, with_standing
from community.spaces.models import Space
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


def visible_practice(reader: "User", pk: int) -> tuple[Practice, bool, list[MarkCount]] | None:
    """The practice, whether the reader has opened it before, and its marks; None if they may not see it.
    Their rights in its space are loaded with it."""
    row = _visible_practice.first(reader, pk)
    if row is None:
        return None
    (visited, marks), values = row[:2], row[2:]
    practice = _practices.made_of(values)
    know_standing(practice.space, reader, values[len(_practices.columns) :])
    return practice, visited, marks


@statement(tuple)
def _visible_practice(reader: "User", practice: int) -> QuerySet[Any, Any]:
    visited = Exists(PracticeVisit.objects.filter(practice=OuterRef("pk"), user=reader))
    practices = Practice.objects.visible_to(reader).filter(pk=practice)
    rows, standing = with_standing(practices, reader)
    marks = mark_counts(Practice.KIND, reader)
    return rows.values_list(visited, marks, *_practices.columns, *standing)


def with_reading(practices: PracticeQuerySet, user: "User") -> PracticeQuerySet:
    """Annotate whether each is new to the reader: `is_new`."""
    return practices.annotate(is_new=ExpressionWrapper(_is_new(user), output_field=BooleanField()))


def unread(practices: PracticeQuerySet, user: "User") -> PracticeQuerySet:
    """Of these practices those that are new to the reader."""
    return practices.filter(_is_new(user))


def mark_seen(practice: Practice, user: "User") -> None:
    """Record that the reader has opened this practice."""
    with if_there_is_room():
        _visit, created = PracticeVisit.objects.get_or_create(practice=practice, user=user)
        if created:
            advance_own(user, practice.space_id)


@transaction.atomic
def mark_all_seen(space: Space, user: "User") -> None:
    """Mark all practices of this space as read."""
    new = unread(Practice.objects.visible_to(user).filter(space=space), user)
    visits = [PracticeVisit(practice_id=pk, user=user) for pk in new.values_list("pk", flat=True)]
    PracticeVisit.objects.bulk_create(visits, ignore_conflicts=True)
    advance_own(user, space.pk)


def _is_new(user: "User") -> Q:
    visited = Exists(PracticeVisit.objects.filter(practice=OuterRef("pk"), user=user))
    return Q(~visited) & ~Q(author=user) & Q(withdrawn_at=None, published_at__isnull=False)
