"""The lists of conversations and questions of a space, as plain values of which pieces are drawn."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OrderBy,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.safestring import SafeString

from common import names
from common.expressions import placed, total_of
from common.moments import moment, weekday
from common.statements import statement
from community.posts.queries import Kept, kept_messages_in
from community.spaces.kinds import Role
from community.spaces.models import Space
from community.threads.models import Reply, Thread, ThreadQuerySet
from community.threads.queries import url_at_first_new, with_reading

if TYPE_CHECKING:
    from community.people.models import User


class Conversation(NamedTuple):
    """A conversation or question in a list."""

    pk: int
    url: str
    """Where it opens for this reader."""
    title: str
    language: str
    html: str
    name: str
    role: str
    badge: str
    kept: Kept | None
    """The first message of the room in it, where it has no text."""
    unread: bool
    withdrawn: bool
    pinned: bool
    private: str
    """Who alone reads it, in words; empty if everybody does."""
    state: str
    """Of a question: "answered", "waiting", or "unanswered" where talk has ended."""
    since: SafeString | str
    """When it was asked."""
    replies: int
    new_replies: int
    moment: SafeString | str

    @property
    def initials(self) -> str:
        """For the avatar."""
        return names.initials(self.name)


class ConversationRow(NamedTuple):
    """A row of a list of conversations; `total`: how many the whole list has."""

    total: int
    pk: int
    kind: str
    audience: str
    title: str
    language: str
    html: str
    kept_from: int | None
    author: int
    name: str
    created_at: dt.datetime
    withdrawn_at: dt.datetime | None
    pinned_at: dt.datetime | None
    answer: int | None
    answer_withdrawn_at: dt.datetime | None
    replies: int
    seen_to: int | None
    first_new: int | None
    new_replies: int
    is_new: bool


@statement(ConversationRow)
def conversations(reader: "User", space: int, first: int, last: int) -> QuerySet[Any, Any]:
    """The threads of a space from the `first` to the `last`: pinned ones, then by newest post. Withdrawn ones
    only if they have replies."""
    replies = Reply.objects.published().filter(thread=OuterRef("pk"))
    threads = Thread.objects.visible_to(reader).filter(Q(withdrawn_at=None) | Exists(replies), space=space)
    order = [F("pinned_at").desc(nulls_last=True), F("last_post_at").desc(), F("pk").desc()]
    return _rows(threads, reader, order, first, last)


@statement(ConversationRow)
def questions(reader: "User", space: int, first: int, last: int) -> QuerySet[Any, Any]:
    """The questions of a space in the same way: unanswered ones, oldest first; then the others, last answered
    first."""
    no_answer = Q(answer=None) | Q(answer__withdrawn_at__isnull=False)
    asked = Thread.objects.visible_to(reader).published().filter(space=space, kind=Thread.Kind.QUESTION)
    order = [
        Case(When(no_answer, then=0), default=1).asc(),
        Case(When(no_answer, then=F("created_at"))).asc(),
        F("answered_at").desc(),
        F("pk").desc(),
    ]
    return _rows(asked, reader, order, first, last)


def _rows(
    listed: ThreadQuerySet, reader: "User", order: list[OrderBy], first: int, last: int
) -> QuerySet[Any, Any]:
    replies = Reply.objects.published().filter(thread=OuterRef("pk")).order_by().values("thread")
    counted = Subquery(replies.annotate(count=Count("pk")).values("count"), output_field=IntegerField())
    rows = with_reading(Thread.objects.filter(pk__in=placed(listed, order, first, last)), reader).annotate(
        total=total_of(listed), reply_count=Coalesce(counted, 0)
    )
    return rows.order_by(*order).values_list(
        "total",
        "pk",
        "kind",
        "audience",
        "title",
        "language",
        "html",
        "kept_from",
        "author_id",
        "author__name",
        "created_at",
        "withdrawn_at",
        "pinned_at",
        "answer_id",
        "answer__withdrawn_at",
        "reply_count",
        "seen_to",
        "first_new",
        "new_replies",
        "is_new",
    )


def conversations_shown(
    space: Space, rows: Sequence[ConversationRow], roles: Mapping[int, Role]
) -> list[Conversation]:
    """What a list shows of these threads of the space."""
    wordless = ((Thread.KIND, row.pk) for row in rows if row.kept_from is not None and not row.html)
    messages = kept_messages_in(wordless)
    return [_shown(row, space, roles, messages.get((Thread.KIND, row.pk), ())) for row in rows]


def _shown(
    row: ConversationRow, space: Space, roles: Mapping[int, Role], messages: Sequence[Kept]
) -> Conversation:
    role, withdrawn = roles.get(row.author), row.withdrawn_at is not None
    is_question, state = row.kind == Thread.Kind.QUESTION, ""
    if is_question and not withdrawn:
        answered = row.answer is not None and row.answer_withdrawn_at is None
        state = "answered" if answered else "waiting" if space.is_open else "unanswered"
    return Conversation(
        pk=row.pk,
        url=url_at_first_new(row.pk, row.seen_to, row.first_new),
        title="" if withdrawn else row.title,
        language=row.language,
        html="" if withdrawn else row.html,
        name=row.name,
        role=str(role.label) if role else "",
        badge=role.badge if role else "",
        kept=next((kept for kept in messages if not kept.withdrawn), None),
        unread=row.is_new or row.new_replies > 0,
        withdrawn=withdrawn,
        pinned=row.pinned_at is not None,
        private=str(space.sentences.for_answerers) if row.audience == Thread.Audience.ANSWERERS else "",
        state=state,
        since=weekday(row.created_at) if state == "waiting" else "",
        replies=row.replies,
        new_replies=row.new_replies,
        moment="" if row.replies or is_question else moment(row.created_at),
    )
