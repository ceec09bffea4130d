"""What the page of one conversation shows: what its reader has read of it, and a page of its replies."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, QuerySet

from common.instances import Instances
from common.statements import statement
from community.posts.mark_queries import MarkCount, mark_counts
from community.posts.queries import mentions, shown_of
from community.spaces.lookup import know_standing, with_standing
from community.threads.models import Reply, Thread
from community.threads.queries import REPLIES_PER_PAGE, page_of_number, with_reading, wrote_in
from messaging.files.shown import ShownFile, files_shown
from messaging.notifications import following_queries
from messaging.notifications.models import Notification

if TYPE_CHECKING:
    from community.people.models import User

_threads = Instances(Thread, "space")


class Reading(NamedTuple):
    """Beside a thread: what its reader has read of it, and what a page shows of its author and answer."""

    seen_to: int | None
    first_new: int | None
    has_news: bool
    """Whether the reader has unseen notifications about it."""
    author_name: str
    answer_number: int | None
    answer_withdrawn_at: dt.datetime | None
    marks: list[MarkCount]
    mentions_reader: bool
    files: list[ShownFile]
    choice: str | None
    wrote: bool

    @property
    def following(self) -> str:
        """Whether the reader follows or muted it, see `following_queries.state`."""
        return following_queries.state(self.choice, wrote=self.wrote)

    @property
    def is_answered(self) -> bool:
        """As `Thread.is_answered`."""
        return self.answer_number is not None and self.answer_withdrawn_at is None


@dataclass(frozen=True)
class Opened:
    """A thread, with its space, that somebody may read."""

    thread: Thread
    reading: Reading


def opened(thread: int, reader: "User") -> Opened | None:
    """The thread if the reader may see it, in one statement with their rights in its space."""
    row = _opened.first(reader, thread)
    if row is None:
        return None
    columns = len(Reading._fields)
    reading, row = Reading._make(row[:columns]), row[columns:]
    found = _threads.made_of(row)
    know_standing(found.space, reader, row[len(_threads.columns) :])
    return Opened(found, reading)


@statement(tuple)
def _opened(reader: "User", thread: int) -> QuerySet[Any, Any]:
    unseen = Notification.objects.unseen().filter(
        user=reader, thing_kind=Thread.KIND, thing_id=OuterRef("pk")
    )
    threads = with_reading(Thread.objects.visible_to(reader).filter(pk=thread), reader)
    rows, standing = with_standing(threads, reader)
    return rows.annotate(has_news=Exists(unseen)).values_list(
        "seen_to",
        "first_new",
        "has_news",
        "author__name",
        "answer__number",
        "answer__withdrawn_at",
        mark_counts(Thread.KIND, reader),
        mentions(Thread.KIND, reader),
        files_shown(Thread.KIND),
        following_queries.choice_of(reader, Thread.KIND),
        ExpressionWrapper(wrote_in(reader), output_field=BooleanField()),
        *_threads.columns,
        *standing,
    )


class ReplyRow(NamedTuple):
    """One reply of a page."""

    pk: int
    number: int
    author_id: int
    author_name: str
    language: str
    html: str
    tried: bool
    kept_from: int | None
    created_at: dt.datetime
    edited_at: dt.datetime | None
    withdrawn_at: dt.datetime | None
    withdrawn_by_id: int | None
    marks: list[MarkCount]
    mentions_reader: bool
    files: list[ShownFile]

    @property
    def is_withdrawn(self) -> bool:
        """As `Post.is_withdrawn`."""
        return self.withdrawn_at is not None

    @property
    def was_taken_down(self) -> bool:
        """As `Post.was_taken_down`."""
        return self.withdrawn_at is not None and self.withdrawn_by_id != self.author_id

    @property
    def was_hidden(self) -> bool:
        """As `Post.was_hidden`."""
        return self.withdrawn_at is not None and self.withdrawn_by_id is None


@dataclass(frozen=True)
class Shown:
    """One page of a thread's replies for one reader."""

    page: int
    pages: int
    replies: list[ReplyRow]
    first: int
    last: int
    first_new: int | None
    """The number of the first new reply, if it is on this page and this is not the first visit."""


def replies_shown(
    thread: Thread, reader: "User", page: int, *, seen_to: int | None, keeps_order: bool
) -> Shown:
    """The replies of a page to a reader who has seen the thread up to a number, or not at all. A withdrawn
    one is among them if others follow or the reader may restore it."""
    size = REPLIES_PER_PAGE
    pages = page_of_number(thread.last_number)
    page = min(max(page, 1), pages)
    first, last = (page - 1) * size + 1, min(page * size, thread.last_number)
    replies = _replies(reader, thread.pk, first, last)
    replies = shown_of(replies, reader, lambda: _newest_published.first(thread.pk), keeps_order=keeps_order)
    new = [
        reply.number
        for reply in replies
        if seen_to is not None
        and reply.number > seen_to
        and reply.author_id != reader.pk
        and reply.withdrawn_at is None
    ]
    return Shown(page, pages, replies, first, last, new[0] if new else None)


@statement(ReplyRow)
def _replies(reader: "User", thread: int, first: int, last: int) -> QuerySet[Any, Any]:
    rows = Reply.objects.filter(thread=thread, number__gte=first, number__lte=last).order_by("number")
    rows = rows.annotate(
        author_name=F("author__name"),
        marks=mark_counts(Reply.KIND, reader),
        mentions_reader=mentions(Reply.KIND, reader),
        files=files_shown(Reply.KIND),
    )
    return rows.values_list(*ReplyRow._fields)


@statement(int)
def _newest_published(thread: int) -> QuerySet[Any, Any]:
    published = Reply.objects.published().filter(thread=thread)
    return published.order_by("-number").values_list("number")[:1]
