"""Marks on messages: a few fixed phrases, toggled with one tap."""

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from common.access import Refused, require
from common.statements import statement
from messaging.chat.entries import append, lock_message, require_writer
from messaging.chat.models import Entry, Reaction, Room
from messaging.chat.serialize import Marks

if TYPE_CHECKING:
    from community.people.models import User


@transaction.atomic
def react(*, room: Room, number: int, by: "User", mark: str, on: bool, client_id: uuid.UUID) -> Entry:
    """Add a mark to a message, or remove it. Returns the entry of the change, or the message itself when
    nothing changes; the same client id again returns the entry that exists.

    Raises Refused when there is no such mark, or no such message for this person; and for adding one also
    when the message is withdrawn or the room closed. One's own mark can be removed in both cases.
    """
    room, message = lock_message(room, number, by)
    if mark not in Reaction.Mark.values:
        raise Refused(gettext("There is no such reaction."))
    if existing := Entry.objects.filter(room=room, author=by, client_id=client_id).first():
        return existing
    if on:
        require_writer(room, by)
        require(message.withdrawn_at is None, gettext("This message was deleted."))
        _reaction, changed = Reaction.objects.get_or_create(message=message, user=by, mark=mark)
    else:
        deleted, _by_model = Reaction.objects.filter(message=message, user=by, mark=mark).delete()
        changed = bool(deleted)
    if not changed:
        return message
    return append(room, author=by, kind=Entry.Kind.REACT, about=message, client_id=client_id)


@statement(tuple)
def _marks(messages: list[int]) -> QuerySet[Any, Any]:
    rows = Reaction.objects.filter(message__among=messages).order_by("pk")
    return rows.values_list("message_id", "mark", "user_id", "user__name")


def marks_of(messages: Iterable[int]) -> dict[int, Marks]:
    """The marks of these messages (primary keys), in one query; messages without any are left out."""
    found: dict[int, Marks] = {}
    for message, mark, user, name in _marks(list(messages)):
        found.setdefault(message, {}).setdefault(mark, []).append((user, name))
    return found
