"""Keeping messages of a room: they become a conversation, a question, or the answer to one.

The post references the messages and does not copy their text. They link to each other: a message to the post
in which it was kept, and the post to its origin in the room.
"""

import uuid
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext

from common.access import Refused, require
from community.posts.actions import lock_post, reference_messages
from community.spaces.actions import admit_writing_staff
from community.spaces.models import Space
from community.spaces.permissions import can_keep_order, why_no_talk
from community.threads import actions, news
from community.threads.models import Reply, Thread, ThreadQuerySet
from messaging.chat import actions as chat
from messaging.chat.models import Entry, Room

if TYPE_CHECKING:
    from community.people.models import User


def waiting_questions(space: Space, user: "User") -> ThreadQuerySet:
    """Questions that messages of the room may answer, newest first.

    Without private ones, whose titles would be shown in the room.
    """
    questions = Thread.objects.visible_to(user).countable().unanswered().filter(space=space)
    return questions.order_by("-created_at", "-pk")


@transaction.atomic
def keep_as_thread(
    *, space: Space, numbers: Collection[int], title: str, kind: str, by: "User", client_id: uuid.UUID
) -> Thread:
    """Create a conversation or a question from messages. Idempotent: the same `client_id` returns the first.

    Raises Refused when one of them is withdrawn, they are too long, or `by` does not keep order here.
    """
    mine = Thread.objects.filter(author=by, client_id=client_id)
    if (first := mine.first()) is not None:
        return first
    messages = _lock_messages(space, numbers, by)
    if (first := mine.first()) is not None:
        # The same form was sent twice concurrently, and this request waited for the other.
        return first
    thread = actions.start_thread(
        space=space,
        author=by,
        kind=kind,
        audience=Thread.Audience.EVERYONE,
        title=title,
        text="",
        client_id=client_id,
    )
    reference_messages(post=thread, messages=messages)
    _link(messages, space, by, reverse("thread", args=[thread.pk]))
    return thread


@transaction.atomic
def keep_as_answer(*, thread: Thread, numbers: Collection[int], by: "User", client_id: uuid.UUID) -> Reply:
    """Create the answer to an unanswered question from messages. Idempotent: the same `client_id` returns the
    first.

    Raises Refused as `keep_as_thread` does, or when the question has an answer already.
    """
    mine = Reply.objects.filter(author=by, client_id=client_id)
    if (first := mine.first()) is not None:
        return first
    space = thread.space
    messages = _lock_messages(space, numbers, by)
    if (first := mine.first()) is not None:
        return first
    thread = lock_post(thread)
    waits = waiting_questions(space, by).filter(pk=thread.pk).exists()
    require(waits, gettext("That question is no longer waiting for an answer."))
    reply = actions.post_reply(thread=thread, author=by, text="", tried=False, client_id=client_id)
    reference_messages(post=reply, messages=messages)
    actions.accept_answer(reply=reply, by=by)
    _link(messages, space, by, news.reply_path(reply))
    return reply


def _lock_messages(space: Space, numbers: Collection[int], by: "User") -> list[Entry]:
    """The messages in order. The lock on their room prevents a concurrent withdrawal."""
    require(can_keep_order(by, space), gettext("Only people who keep order here can keep messages."))
    require(space.is_open, why_no_talk(space))
    require(bool(numbers), gettext("Tick the messages you want to keep."))
    admit_writing_staff(space=space, user=by)
    Room.objects.select_for_update().get(pk=space.room_id)
    found = Entry.objects.filter(
        room=space.room_id, number__in=numbers, kind=Entry.Kind.MESSAGE, withdrawn_at=None
    )
    messages = list(found.select_related("author").order_by("number"))
    if len(messages) != len(set(numbers)):
        raise Refused(gettext("One of these messages has been deleted. Please look again."))
    require(
        sum(len(message.text) for message in messages) <= settings.TEXT_LIMIT_CHARS,
        gettext("Together these are too long to keep in one place. Please pick fewer."),
    )
    return messages


def _link(messages: list[Entry], space: Space, by: "User", path: str) -> None:
    for message in messages:
        chat.keep_message(room=space.room, number=message.number, by=by, path=path)
