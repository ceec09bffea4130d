"""Taking new messages into rooms: any number of them, of any rooms, in one transaction and a fixed number of
queries. A form, a socket and a command all come through here; the writer brings many at once.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from common import clock
from common.access import Refused
from messaging.chat import mentions, metrics, sql
from messaging.chat.models import Entry
from messaging.chat.serialize import message_as_shown
from messaging.chat.texts import Written, written
from messaging.live import frames, publish

Writer = tuple[str, str]
"""What is shown of who writes: their role in the room, and their name."""
Place = tuple[int, int]
"""A room's id and a member's."""
Sent = tuple[int, int, uuid.UUID]
"""What makes a sending twice the same: the room, the author, and the id that the sender made."""


@dataclass(slots=True)
class Draft:
    """A message somebody wants to add to a room. `language` is what the message is in, and a refusal."""

    room: int
    author: int
    client_id: uuid.UUID
    text: str
    language: str
    re: int | None = None
    rendered: Written | str | None = None

    def render(self) -> Written | str:
        """The columns made of what was typed, or why it cannot be taken; made once, and it may take a
        while."""
        if self.rendered is None:
            with translation.override(self.language):
                try:
                    self.rendered = written(self.text)
                except Refused as refusal:
                    self.rendered = str(refusal)
        return self.rendered

    @property
    def sent(self) -> Sent:
        """What this sending is known by."""
        return self.room, self.author, self.client_id


@dataclass(slots=True)
class Outcome:
    """What became of a draft: the entry it is in the log, new or already there; or why there is none."""

    entry: Entry | None = None
    refusal: str = ""


@dataclass(slots=True)
class Batch:
    """Everything that is asked once for all drafts, with the rooms held until the commit."""

    rooms: dict[int, tuple[int, bool]]
    """Of each room how far it has come, and whether it is open."""
    members: dict[Place, Writer]
    already: dict[Sent, Entry]
    answered: dict[tuple[int, int], Entry]
    fresh: list[Entry] = field(default_factory=list)


def insert_messages(drafts: Sequence[Draft]) -> list[Outcome]:
    """Add messages, in this order; what becomes of each stands at its place. A draft that was accepted before
    is answered with the entry it became then. Those who follow the rooms are told after the commit."""
    texts = [draft.render() for draft in drafts]
    with transaction.atomic():
        batch = _look_up([draft for draft, text in zip(drafts, texts, strict=True) if isinstance(text, dict)])
        outcomes = [
            Outcome(refusal=text) if isinstance(text, str) else _decide(batch, draft, text)
            for draft, text in zip(drafts, texts, strict=True)
        ]
        if batch.fresh:
            sql.advance({entry.room_id: entry.number for entry in batch.fresh})
            sql.insert(batch.fresh)
            people = mentions.note(batch.fresh)
            publish.entries(_hints(batch, people))
    metrics.ACCEPTED.inc(len(batch.fresh))
    return outcomes


def _look_up(drafts: list[Draft]) -> Batch:
    """Hold the rooms in the order of their ids, and read who may write, what is there already, and what is
    replied to."""
    rooms, authors = {draft.room for draft in drafts}, {draft.author for draft in drafts}
    if not drafts:
        return Batch({}, {}, {}, {})
    batch = Batch(sql.lock_rooms(rooms), sql.writers(rooms, authors), {}, {})
    for entry in sql.sent_before(rooms, authors, {draft.client_id for draft in drafts}):
        batch.already[entry.room_id, entry.author_id or 0, entry.client_id] = entry
    numbers = {draft.re for draft in drafts if draft.re is not None}
    if numbers:
        replied = Entry.objects.filter(room__in=rooms, number__in=numbers, kind=Entry.Kind.MESSAGE)
        for entry in replied.select_related("author"):
            batch.answered[entry.room_id, entry.number] = entry
    return batch


def _decide(batch: Batch, draft: Draft, text: Written) -> Outcome:
    """The entry a draft becomes or became, with the next number of its room; or why it is refused."""
    if known := batch.already.get(draft.sent):
        return Outcome(known)
    room, member = batch.rooms.get(draft.room), batch.members.get((draft.room, draft.author))
    answered = batch.answered.get((draft.room, draft.re)) if draft.re is not None else None
    if room is None or member is None:
        return _refused(draft, gettext_noop("You are not in this room any more."))
    number, is_open = room
    if not is_open:
        return _refused(draft, gettext_noop("The room is closed. Everything in it stays readable."))
    if draft.re is not None and answered is None:
        return _refused(draft, gettext_noop("This message is not there."))
    batch.rooms[draft.room] = (number + 1, is_open)
    entry = Entry(
        room_id=draft.room,
        number=number + 1,
        author_id=draft.author,
        re=answered,
        client_id=draft.client_id,
        language=draft.language,
        at=clock.now(),
        **text,
    )
    batch.already[draft.sent] = entry
    batch.fresh.append(entry)
    return Outcome(entry)


def _refused(draft: Draft, sentence: str) -> Outcome:
    with translation.override(draft.language):
        return Outcome(refusal=gettext(sentence))


def _hints(batch: Batch, people: dict[int, list[int]]) -> list[dict[str, Any]]:
    """What those who follow the rooms are told: one frame for each room, with all that is new in it."""
    by_room: dict[int, list[Entry]] = {}
    for entry in batch.fresh:
        by_room.setdefault(entry.room_id, []).append(entry)
    hints = []
    for room, fresh in by_room.items():
        stream = f"room:{room}"
        shown = [_as_entry(entry, batch.members[room, entry.author_id or 0], people) for entry in fresh]
        hints.append(
            {
                "s": stream,
                "first": fresh[0].number,
                "last": fresh[-1].number,
                "frame": frames.write("entries", s=stream, e=shown),
                "at": fresh[0].at.timestamp(),
            }
        )
    return hints


def _as_entry(entry: Entry, by: Writer, people: dict[int, list[int]]) -> dict[str, Any]:
    role, name = by
    shown = message_as_shown(entry, role, people=people.get(entry.pk), name=name)
    return {"n": entry.number, "k": entry.kind, "m": shown}
