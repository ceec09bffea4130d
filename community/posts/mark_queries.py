"""The marks of posts, loaded with their post, and who gave them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count, OuterRef, Q, QuerySet

from common.rows import Rows
from common.statements import statement
from community.posts.models import Post, PostMark
from messaging.chat.history import GivenMark
from messaging.chat.marks import MarkOnMessage, marks_on_message, offered_marks
from messaging.chat.models import Reaction

if TYPE_CHECKING:
    from community.people.models import User


class MarkCount(NamedTuple):
    """How many gave a post this mark, and how many of them the reader is."""

    mark: str
    given: int
    mine: int


class ShownMark(NamedTuple):
    """A mark of a post in a kept piece."""

    mark: str
    label: str
    icon: str
    given: int
    mine: bool


def mark_counts(kind: str, reader: Any, *, post: str = "pk") -> Rows:
    """The marks of each post, as a column of a statement: a list of `MarkCount`."""
    rows = PostMark.objects.filter(post_kind=kind, post_id=OuterRef(post)).order_by().values("mark")
    return Rows(MarkCount, rows.annotate(given=Count("pk"), mine=Count("pk", filter=Q(user=reader))))


def marks_shown(counts: Iterable[MarkCount], *, may_mark: bool) -> tuple[ShownMark, ...]:
    """The marks that a post has, in display order; thanks also where nobody gave any yet and the reader
    may."""
    found: dict[str, MarkCount] = {count.mark: count for count in counts}
    if may_mark:
        found.setdefault(Reaction.Mark.THANKS, MarkCount(Reaction.Mark.THANKS, 0, 0))
    return tuple(
        ShownMark(each.mark, each.label, each.icon, found[each.mark].given, bool(found[each.mark].mine))
        for each in (offered_marks() if found else ())
        if each.mark in found
    )


def marks_of(post: Post, reader: "User") -> list[MarkCount]:
    """The marks of one post."""
    return list(_marks_of(reader, post.KIND, post.pk))


@statement(MarkCount)
def _marks_of(reader: "User", post_kind: str, post: int) -> QuerySet[Any, Any]:
    rows = PostMark.objects.filter(post_kind=post_kind, post_id=post).order_by("mark").values("mark")
    counted = rows.annotate(given=Count("pk"), mine=Count("pk", filter=Q(user=reader)))
    return counted.values_list("mark", "given", "mine")


def given_to(post: Post, reader: "User") -> list[MarkOnMessage]:
    """The marks of one post with the names of those who gave them, in the order in which they did."""
    return marks_on_message(list(_given_to(post.KIND, post.pk)), reader.pk)


@statement(GivenMark)
def _given_to(post_kind: str, post: int) -> QuerySet[Any, Any]:
    rows = PostMark.objects.filter(post_kind=post_kind, post_id=post).order_by("pk")
    return rows.values_list("mark", "user_id", "user__name")
