"""Commenting on a practice, asking its author, answering. Withdrawing is in `posts.actions`."""

import uuid
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import QuerySet, Subquery
from django.utils.translation import gettext

from common import clock
from common.access import require
from common.rows import Rows
from common.statements import statement
from community.posts import mention_actions
from community.posts.actions import NO_FILES, attach_files, lock_post, written_by
from community.posts.permissions import can_edit
from community.practices import comment_news, news
from community.practices.comment_models import Comment
from community.practices.comment_permissions import can_comment, can_settle
from community.practices.models import Practice
from community.spaces.actions import admit_writing_staff
from community.spaces.permissions import can_add_practice, why_no_practice
from messaging.files.actions import Attached

if TYPE_CHECKING:
    from community.people.models import User


@transaction.atomic
def post_comment(
    *,
    practice: Practice,
    author: "User",
    text: str,
    client_id: uuid.UUID,
    asks: bool = False,
    answers: int | None = None,
    language: str = "",
    files: Attached = NO_FILES,
) -> Comment:
    """Comment with the next number of the practice. Idempotent: the same `client_id` returns the first.

    With `asks` it is a question to the author of the practice, open until it is answered. `answers` is the
    number of a question that it is written for: what the author of the practice writes answers it. A question
    that was deleted meanwhile is left out of it.

    Raises Refused when the author of the comment may not write here, or the practice is withdrawn, and
    UploadError for files that are not theirs.
    """
    if can_comment(author, practice):
        # Before the practice is locked: this locks the room, which is always locked before a post.
        admit_writing_staff(space=practice.space, user=author)
    # The lock serializes comments: no gaps in the numbers, and a request sent twice finds the first comment.
    practice = lock_post(practice)
    [(first, told)] = _read_locked(practice.pk, author, client_id)
    if first is not None:
        return Comment.objects.get(pk=first)
    require(can_add_practice(author, practice.space), why_no_practice())
    require(can_comment(author, practice), gettext("This write-up was deleted, so you can’t comment on it."))
    question = _question(practice, answers) if answers else None
    comment = Comment.objects.create(
        practice=practice,
        number=practice.last_number + 1,
        author=author,
        asks=asks and question is None and author.pk != practice.author_id,
        answers=question,
        **written_by(author.pk, {"text": text})["text"]._asdict(),
        language=language or practice.language,
        client_id=client_id,
        created_at=clock.now(),
    )
    if files.keys:
        attach_files(comment, files, author)
    Practice.objects.filter(pk=practice.pk).update(last_number=comment.number)
    if question is not None and author.pk == practice.author_id:
        _settle(question, comment, author)
    mentioned = mention_actions.record(comment)
    comment_news.notify_comment(comment, [person.user_id for person in told], mentioned=mentioned)
    return comment


@statement(tuple)
def _read_locked(practice: int, user: "User", client_id: uuid.UUID) -> QuerySet[Any, Any]:
    """What a comment needs once its practice is locked: the one sent before with this id, and who is told."""
    sent = Comment.objects.filter(author=user, client_id=client_id).values("pk")
    told = Rows(news.Told, news.told_of(practice).order_by("user"))
    return Practice.objects.filter(pk=practice).values_list(Subquery(sent), told)


@transaction.atomic
def edit_comment(*, comment: Comment, by: "User", text: str, files: Attached | None = None) -> Comment:
    """Change one's own comment, at any time; its files if they are given. Returns the current comment.

    Raises Refused when it is another user's or withdrawn, and UploadError for files that are not theirs.
    """
    comment = lock_post(comment)
    require(can_edit(by, comment), gettext("Only the person who wrote this can edit it."))
    changed = files is not None and attach_files(comment, files, by)
    if changed or text != comment.sent("text"):
        comment.text, comment.format, comment.html = written_by(by.pk, {"text": text})["text"]
        comment.edited_at = clock.now()
        comment.save(update_fields=["text", "format", "html", "edited_at"])
        mention_actions.record_again(comment)
    return comment


@transaction.atomic
def accept_answer(*, comment: Comment, by: "User") -> Comment:
    """Say that this comment answers the question it was written for; another answer is replaced. Returns the
    question.

    Raises Refused when `by` may not, or the comment is withdrawn or was written for no question.
    """
    comment = lock_post(comment)
    require(not comment.is_withdrawn, gettext("That comment no longer exists."))
    question = _question_of(comment, by)
    if question.answer_id != comment.pk:
        _settle(question, comment, by)
    return question


@transaction.atomic
def unaccept(*, comment: Comment, by: "User") -> Comment:
    """Mark the question that this comment was written for as still without an answer. Returns the question.

    Raises Refused when `by` may not, or it was written for no question.
    """
    question = _question_of(lock_post(comment), by)
    question.answer = question.answered_at = question.answered_by = None
    question.save(update_fields=["answer", "answered_at", "answered_by"])
    return question


def _question_of(comment: Comment, by: "User") -> Comment:
    """The question of a locked comment, for somebody who says what answers it."""
    question = comment.answers
    if question is not None:
        question.practice = comment.practice
    require(
        question is not None and can_settle(by, question),
        gettext("Only the person who asked, the author, or those who keep order here can say that."),
    )
    assert question is not None
    return question


def _question(practice: Practice, number: int) -> Comment | None:
    asked = Comment.objects.published().filter(practice=practice, number=number, asks=True)
    return asked.select_related("author").first()


def _settle(question: Comment, answer: Comment, by: "User") -> None:
    question.answer, question.answered_at, question.answered_by = answer, clock.now(), by
    question.save(update_fields=["answer", "answered_at", "answered_by"])
