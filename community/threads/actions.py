"""Starting conversations, asking, replying, and what one does to one's own words afterwards."""

import uuid
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext

from common import clock, html
from common.access import require
from community.spaces.actions import admit_writing_staff
from community.spaces.models import Space
from community.spaces.permissions import can_talk, why_no_talk
from community.threads import news
from community.threads.models import Reply, Thread
from community.threads.permissions import (
    can_accept,
    can_edit,
    can_pin,
    can_reply,
    can_restore,
    can_withdraw,
    thread_of,
)

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
) -> Thread:
    """Start a conversation or ask a question. Sent a second time it gives the first."""
    mine = Thread.objects.filter(author=author, client_id=client_id)
    if (first := mine.first()) is not None:
        return first
    require(can_talk(author, space), why_no_talk(space))
    admit_writing_staff(space=space, user=author)
    if kind != Thread.Kind.QUESTION:
        audience = Thread.Audience.EVERYONE
    now = clock.now()
    try:
        with transaction.atomic():
            thread = Thread.objects.create(
                space=space,
                author=author,
                kind=kind,
                audience=audience,
                title=title,
                text=text,
                html=html.render(text),
                language=language or space.language,
                client_id=client_id,
                created_at=now,
                last_post_at=now,
            )
    except IntegrityError:
        # The same form was sent twice at once, and the other one came first.
        return mine.get()
    if thread.is_question:
        news.tell_question(thread)
    return thread


@transaction.atomic
def post_reply(
    *, thread: Thread, author: "User", text: str, tried: bool, client_id: uuid.UUID, language: str = ""
) -> Reply:
    """Reply, with the next number of the thread. Sent a second time it gives the first."""
    # Everybody who replies waits for this row, so numbers follow each other without a gap, and a second
    # sending finds the first.
    thread = (
        Thread.objects.select_for_update(of=("self",)).select_related("space__institute").get(pk=thread.pk)
    )
    first = Reply.objects.filter(author=author, client_id=client_id).first()
    if first is not None:
        return first
    _require_reply(author, thread)
    admit_writing_staff(space=thread.space, user=author)
    reply = Reply.objects.create(
        thread=thread,
        number=thread.last_number + 1,
        author=author,
        text=text,
        html=html.render(text),
        language=language or thread.language,
        tried=tried,
        client_id=client_id,
        created_at=clock.now(),
    )
    thread.last_number = reply.number
    thread.last_post_at = reply.created_at
    thread.save(update_fields=["last_number", "last_post_at"])
    news.tell_reply(reply)
    return reply


@transaction.atomic
def edit_thread(*, thread: Thread, by: "User", title: str, text: str, language: str = "") -> Thread:
    """Mend the opening of one's own thread, after the end as well."""
    _require_own(by, thread)
    if (title, text, language or thread.language) != (thread.title, thread.text, thread.language):
        thread.title, thread.text, thread.html = title, text, html.render(text)
        thread.language = language or thread.language
        thread.edited_at = clock.now()
        thread.save(update_fields=["title", "text", "html", "language", "edited_at"])
    return thread


@transaction.atomic
def edit_reply(*, reply: Reply, by: "User", text: str, tried: bool) -> Reply:
    """Mend one's own reply, after the end as well."""
    _require_own(by, reply)
    if (text, tried) != (reply.text, reply.tried):
        reply.text, reply.html, reply.tried = text, html.render(text), tried
        reply.edited_at = clock.now()
        reply.save(update_fields=["text", "html", "tried", "edited_at"])
    return reply


@transaction.atomic
def withdraw_thread(*, thread: Thread, by: "User") -> None:
    """Take back one's own thread, or take one down. Replies stay; where the opening stood, a line says so."""
    _require_withdrawal(by, thread)
    Thread.objects.filter(pk=thread.pk, withdrawn_at=None).update(withdrawn_at=clock.now(), withdrawn_by=by)
    thread.refresh_from_db(fields=["withdrawn_at", "withdrawn_by"])
    news.reconsider(thread)


@transaction.atomic
def restore_thread(*, thread: Thread, by: "User") -> None:
    """Put a thread back as it was."""
    _require_restoring(by, thread)
    Thread.objects.filter(pk=thread.pk).update(withdrawn_at=None, withdrawn_by=None)
    thread.refresh_from_db(fields=["withdrawn_at", "withdrawn_by"])
    news.reconsider(thread)


@transaction.atomic
def withdraw_reply(*, reply: Reply, by: "User") -> None:
    """Take back one's own reply, or take one down. An accepted answer no longer counts as one meanwhile."""
    _require_withdrawal(by, reply)
    Reply.objects.filter(pk=reply.pk, withdrawn_at=None).update(withdrawn_at=clock.now(), withdrawn_by=by)
    reply.refresh_from_db(fields=["withdrawn_at", "withdrawn_by"])
    _keep_newest(reply.thread)
    news.take_back_reply(reply)


@transaction.atomic
def restore_reply(*, reply: Reply, by: "User") -> None:
    """Put a reply back as it was, as the answer too if it was one."""
    _require_restoring(by, reply)
    Reply.objects.filter(pk=reply.pk).update(withdrawn_at=None, withdrawn_by=None)
    reply.refresh_from_db(fields=["withdrawn_at", "withdrawn_by"])
    _keep_newest(reply.thread)
    news.put_back_reply(reply)


@transaction.atomic
def accept_answer(*, thread: Thread, reply: Reply, by: "User") -> None:
    """Say that this reply answers the question."""
    _require_acceptance(by, thread)
    require(
        reply.thread_id == thread.pk and reply.withdrawn_at is None,
        gettext("That reply is no longer there."),
    )
    if thread.answer_id == reply.pk:
        return
    if thread.answer is not None:
        news.take_back_answer(thread.answer)
    thread.answer, thread.answered_at, thread.answered_by = reply, clock.now(), by
    thread.save(update_fields=["answer", "answered_at", "answered_by"])
    news.tell_answer(thread, reply, by)


@transaction.atomic
def unaccept(*, thread: Thread, by: "User") -> None:
    """Say that the question still needs an answer."""
    _require_acceptance(by, thread)
    if thread.answer is not None:
        news.take_back_answer(thread.answer)
    thread.answer = thread.answered_at = thread.answered_by = None
    thread.save(update_fields=["answer", "answered_at", "answered_by"])


@transaction.atomic
def pin(*, thread: Thread, by: "User") -> None:
    """Keep a conversation above the others."""
    _require_pinning(by, thread)
    Thread.objects.filter(pk=thread.pk, pinned_at=None).update(pinned_at=clock.now(), pinned_by=by)


@transaction.atomic
def unpin(*, thread: Thread, by: "User") -> None:
    """Let a conversation take its place among the others."""
    _require_pinning(by, thread)
    Thread.objects.filter(pk=thread.pk).update(pinned_at=None, pinned_by=None)


def _keep_newest(thread: Thread) -> None:
    """A thread stands where its newest words that are still there put it."""
    locked = Thread.objects.select_for_update(of=("self",)).get(pk=thread.pk)
    newest = Reply.objects.filter(thread=thread, withdrawn_at=None).aggregate(at=Max("created_at"))["at"]
    Thread.objects.filter(pk=thread.pk).update(last_post_at=newest or locked.created_at)


def _require_reply(author: "User", thread: Thread) -> None:
    require(can_talk(author, thread.space), why_no_talk(thread.space))
    require(
        can_reply(author, thread), gettext("This conversation was taken back, so it takes no more replies.")
    )


def _require_own(by: "User", post: Thread | Reply) -> None:
    require(can_edit(by, post), gettext("Only who wrote something can change it."))


def _require_withdrawal(by: "User", post: Thread | Reply) -> None:
    require(can_withdraw(by, post), gettext("You can take back only what you wrote yourself."))


def _require_restoring(by: "User", post: Thread | Reply) -> None:
    require(
        post.withdrawn_at is None or can_restore(by, post),
        gettext("Only who took this away can put it back."),
    )


def _require_acceptance(by: "User", thread: Thread) -> None:
    space = thread_of(thread).space
    require(space.is_open, why_no_talk(space))
    require(
        can_accept(by, thread),
        gettext("Whether a question is answered is said by who asked it, or by the trainer."),
    )


def _require_pinning(by: "User", thread: Thread) -> None:
    require(
        can_pin(by, thread),
        gettext("Only the trainer and the coordinator can pin a conversation everyone sees."),
    )
