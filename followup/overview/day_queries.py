"""What was said in a space between two moments or by one person, as one reader may read it: one statement."""

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, NullIf

from common.rows import Rows
from common.statements import statement
from community.practices.comment_models import Comment
from community.practices.models import Practice
from community.spaces.models import Space
from community.threads.models import Reply, Thread
from messaging.chat import history
from messaging.chat.attachments import FIRST_FILE
from messaging.chat.models import Entry

if TYPE_CHECKING:
    from community.people.models import User

MOST_OF_A_KIND = 100
"""So many conversations, replies, practices, comments and messages are shown at most; others are where they
are."""


class Begun(NamedTuple):
    """A conversation or question that was begun."""

    pk: int
    title: str
    language: str
    kind: str
    audience: str
    html: str
    author: int
    name: str
    at: dt.datetime


class Replied(NamedTuple):
    """A reply that was written, with its conversation."""

    thread: int
    title: str
    thread_language: str
    kind: str
    audience: str
    number: int
    language: str
    html: str
    author: int
    name: str
    at: dt.datetime


class Published(NamedTuple):
    """A practice that was published."""

    pk: int
    title: str
    language: str
    setting: str
    builds_on: int | None
    html: str
    author: int
    name: str
    at: dt.datetime


class Commented(NamedTuple):
    """A comment on a practice that was written."""

    practice: int
    title: str
    practice_language: str
    number: int
    language: str
    html: str
    author: int
    name: str
    at: dt.datetime


class Said(NamedTuple):
    """A message of the room; what is known of its first file, for one without words."""

    number: int
    language: str
    html: str
    file: str | None
    file_type: str | None
    author: int
    name: str
    at: dt.datetime


class Day(NamedTuple):
    """All that was said, each list in the order of time."""

    begun: list[Begun]
    replied: list[Replied]
    published: list[Published]
    commented: list[Commented]
    said: list[Said]


@statement(Day)
def said_between(reader: "User", space: int, since: dt.datetime, before: dt.datetime) -> QuerySet[Any, Any]:
    """What the reader may read of it; messages of the room for who is in it."""
    begun, replied, published, commented = _readable(reader, space)
    said = history.written_between(reader, OuterRef("room"), since, before)
    said = said.annotate(**FIRST_FILE)
    return Space.objects.filter(pk=space).values_list(
        _begun(begun.filter(created_at__gte=since, created_at__lt=before), "created_at"),
        _replied(replied.filter(created_at__gte=since, created_at__lt=before), "created_at"),
        _published(published.filter(published_at__gte=since, published_at__lt=before), "published_at"),
        _commented(commented.filter(created_at__gte=since, created_at__lt=before), "created_at"),
        Rows(Said, said[:MOST_OF_A_KIND], author="author_id", name="author__name"),
    )


@statement(Day)
def said_by(reader: "User", space: int, author: int) -> QuerySet[Any, Any]:
    """What one person wrote in the space, the newest first, as far as the reader may read it; without the
    chat, which is read as a whole."""
    begun, replied, published, commented = _readable(reader, space)
    nothing = Entry.objects.filter(room=OuterRef("room"), number=0)
    nothing = nothing.annotate(**FIRST_FILE)
    return Space.objects.filter(pk=space).values_list(
        _begun(begun.filter(author=author), "-created_at"),
        _replied(replied.filter(author=author), "-created_at"),
        _published(published.filter(author=author), "-published_at"),
        _commented(commented.filter(author=author), "-created_at"),
        Rows(Said, nothing, author="author_id", name="author__name"),
    )


def _readable(
    reader: "User", space: int
) -> tuple[QuerySet[Thread], QuerySet[Reply], QuerySet[Practice], QuerySet[Comment]]:
    return (
        Thread.objects.visible_to(reader).published().filter(space=space),
        Reply.objects.visible_to(reader).in_published_threads().filter(thread__space=space),
        Practice.objects.visible_to(reader).published().filter(space=space),
        Comment.objects.visible_to(reader).countable().filter(practice__space=space),
    )


def _begun(threads: QuerySet[Thread], order: str) -> Rows:
    rows = threads.order_by(order, "pk")[:MOST_OF_A_KIND]
    return Rows(Begun, rows, author="author_id", name="author__name", at="created_at")


def _replied(replies: QuerySet[Reply], order: str) -> Rows:
    return Rows(
        Replied,
        replies.order_by(order, "pk")[:MOST_OF_A_KIND],
        thread="thread_id",
        title="thread__title",
        thread_language="thread__language",
        kind="thread__kind",
        audience="thread__audience",
        author="author_id",
        name="author__name",
        at="created_at",
    )


def _published(practices: QuerySet[Practice], order: str) -> Rows:
    # A short one says only what happened.
    words = Coalesce(NullIf("tried_html", Value("", output_field=TextField())), "happened_html")
    return Rows(
        Published,
        practices.annotate(html=words).order_by(order, "pk")[:MOST_OF_A_KIND],
        builds_on="builds_on_id",
        author="author_id",
        name="author__name",
        at="published_at",
    )


def _commented(comments: QuerySet[Comment], order: str) -> Rows:
    return Rows(
        Commented,
        comments.order_by(order, "pk")[:MOST_OF_A_KIND],
        practice="practice_id",
        title="practice__title",
        practice_language="practice__language",
        author="author_id",
        name="author__name",
        at="created_at",
    )
