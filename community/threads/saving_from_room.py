"""Keeping what was said in the room: picked messages become a conversation, a question, or the answer to one.

Their authors are named, and links lead both ways: each message says where it was kept, and the conversation
where in the room it comes from.
"""

import re
import uuid
from collections.abc import Collection
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext

from common.access import Refused, require
from community.spaces.actions import admit_writing_staff
from community.spaces.models import Space
from community.spaces.permissions import can_manage, why_no_talk
from community.threads import actions, news
from community.threads.models import Reply, Thread, ThreadQuerySet
from messaging.chat import actions as chat
from messaging.chat.models import Entry, Room
from messaging.chat.serialize import author_of

if TYPE_CHECKING:
    from community.people.models import User


def waiting_questions(space: Space, user: "User") -> ThreadQuerySet:
    """Questions that what was said in the room may answer, the newest first.

    Not those for the trainer alone, whose titles would then stand in the room.
    """
    questions = Thread.objects.visible_to(user).unanswered().filter(space=space)
    return questions.filter(audience=Thread.Audience.EVERYONE).order_by("-created_at", "-pk")


@transaction.atomic
def keep_as_thread(
    *, space: Space, numbers: Collection[int], title: str, kind: str, by: "User", client_id: uuid.UUID
) -> Thread:
    """Make a conversation or a question of messages. Sent a second time it gives the first.

    Raises Refused when one of them has been taken back, or who asks keeps no order here.
    """
    first = Thread.objects.filter(author=by, client_id=client_id).first()
    if first is not None:
        return first
    messages = _hold(space, numbers, by)
    thread = actions.start_thread(
        space=space,
        author=by,
        kind=kind,
        audience=Thread.Audience.EVERYONE,
        title=title,
        text=_as_text(messages, space),
        client_id=client_id,
    )
    thread.kept_from = messages[0].number
    thread.save(update_fields=["kept_from"])
    _link(messages, space, by, reverse("thread", args=[thread.pk]), thread.title)
    return thread


@transaction.atomic
def keep_as_answer(*, thread: Thread, numbers: Collection[int], by: "User", client_id: uuid.UUID) -> Reply:
    """Make the answer to a waiting question of messages. Sent a second time it gives the first."""
    first = Reply.objects.filter(author=by, client_id=client_id).first()
    if first is not None:
        return first
    space = thread.space
    messages = _hold(space, numbers, by)
    waits = waiting_questions(space, by).filter(pk=thread.pk).exists()
    require(waits, gettext("That question does not wait for an answer any more."))
    reply = actions.post_reply(
        thread=thread, author=by, text=_as_text(messages, space), tried=False, client_id=client_id
    )
    reply.kept_from = messages[0].number
    reply.save(update_fields=["kept_from"])
    actions.accept_answer(reply=reply, by=by)
    _link(messages, space, by, news.reply_path(reply), thread.title)
    return reply


def _hold(space: Space, numbers: Collection[int], by: "User") -> list[Entry]:
    """The messages, in order, kept from being taken back until the end of the transaction."""
    require(can_manage(by, space), gettext("Only a trainer or a coordinator can keep messages."))
    require(space.is_open, why_no_talk(space))
    require(bool(numbers), gettext("Tick the messages that shall be kept."))
    admit_writing_staff(space=space, user=by)
    Room.objects.select_for_update().get(pk=space.room_id)
    found = Entry.objects.filter(
        room=space.room_id, number__in=numbers, kind=Entry.Kind.MESSAGE, withdrawn_at=None
    )
    messages = list(found.select_related("author").order_by("number"))
    if len(messages) != len(set(numbers)):
        raise Refused(gettext("One of these messages has been taken back. Please look again."))
    return messages


def _as_text(messages: list[Entry], space: Space) -> str:
    """The messages as one text: each author's name and time, and their words as a quote."""
    zone, parts, author = ZoneInfo(space.time_zone), list[str](), None
    for message in messages:
        quote = "\n".join(f"> {line}".rstrip() for line in message.text.splitlines())
        if message.author_id == author:
            parts[-1] += f"\n>\n{quote}"
        else:
            name = re.sub(r"([\\`*_\[\]<>~])", r"\\\1", author_of(message).name)
            parts.append(f"**{name}**, {message.at.astimezone(zone):%H:%M}\n\n{quote}")
        author = message.author_id
    text = "\n\n".join(parts)
    require(
        len(text) <= settings.TEXT_LIMIT,
        gettext("Together these are too long to be kept in one place. Please pick fewer."),
    )
    return text


def _link(messages: list[Entry], space: Space, by: "User", path: str, title: str) -> None:
    for message in messages:
        chat.keep_message(room=space.room, number=message.number, by=by, path=path, title=title)
