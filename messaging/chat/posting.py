"""Inserts new messages: any number of them, of any rooms, in one transaction and a fixed number of queries.

Forms, sockets and commands all use this; the writer passes many messages at once.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from common import clock
from common.access import Refused
from messaging.chat import attachments, mentions, metrics, sql
from messaging.chat.models import Entry
from messaging.chat.serialize import RoomEntry, serialize_message
from messaging.chat.sql import RoomUser, Writer
from messaging.chat.texts import TextColumns, clean_and_render, folded
from messaging.files.actions import MAX_FILES_PER_THING, too_many_files
from messaging.files.models import File
from messaging.live import frames, publish

MessageKey = tuple[int, int, uuid.UUID]
"""The room, the author and the client id of a message: sending with the same key again is idempotent."""


@dataclass(slots=True)
class NewMessage:
    """A message to insert into a room. `language` is the one of its text and of a refusal."""

    room: int
    author: int
    client_id: uuid.UUID
    text: str
    language: str
    re: int | None = None
    """The number of the message it replies to."""
    files: tuple[uuid.UUID, ...] = ()
    """The keys of waiting files of its author, in their order."""
    alts: Mapping[uuid.UUID, str] | None = None
    """What can be seen on pictures among them, by their keys."""
    rendered: TextColumns | str | None = None

    def render(self) -> TextColumns | str:
        """The columns of its text, or the sentence that says why it is refused. Cached; it may take tens of
        milliseconds."""
        if self.rendered is None:
            with translation.override(self.language):
                try:
                    self.rendered = clean_and_render(self.text, has_files=bool(self.files))
                except Refused as refusal:
                    self.rendered = str(refusal)
        return self.rendered

    @property
    def key(self) -> MessageKey:
        """The idempotency key."""
        return self.room, self.author, self.client_id


@dataclass(slots=True)
class Outcome:
    """The result for a new message: its entry in the log, inserted now or earlier; or why it is refused."""

    entry: Entry | None = None
    refusal: str = ""


@dataclass(slots=True)
class Batch:
    """The rows queried for all new messages together, with their rooms locked until the commit."""

    rooms: dict[int, tuple[int, bool]]
    """The last number of each room, and whether it is open."""
    writers: dict[RoomUser, Writer]
    existing: dict[MessageKey, Entry]
    replied_to: dict[tuple[int, int], Entry]
    """Messages by their room and number."""
    waiting: dict[uuid.UUID, File] = field(default_factory=dict)
    """The files that wait for these messages and are not taken by one of them."""
    files: list[tuple[Entry, list[File]]] = field(default_factory=list)
    """New messages that have files."""
    inserted: list[Entry] = field(default_factory=list)


def insert_messages(messages: Sequence[NewMessage]) -> list[Outcome]:
    """Insert messages in this order; returns the outcome of each.

    A message that was inserted before has its existing entry as its outcome. Hints are published after the
    commit. Raises nothing but errors of the database; then nothing is inserted.
    """
    texts = [message.render() for message in messages]
    with transaction.atomic():
        batch = _query([new for new, text in zip(messages, texts, strict=True) if isinstance(text, dict)])
        outcomes = [
            Outcome(refusal=text) if isinstance(text, str) else _decide(batch, message, text)
            for message, text in zip(messages, texts, strict=True)
        ]
        if batch.inserted:
            sql.advance({entry.room_id: entry.number for entry in batch.inserted})
            sql.insert(batch.inserted)
            if batch.files:
                attachments.attach({entry.pk: files for entry, files in batch.files})
            mentioned = mentions.record(batch.inserted)
            publish.entries(_hints(batch, mentioned))
    metrics.ACCEPTED.inc(len(batch.inserted))
    return outcomes


def _query(messages: list[NewMessage]) -> Batch:
    """Lock the rooms in the order of their ids, so that two batches cannot deadlock, and query the rest."""
    rooms, authors = {message.room for message in messages}, {message.author for message in messages}
    if not messages:
        return Batch({}, {}, {}, {})
    batch = Batch(sql.lock_rooms(rooms), sql.writers(rooms, authors), {}, {})
    for entry in sql.sent_before(rooms, authors, {message.client_id for message in messages}):
        batch.existing[entry.room_id, entry.author_id or 0, entry.client_id] = entry
    numbers = {message.re for message in messages if message.re is not None}
    if numbers:
        replied_to = Entry.objects.filter(room__in=rooms, number__in=numbers, kind=Entry.Kind.MESSAGE)
        for entry in replied_to.select_related("author"):
            batch.replied_to[entry.room_id, entry.number] = entry
    if keys := {key for message in messages for key in message.files}:
        batch.waiting = attachments.lock_waiting(keys)
    return batch


def _decide(batch: Batch, message: NewMessage, text: TextColumns) -> Outcome:
    """The entry of a message, with the next number of its room if it is new; or why it is refused."""
    if existing := batch.existing.get(message.key):
        return Outcome(existing)
    room, writer = batch.rooms.get(message.room), batch.writers.get((message.room, message.author))
    replied_to = batch.replied_to.get((message.room, message.re)) if message.re is not None else None
    if room is None or writer is None:
        return _refused(message, gettext_noop("You’re no longer in this chat."))
    number, is_open = room
    if not is_open:
        return _refused(message, gettext_noop("The chat is closed. You can still read everything in it."))
    if message.re is not None and replied_to is None:
        return _refused(message, gettext_noop("This message no longer exists."))
    keys = list(dict.fromkeys(message.files))
    if len(keys) > MAX_FILES_PER_THING:
        return Outcome(refusal=_too_many(message))
    files = [
        file for key in keys if (file := batch.waiting.get(key)) and file.uploaded_by_id == message.author
    ]
    if len(files) < len(keys):
        return _refused(message, gettext_noop("One of your files is no longer here. Please add it again."))
    batch.rooms[message.room] = (number + 1, is_open)
    entry = Entry(
        room_id=message.room,
        number=number + 1,
        author_id=message.author,
        re=replied_to,
        client_id=message.client_id,
        language=message.language,
        at=clock.now(),
        **text,
    )
    if files:
        attachments.describe(files, message.alts or {})
        entry.files = attachments.described(files)
        entry.folded = folded(entry.text, entry.files)
        batch.files.append((entry, [batch.waiting.pop(file.key) for file in files]))
    batch.existing[message.key] = entry
    batch.inserted.append(entry)
    return Outcome(entry)


def _too_many(message: NewMessage) -> str:
    with translation.override(message.language):
        return too_many_files()


def _refused(message: NewMessage, sentence: str) -> Outcome:
    with translation.override(message.language):
        return Outcome(refusal=gettext(sentence))


def _hints(batch: Batch, mentioned: dict[int, list[int]]) -> list[publish.EntriesHint]:
    """One hint for each room, with the frame of everything new in it."""
    by_room: dict[int, list[Entry]] = {}
    for entry in batch.inserted:
        by_room.setdefault(entry.room_id, []).append(entry)
    hints: list[publish.EntriesHint] = []
    for room, inserted in by_room.items():
        stream = f"room:{room}"
        shown = [
            _serialize(entry, batch.writers[room, entry.author_id or 0], mentioned.get(entry.pk))
            for entry in inserted
        ]
        hints.append(
            {
                "s": stream,
                "first": inserted[0].number,
                "last": inserted[-1].number,
                "frame": frames.encode(frames.Entries(t="entries", s=stream, e=shown)),
                "at": inserted[0].at.timestamp(),
            }
        )
    return hints


def _serialize(entry: Entry, writer: Writer, mentioned: list[int] | None) -> RoomEntry:
    role, name = writer
    message = serialize_message(entry, role, mentioned=mentioned, name=name)
    return {"n": entry.number, "k": entry.kind, "m": message}
