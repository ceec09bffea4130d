"""Keeping messages of a room: they become a conversation, a question, or the answer to one.

The post references the messages and does not copy their text. They link to each other: a message to the post
in which it was kept, and the post to its origin in the room.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext

from common.access import Refused, require
from community.posts.actions import lock_post, reference_messages
from community.rooms.queries import GROUPING_WINDOW
from community.spaces.actions import admit_writing_staff
from community.spaces.models import Space
from community.spaces.permissions import can_keep_order, why_no_talk
from community.threads import actions, news
from community.threads.models import Reply, Thread, ThreadQuerySet
from messaging.chat import actions as chat
from messaging.chat.models import Entry, Room

if TYPE_CHECKING:
    from community.people.models import User

SEARCHED_AROUND = 60
"""Messages before and after one among which the exchange it belongs to is looked for."""
SHOWN_AROUND = 8
"""Messages before and after an exchange that are offered with it."""


@dataclass(frozen=True)
class Exchange:
    """A message with what it replies to and the replies (`numbers`), among the messages around it."""

    messages: list[Entry]
    numbers: set[int]


def exchange_around(space: Space, number: int) -> Exchange:
    """The exchange to which a message of the space's room belongs, in the order of the log; empty without
    that message. What one person said in a row counts as one."""
    before, after = Q(number__lte=number), Q(number__gt=number)
    messages = [*reversed(_around(space, before, "-number")), *_around(space, after, "number")]
    start = next((message for message in messages if message.number == number), None)
    if start is None:
        return Exchange([], set())
    runs = _runs(messages)
    quoted = _quoted_earlier(runs[start.pk], runs)
    runs |= {message.pk: [message] for message in quoted}
    found: set[int] = set()
    waiting = runs[start.pk][:]
    while waiting:
        found.update(each.pk for each in waiting)
        replied_to = {each.re_id for each in waiting if each.re_id in runs} - found
        waiting = [each for pk in replied_to for each in runs[pk]]
    for message in messages:  # replies to replies come later in the log
        if any(each.re_id in found for each in runs[message.pk]):
            found.update(each.pk for each in runs[message.pk])
    places = [place for place, message in enumerate(messages) if message.pk in found]
    shown = messages[max(0, places[0] - SHOWN_AROUND) : places[-1] + 1 + SHOWN_AROUND]
    offered = [*quoted, *shown]
    return Exchange(offered, {message.number for message in offered if message.pk in found})


def _around(space: Space, part: Q, order: str) -> list[Entry]:
    rows = Entry.objects.filter(part, room=space.room_id, kind=Entry.Kind.MESSAGE, withdrawn_at=None)
    return list(rows.select_related("author").order_by(order)[:SEARCHED_AROUND])


def _runs(messages: list[Entry]) -> dict[int, list[Entry]]:
    """Of each message, by its id, what its author said with it: without a pause, and with nobody between."""
    runs: dict[int, list[Entry]] = {}
    before: Entry | None = None
    for message in messages:
        follows = (
            before is not None
            and before.author_id == message.author_id
            and message.at - before.at < GROUPING_WINDOW
            and message.re_id is None
        )
        runs[message.pk] = runs[before.pk] if follows and before is not None else []
        runs[message.pk].append(message)
        before = message
    return runs


def _quoted_earlier(run: list[Entry], known: Collection[int]) -> list[Entry]:
    """What these reply to, where that was said long before."""
    missing = {each.re_id for each in run if each.re_id is not None} - set(known)
    rows = Entry.objects.filter(pk__in=missing, withdrawn_at=None) if missing else Entry.objects.none()
    return list(rows.select_related("author").order_by("number"))


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
