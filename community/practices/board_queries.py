"""What the board of a space shows: its practices, what they can be filtered by, and the reader's drafts."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from django.db.models import F, Q, QuerySet
from django.db.models.fields.json import KT
from django.utils.translation import get_language

from common import searching
from common.expressions import placed, total_of
from common.rows import Rows
from common.statements import statement
from community.people.models import Draft
from community.practices.models import Practice, PracticeQuerySet
from community.practices.queries import with_reading
from community.spaces.models import Space
from messaging.files.models import File

if TYPE_CHECKING:
    from community.people.models import User

PLACES = "/practices/"
"""With which the paths of pages of one practice begin; those of its forms may have drafts."""
Order = Literal["newest", "tried"]


class DraftRow(NamedTuple):
    """A draft of the reader's: the path of its form, and the title that was typed."""

    place: str
    title: str | None
    saved_at: dt.datetime


class KindRow(NamedTuple):
    """A subject and a phase that a practice of the space has."""

    subject: str
    phase: str


class PictureRow(NamedTuple):
    """The picture on a card: the first that is attached, or that of a document's first page."""

    pk: int
    width: int
    height: int


class PracticeRow(NamedTuple):
    """A row of the board; `total`: how many the list has of which it shows a page. Every row has the `kinds`
    of the whole space and the reader's `drafts`, so that a page asks once."""

    total: int
    kinds: list[KindRow]
    drafts: list[DraftRow]
    pictures: list[PictureRow]
    pk: int
    title: str
    language: str
    setting: str
    subject: str
    origin_subject: str | None
    phase: str
    outcome: str
    author: int
    name: str
    builds_on: int | None
    try_outs: int
    worked: int
    is_new: bool
    published_at: dt.datetime


@statement(PracticeRow)
def practices(
    reader: "User",
    space: int,
    subjects: list[str],
    phases: list[str],
    place: str,
    first: int,
    last: int,
    *,
    order: Order,
) -> QuerySet[Any, Any]:
    """The practices of a space with one of these subjects and phases that the reader sees, those of its list
    from the `first` to the `last`. `place` is the path of the form for a new one, which may have a draft."""
    everything = _listed(reader, space)
    listed = everything.filter(subject__among=subjects, phase__among=phases)
    return _page(listed, everything, reader, place, first, last, order)


def practices_found(
    reader: "User",
    space: Space,
    subjects: list[str],
    phases: list[str],
    words: Sequence[str],
    place: str,
    first: int,
    last: int,
    order: Order,
) -> list[PracticeRow]:
    """As `practices`, of those in whose text each of the words begins a word, or one with the same stem in
    the language of the space or of the reader."""
    everything = _listed(reader, space.pk)
    listed = everything.filter(subject__among=subjects, phase__among=phases)
    languages = {space.language, get_language() or space.language}
    for word in words:
        beginnings = {searching.normalize(word), *(searching.stem(word, language) for language in languages)}
        listed = listed.filter(_has_word_with(beginnings))
    return list(map(PracticeRow._make, _page(listed, everything, reader, place, first, last, order)))


def _has_word_with(beginnings: Iterable[str]) -> Q:
    found = Q()
    for beginning in beginnings:
        for before in (" ", "\n"):
            found |= Q(search_text__contains=before + beginning)
        found |= Q(search_text__startswith=beginning)
    return found


def _listed(reader: "User", space: int) -> PracticeQuerySet:
    return Practice.objects.visible_to(reader).published().filter(space=space)


def _page(
    listed: PracticeQuerySet,
    everything: PracticeQuerySet,
    reader: "User",
    place: str,
    first: int,
    last: int,
    order: Order,
) -> QuerySet[Any, Any]:
    newest = [F("published_at").desc(), F("pk").desc()]
    ordered = newest if order == "newest" else [F("try_out_count").desc(), *newest]
    drafts = Draft.objects.filter(Q(place=place) | Q(place__startswith=PLACES), user=reader)
    drafts = drafts.order_by("-saved_at").annotate(own_title=KT("fields__title"))
    pictures = File.objects.attached_to(Practice.KIND).filter(width__isnull=False, hidden_at=None)
    rows = with_reading(
        Practice.objects.filter(pk__in=placed(listed, ordered, first, last)), reader
    ).annotate(
        total=total_of(listed),
        kinds=Rows(KindRow, everything.order_by().values("subject", "phase").distinct()),
        drafts=Rows(DraftRow, drafts, title="own_title"),
        pictures=Rows(PictureRow, pictures[:1]),
    )
    columns = ("title", "language", "setting", "subject", "origin__subject", "phase", "outcome")
    counts = (
        "author_id",
        "author__name",
        "builds_on_id",
        "try_out_count",
        "worked_count",
        "is_new",
        "published_at",
    )
    return rows.values_list("total", "kinds", "drafts", "pictures", "pk", *columns, *counts).order_by(
        *ordered
    )


@statement(DraftRow)
def drafts_of(reader: "User", place: str) -> QuerySet[Any, Any]:
    """The draft of the form at a path, for a board without a row to bring it."""
    return Draft.objects.filter(user=reader, place=place).values_list(
        "place", KT("fields__title"), "saved_at"
    )


@statement(tuple)
def titles_of(reader: "User", space: int, practices: list[int]) -> QuerySet[Any, Any]:
    """Ids and titles of these practices, of those that the reader sees in the space."""
    return _listed(reader, space).filter(pk__among=practices).values_list("pk", "title")
