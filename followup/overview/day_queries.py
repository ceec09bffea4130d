"""What was said in a space between two moments, as one reader may read it, by one statement."""

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import OuterRef, QuerySet

from common.rows import Rows
from common.statements import statement
from community.practices.models import Practice
from community.spaces.models import Space
from community.threads.models import Reply, Thread
from messaging.chat import history

if TYPE_CHECKING:
    from community.people.models import User

MOST_OF_A_KIND = 100
"""So many conversations, replies, practices and messages are shown at most; the rest is where they are."""


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


class Said(NamedTuple):
    """A message of the room."""

    number: int
    language: str
    html: str
    author: int
    name: str
    at: dt.datetime


class Day(NamedTuple):
    """All that was said, each list in the order of time."""

    begun: list[Begun]
    replied: list[Replied]
    published: list[Published]
    said: list[Said]


@statement(Day)
def said_between(reader: "User", space: int, since: dt.datetime, before: dt.datetime) -> QuerySet[Any, Any]:
    """What the reader may read of it; messages of the room for who is in it."""
    threads = Thread.objects.visible_to(reader).published()
    begun = threads.filter(space=space, created_at__gte=since, created_at__lt=before)
    replies = Reply.objects.visible_to(reader).in_published_threads()
    replied = replies.filter(thread__space=space, created_at__gte=since, created_at__lt=before)
    practices = Practice.objects.visible_to(reader).published()
    published = practices.filter(space=space, published_at__gte=since, published_at__lt=before)
    said = history.written_between(reader, OuterRef("room"), since, before)
    by = {"author": "author_id", "name": "author__name", "at": "created_at"}
    return Space.objects.filter(pk=space).values_list(
        Rows(Begun, begun.order_by("created_at", "pk")[:MOST_OF_A_KIND], **by),
        Rows(
            Replied,
            replied.order_by("created_at", "pk")[:MOST_OF_A_KIND],
            thread="thread_id",
            title="thread__title",
            thread_language="thread__language",
            kind="thread__kind",
            audience="thread__audience",
            **by,
        ),
        Rows(
            Published,
            published.order_by("published_at", "pk")[:MOST_OF_A_KIND],
            builds_on="builds_on_id",
            html="tried_html",
            **by | {"at": "published_at"},
        ),
        Rows(Said, said[:MOST_OF_A_KIND], **by | {"at": "at"}),
    )
