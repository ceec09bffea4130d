"""Writes what was said in the chats of the demo: a stretch of messages at once, in the order of time.

Whoever accepts messages gives all of a stretch the moment at which it is called, and lets them reply only to
messages that are there. So both are written to their entries afterwards.
"""

import datetime as dt
import uuid
from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from common import clock
from common.access import Refused
from community.people.models import User
from followup.demo.attachments import Attachments
from followup.demo.fixtures import RoomMessage
from messaging.chat.models import Entry, Reaction, Room
from messaging.chat.posting import NewMessage, insert_messages


@dataclass
class Talk:
    """The messages of one room with their authors; `entries` are those that are written, by their place."""

    room: list[RoomMessage]
    moments: list[dt.datetime]
    people: dict[str, User]
    attachments: Attachments
    entries: dict[int, Entry] = field(default_factory=dict)

    def stretches(self, breaks: Iterable[dt.datetime]) -> list[tuple[dt.datetime, list[int]]]:
        """The places of the messages between these moments, with the moment of the last message of each
        stretch."""
        ordered = sorted(breaks)
        in_time = sorted(range(len(self.room)), key=lambda place: self.moments[place])
        parts = groupby(in_time, key=lambda place: bisect(ordered, self.moments[place]))
        stretches = [list(places) for _, places in parts]
        return [(self.moments[places[-1]], places) for places in stretches]

    def write(self, room: Room, places: Sequence[int]) -> None:
        """Write the messages at these places. Raises Refused if one of them is."""
        outcomes = insert_messages([self._message(room, place) for place in places])
        for place, outcome in zip(places, outcomes, strict=True):
            if outcome.entry is None:
                raise Refused(outcome.refusal)
            self.entries[place] = outcome.entry
        for place in places:
            entry, replies_to = self.entries[place], self.room[place].re
            entry.at = self.moments[place]
            entry.re = self.entries[place - replies_to] if replies_to else None
        Entry.objects.bulk_update([self.entries[place] for place in places], ["at", "re"])

    def write_reactions(self) -> None:
        """Write the reactions as rows alone: their entries in the log are for pages that are open."""
        Reaction.objects.bulk_create(
            Reaction(message=self.entries[place], mark=mark, user=self.people[key])
            for place, message in enumerate(self.room)
            for mark, key in map(str.split, message.marks)
        )

    def _message(self, room: Room, place: int) -> NewMessage:
        message = self.room[place]
        author = self.people[message.by]
        with clock.at(self.moments[place]):
            files = self.attachments.receive(message.files, author)
        return NewMessage(
            room.pk,
            author.pk,
            uuid.uuid4(),
            message.text,
            author.language,
            files=files.keys,
            alts=dict(files.alts),
        )
