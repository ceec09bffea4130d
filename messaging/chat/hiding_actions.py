"""Hiding messages that were reported, in nobody's name, until somebody decides. The subject that takes
reports checks who may."""

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction

from common import clock
from messaging.chat import attachments, mentions, search_index
from messaging.chat.entries import append, lock_room
from messaging.chat.models import Entry
from messaging.chat.texts import folded
from messaging.files.models import File

if TYPE_CHECKING:
    from community.people.models import User

Kind = Entry.Kind


@transaction.atomic
def hide(*, message: Entry) -> bool:
    """Withdraw a message in nobody's name; whether it was shown. Open pages drop it at once."""
    room = lock_room(message.room)
    changed = Entry.objects.filter(pk=message.pk, withdrawn_at=None).update(withdrawn_at=clock.now())
    if changed:
        search_index.drop([message])
        mentions.messages_changed([message])
        append(room, author=message.author, kind=Kind.WITHDRAW, about=message)
    return bool(changed)


@transaction.atomic
def show_again(*, message: Entry) -> None:
    """Undo `hide`; a message that somebody withdrew stays so. Idempotent."""
    room = lock_room(message.room)
    hidden = Entry.objects.filter(pk=message.pk, withdrawn_at__isnull=False, withdrawn_by=None)
    if hidden.update(withdrawn_at=None):
        search_index.drop([message])
        mentions.messages_changed([message])
        append(room, author=message.author, kind=Kind.RESTORE, about=message)


@transaction.atomic
def take_down(*, message: Entry, by: "User") -> None:
    """Hide a message for good, by who decided that. Idempotent."""
    hide(message=message)
    hidden = Entry.objects.filter(pk=message.pk, withdrawn_at__isnull=False, withdrawn_by=None)
    hidden.update(withdrawn_by=by)


@transaction.atomic
def set_file_hidden(*, message: Entry, file: int, at: dt.datetime | None) -> None:
    """Hide one file of a message, or show it again (without a moment). Open pages follow at once."""
    room = lock_room(message.room)
    File.objects.filter(pk=file, kind=attachments.KIND, thing_id=message.pk).update(hidden_at=at)
    message = Entry.objects.select_related("author").get(pk=message.pk)
    files = attachments.described(attachments.files_of(message))
    if files == message.files:
        return
    message.files, message.folded = files, folded(message.text, files)
    message.save(update_fields=["files", "folded"])
    search_index.drop([message])
    append(room, author=message.author, kind=Kind.EDIT, about=message)
