"""Starting, replying, editing, accepting answers, pinning. Withdrawing is in `posts.actions`."""

import uuid
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Subquery
from django.utils.translation import gettext

from common import clock
from common.access import require
from common.rows import Rows
from common.statements import statement
from community.posts import mention_actions
from community.posts.actions import NO_FILES, attach_files, lock_post, written_by
from community.posts.permissions import can_edit
from community.spaces.actions import admit_writing_staff, lock_answerers
from community.spaces.models import Space
from community.spaces.permissions import can_talk, why_no_talk
from community.threads import news
from community.threads.models import Reply, Thread, spaces
from community.threads.permissions import can_accept, can_open_to_everyone, can_pin, can_reply
from messaging.files.actions import Attached

if TYPE_CHECKING:
    from community.people.models import User


@transaction.atomic
def start_thread(
    *,
    space: Space,
    author: "User",
    kind: str,
    audience: str,
    title: str,
    text: str,
    client_id: uuid.UUID,
    language: str = "",
    files: Attached = NO_FILES,
) -> Thread:
    """Start a conversation or ask a question. Idempotent: the same `client_id` returns the first.

    Raises Refused when talk is closed, the author may not write here, or nobody is there to read a private
    question; UploadError for files that are not the author's; and ValueError for an unknown kind or audience.
    """
    kind, audience = Thread.Kind(kind), Thread.Audience(audience)
    mine = Thread.objects.filter(author=author, client_id=client_id)
    if (first := mine.first()) is not None:
        return first
    require(can_talk(author, space), why_no_talk(space))
    if kind != Thread.Kind.QUESTION:
        audience = Thread.Audience.EVERYONE
    if audience == Thread.Audience.ANSWERERS:
        # Nobody who could read it leaves before it is there; then they are told of it, or its author is.
        require(bool(lock_answerers(space)), str(space.sentences.nobody_answers))
    admit_writing_staff(space=space, user=author)
    now = clock.now()
    try:
        with transaction.atomic():
            thread = Thread.objects.create(
                space=space,
                author=author,
                kind=kind,
                audience=audience,
                title=title,
                **written_by(author.pk, {"text": text})["text"]._asdict(),
                language=language or space.language,
                client_id=client_id,
                created_at=now,
                last_post_at=now,
            )
    except IntegrityError:
        # The same form was sent twice concurrently, and the other request was first.
        return mine.get()
    if files.keys:
        attach_files(thread, files, author)
    news.notify_started(thread, mentioned=mention_actions.record(thread))
    return thread


@transaction.atomic
def open_to_everyone(*, thread: Thread, by: "User") -> Thread:
    """Show a private question to everybody in the space. Idempotent. Returns the thread.

    Raises Refused for everybody but its author, when talk is closed, and once somebody else has replied: what
    they wrote was for the author alone.
    """
    thread = lock_post(thread)
    if not thread.for_answerers_only:
        return thread
    require(thread.space.is_open, why_no_talk(thread.space))
    require(
        can_open_to_everyone(by, thread),
        gettext(
            "Only the person who asked can show a question to everyone, and only while no one has replied."
        ),
    )
    thread.audience = Thread.Audience.EVERYONE
    thread.save(update_fields=["audience"])
    news.withdraw_unread(thread)
    mention_actions.record_again(thread)
    return thread


@transaction.atomic
def post_reply(
    *,
    thread: Thread,
    author: "User",
    text: str,
    tried: bool,
    client_id: uuid.UUID,
    language: str = "",
    files: Attached = NO_FILES,
) -> Reply:
    """Reply, with the next number of the thread. Idempotent: the same `client_id` returns the first.

    Raises Refused when talk is closed, the thread is withdrawn, or the author may not reply to it, and
    UploadError for files that are not the author's.
    """
    if can_reply(author, thread):
        # Before the thread is locked: this locks the room, which is always locked before a thread.
        admit_writing_staff(space=thread.space, user=author)
    # The lock serializes replies: no gaps in the numbers, and a request sent twice finds the first reply.
    kind, thread = thread.space.kind, thread.lock_row()
    private = thread.for_answerers_only
    [(first, told, *space)] = _read_locked(thread.pk, author, client_id, kind=kind, private=private)
    if first is not None:
        return Reply.objects.get(pk=first)
    thread.space = spaces.made_of(space)
    require(can_talk(author, thread.space), why_no_talk(thread.space))
    require(can_reply(author, thread), gettext("This conversation was deleted, so you can’t reply to it."))
    reply = Reply.objects.create(
        thread=thread,
        number=thread.last_number + 1,
        author=author,
        **written_by(author.pk, {"text": text})["text"]._asdict(),
        language=language or thread.language,
        tried=tried,
        client_id=client_id,
        created_at=clock.now(),
    )
    if files.keys:
        attach_files(reply, files, author)
    thread.last_number, thread.last_post_at = reply.number, reply.created_at
    newest = {"last_number": reply.number, "last_post_at": reply.created_at}
    Thread.objects.filter(pk=thread.pk).update(**newest)
    mentioned = mention_actions.record(reply)
    news.notify_reply(reply, [person.user_id for person in told], mentioned=mentioned)
    return reply


@statement(tuple)
def _read_locked(
    thread: int, user: "User", client_id: uuid.UUID, *, kind: str, private: bool
) -> QuerySet[Any, Any]:
    """What a reply needs once its thread is locked: the reply sent before with this id, who is told of it,
    and the space."""
    sent = Reply.objects.filter(author=user, client_id=client_id).values("pk")
    told = news.writers(thread, kind=kind, private=private).order_by("user")
    columns = [f"space__{name}" for name in spaces.columns]
    return Thread.objects.filter(pk=thread).values_list(Subquery(sent), Rows(news.Told, told), *columns)


@transaction.atomic
def edit_thread(
    *, thread: Thread, by: "User", title: str, text: str, language: str = "", files: Attached | None = None
) -> Thread:
    """Change the opening of one's own thread, even in a closed space; its files if they are given. Returns
    the current thread.

    Raises Refused when it is another user's or withdrawn, and UploadError for files that are not theirs.
    """
    thread = lock_post(thread)
    require(can_edit(by, thread), gettext("Only the person who wrote this can edit it."))
    language = language or thread.language
    changed = files is not None and attach_files(thread, files, by)
    if changed or (title, text, language) != (thread.title, thread.sent("text"), thread.language):
        thread.title = title
        thread.text, thread.format, thread.html = written_by(by.pk, {"text": text})["text"]
        thread.language, thread.edited_at = language, clock.now()
        thread.save(update_fields=["title", "text", "format", "html", "language", "edited_at"])
        mention_actions.record_again(thread)
    return thread


@transaction.atomic
def edit_reply(*, reply: Reply, by: "User", text: str, tried: bool, files: Attached | None = None) -> Reply:
    """Change one's own reply, even in a closed space; its files if they are given. Returns the current reply.

    Raises Refused when it is another user's or withdrawn, and UploadError for files that are not theirs.
    """
    reply = lock_post(reply)
    require(can_edit(by, reply), gettext("Only the person who wrote this can edit it."))
    changed = files is not None and attach_files(reply, files, by)
    if changed or (text, tried) != (reply.sent("text"), reply.tried):
        reply.text, reply.format, reply.html = written_by(by.pk, {"text": text})["text"]
        reply.tried, reply.edited_at = tried, clock.now()
        reply.save(update_fields=["text", "format", "html", "tried", "edited_at"])
        mention_actions.record_again(reply)
    return reply


@transaction.atomic
def accept_answer(*, reply: Reply, by: "User") -> Thread:
    """Mark this reply as the answer to its question; another accepted answer is replaced. Returns the thread.

    Raises Refused when talk is closed, `by` may not accept, or the reply is withdrawn.
    """
    reply = lock_post(reply)
    thread = reply.thread
    _require_acceptance(by, thread)
    require(not reply.is_withdrawn, gettext("That reply no longer exists."))
    if thread.answer_id == reply.pk:
        return thread
    if thread.answer is not None:
        news.withdraw_answer(thread.answer)
    thread.answer, thread.answered_at, thread.answered_by = reply, clock.now(), by
    thread.save(update_fields=["answer", "answered_at", "answered_by"])
    news.notify_answer(thread, reply, by)
    return thread


@transaction.atomic
def unaccept(*, thread: Thread, by: "User") -> Thread:
    """Mark the question as still without an answer. Returns the thread.

    Raises Refused when talk is closed or `by` may not accept.
    """
    thread = lock_post(thread)
    _require_acceptance(by, thread)
    if thread.answer is not None:
        news.withdraw_answer(thread.answer)
    thread.answer = thread.answered_at = thread.answered_by = None
    thread.save(update_fields=["answer", "answered_at", "answered_by"])
    return thread


@transaction.atomic
def pin(*, thread: Thread, by: "User") -> Thread:
    """Show a conversation above the others. Returns the thread. Raises Refused when `by` may not."""
    thread = lock_post(thread)
    _require_pinning(by, thread)
    if thread.pinned_at is None:
        thread.pinned_at, thread.pinned_by = clock.now(), by
        thread.save(update_fields=["pinned_at", "pinned_by"])
    return thread


@transaction.atomic
def unpin(*, thread: Thread, by: "User") -> Thread:
    """Sort a conversation among the others again. Returns the thread. Raises Refused when `by` may not."""
    thread = lock_post(thread)
    _require_pinning(by, thread)
    thread.pinned_at = thread.pinned_by = None
    thread.save(update_fields=["pinned_at", "pinned_by"])
    return thread


def _require_acceptance(by: "User", thread: Thread) -> None:
    require(thread.space.is_open, why_no_talk(thread.space))
    require(
        can_accept(by, thread),
        gettext("Only the person who asked, or those who keep order here, can mark a question as answered."),
    )


def _require_pinning(by: "User", thread: Thread) -> None:
    require(
        can_pin(by, thread),
        gettext("Only people who keep order here can pin a conversation for everyone."),
    )
