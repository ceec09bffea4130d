"""What the page of a practice shows of the comments under it, as plain values of which pieces are drawn."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import F, QuerySet
from django.utils.safestring import SafeString

from common.moments import moment
from common.names import initials
from common.paths import path_of
from common.statements import statement
from community.posts.mark_queries import MarkCount, ShownMark, mark_counts, marks_shown
from community.posts.permissions import can_edit, can_restore_with, can_withdraw_with
from community.posts.queries import mentions, shown_of
from community.practices.comment_models import Comment
from community.practices.comment_permissions import can_settle_with
from community.practices.models import Practice
from community.spaces.kinds import Role
from messaging.files.shown import ShownFile, files_shown, in_text, not_in

if TYPE_CHECKING:
    from community.people.models import User

COMMENTS_PER_PAGE = 30


def page_of_number(number: int) -> int:
    """The page of a practice that has the comment with this number."""
    return max(0, number - 1) // COMMENTS_PER_PAGE + 1


def comment_path(comment: Comment) -> str:
    """The URL of a comment: its page of the practice, and its anchor."""
    return path_at_number(comment.practice_id, comment.number)


def path_at_number(practice: int, number: int) -> str:
    """The URL of the comment with this number."""
    page = page_of_number(number)
    query = f"?page={page}" if page > 1 else ""
    return f"{path_of('practice', practice)}{query}#comment-{number}"


class CommentRow(NamedTuple):
    """One comment of a page."""

    pk: int
    number: int
    author_id: int
    author_name: str
    language: str
    html: str
    asks: bool
    answer_id: int | None
    answer_number: int | None
    answer_withdrawn_at: dt.datetime | None
    answers_number: int | None
    answers_author_id: int | None
    answers_name: str | None
    answers_answer: int | None
    answers_withdrawn_at: dt.datetime | None
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

    @property
    def is_answered(self) -> bool:
        """Whether it is a question with an answer that is not withdrawn."""
        return self.answer_id is not None and self.answer_withdrawn_at is None


class ShownComment(NamedTuple):
    """One comment: plain values, of which a kept piece is drawn."""

    pk: int
    number: int
    is_first_new: bool
    language: str
    html: str
    author_id: int
    name: str
    badge: str
    role: str
    is_author: bool
    """Whether who wrote it wrote the practice."""
    moment: SafeString | str
    changed: bool
    withdrawn: bool
    taken_down: bool
    hidden: bool
    reader: int
    """The reader where what is shown depends on it: what was withdrawn."""
    is_open: bool
    """A question without an answer."""
    answer_path: str
    """Of a question, where its answer is."""
    question_path: str
    """Of what was written for a question, where that is."""
    question_by: str
    answer_to: str
    """Where to write something for this question."""
    settles: bool
    """Whether it is the answer."""
    files: tuple[ShownFile, ...]
    marks: tuple[ShownMark, ...]
    may_mark: bool
    to_me: bool
    """Whether it mentions the reader."""
    quotes: bool
    """Whether the reader may quote it in another."""
    path: str
    accepts: bool
    unaccepts: bool
    edits: bool
    withdraws: bool
    restores: bool

    @property
    def initials(self) -> str:
        """For the avatar."""
        return initials(self.name)


@dataclass(frozen=True)
class Comments:
    """One page of the comments on a practice, for one reader."""

    page: int
    pages: int
    comments: list[ShownComment]
    first: int
    last: int
    questions: dict[int, CommentRow]
    """The questions among them that are not withdrawn, by number."""


def comments_shown(
    practice: Practice,
    reader: "User",
    page: int,
    roles: Mapping[int, Role],
    *,
    seen_to: int | None,
    keeps_order: bool,
    comments: bool,
) -> Comments:
    """The comments of a page to a reader who has read those up to a number, or has never opened the practice.
    `comments`: whether the reader may comment. One statement, none for a practice without comments."""
    pages = page_of_number(practice.last_number)
    page = min(max(page, 1), pages)
    first, last = (page - 1) * COMMENTS_PER_PAGE + 1, min(page * COMMENTS_PER_PAGE, practice.last_number)
    rows = _comments(reader, practice.pk, first, last) if practice.last_number else []
    rows = shown_of(rows, reader, lambda: _newest_published.first(practice.pk), keeps_order=keeps_order)
    new = [
        row.number
        for row in rows
        if seen_to is not None
        and row.number > seen_to
        and row.author_id != reader.pk
        and not row.is_withdrawn
    ]
    shown = [
        _shown(
            row,
            practice,
            reader,
            roles.get(row.author_id),
            is_first_new=bool(new) and row.number == new[0],
            keeps_order=keeps_order,
            comments=comments,
        )
        for row in rows
    ]
    questions = {row.number: row for row in rows if row.asks and not row.is_withdrawn}
    return Comments(page, pages, shown, first, last, questions)


def _shown(
    row: CommentRow,
    practice: Practice,
    reader: "User",
    role: Role | None,
    *,
    is_first_new: bool,
    keeps_order: bool,
    comments: bool,
) -> ShownComment:
    page = page_of_number(row.number)
    may_answer = comments and row.asks and row.author_id != reader.pk
    may_mark = comments and row.author_id != reader.pk and not row.is_withdrawn
    settles = row.answers_answer == row.pk and not row.is_withdrawn
    may_settle = (
        comments
        and row.answers_author_id is not None
        and row.answers_withdrawn_at is None
        and can_settle_with(reader, practice, row.answers_author_id, keeps_order=keeps_order)
    )
    return ShownComment(
        pk=row.pk,
        number=row.number,
        is_first_new=is_first_new,
        language=row.language,
        html=in_text(row.html, row.files),
        author_id=row.author_id,
        name=row.author_name,
        badge=role.badge if role else "",
        role=str(role.label) if role else "",
        is_author=row.author_id == practice.author_id,
        moment=moment(row.created_at),
        changed=row.edited_at is not None,
        withdrawn=row.is_withdrawn,
        taken_down=row.was_taken_down,
        hidden=row.was_hidden,
        reader=reader.pk if row.is_withdrawn else 0,
        is_open=row.asks and not row.is_answered,
        answer_path=path_at_number(practice.pk, row.answer_number or 0) if row.is_answered else "",
        question_path=path_at_number(practice.pk, row.answers_number) if row.answers_number else "",
        question_by=row.answers_name or "",
        answer_to=f"?page={page}&answers={row.number}#id_text" if may_answer else "",
        settles=settles,
        files=() if row.is_withdrawn else tuple(not_in(row.files, row.html)),
        marks=marks_shown(row.marks, may_mark=may_mark),
        may_mark=may_mark,
        to_me=row.mentions_reader,
        quotes=comments,
        path=path_at_number(practice.pk, row.number),
        accepts=may_settle and not settles,
        unaccepts=may_settle and settles,
        edits=can_edit(reader, row),
        withdraws=can_withdraw_with(reader, row, keeps_order=keeps_order),
        restores=can_restore_with(reader, row, keeps_order=keeps_order),
    )


@statement(CommentRow)
def _comments(reader: "User", practice: int, first: int, last: int) -> QuerySet[Any, Any]:
    rows = Comment.objects.filter(practice=practice, number__gte=first, number__lte=last).order_by("number")
    return rows.annotate(
        author_name=F("author__name"),
        answer_number=F("answer__number"),
        answer_withdrawn_at=F("answer__withdrawn_at"),
        answers_number=F("answers__number"),
        answers_author_id=F("answers__author"),
        answers_name=F("answers__author__name"),
        answers_answer=F("answers__answer"),
        answers_withdrawn_at=F("answers__withdrawn_at"),
        marks=mark_counts(Comment.KIND, reader),
        mentions_reader=mentions(Comment.KIND, reader),
        files=files_shown(Comment.KIND),
    ).values_list(*CommentRow._fields)


@statement(int)
def _newest_published(practice: int) -> QuerySet[Any, Any]:
    published = Comment.objects.published().filter(practice=practice)
    return published.order_by("-number").values_list("number")[:1]
