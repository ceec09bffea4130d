"""Files of messages. What readers need to know of them stands in the message's row, so that pages, sockets
and searches take no further statement; who may open one is asked of the room each time it is opened."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

from django.db.models.fields.json import KT
from django.utils.translation import gettext

from common.text import clean_line
from messaging.chat.models import Entry, RoomMember
from messaging.files import housekeeping
from messaging.files.models import MAX_ALT_CHARS, WAITING, File

if TYPE_CHECKING:
    from community.people.models import User

KIND = "message"
"""The kind of thing that these files are attached to; their `thing_id` is the primary key of the entry."""
FIRST_FILE = {"file": KT("files__0__name"), "file_type": KT("files__0__type")}
"""What a query of messages is annotated with for `in_words`."""


class MessageFile(TypedDict):
    """A file of a message as readers are shown it. Of one that a report has hidden, nothing but its id."""

    id: int
    hidden: NotRequired[Literal[True]]
    name: NotRequired[str]
    type: NotRequired[str]
    size: NotRequired[int]
    w: NotRequired[int]
    """Of a picture: its width, and its height in `h`, so that its place is known before it is loaded."""
    h: NotRequired[int]
    alt: NotRequired[str]


def register() -> None:
    """Register when files of messages can be deleted."""
    housekeeping.register_owner(KIND, _existing)


def lock_waiting(keys: Collection[uuid.UUID]) -> dict[uuid.UUID, File]:
    """Lock the files with these keys that belong to nothing yet, by their keys."""
    rows = File.objects.select_for_update().filter(key__in=keys, kind=WAITING).order_by("pk")
    return {file.key: file for file in rows}


def describe(files: Iterable[File], alts: Mapping[uuid.UUID, str]) -> None:
    """Set what can be seen on files that were not described before."""
    for file in files:
        file.alt = clean_line(alts.get(file.key, ""))[:MAX_ALT_CHARS] or file.alt


def attach(files: Mapping[int, list[File]]) -> None:
    """Attach locked files to messages, given by the primary keys of these; one statement."""
    changed = []
    for message, of_message in files.items():
        for position, file in enumerate(of_message):
            file.kind, file.thing_id, file.position = KIND, message, position
            changed.append(file)
    File.objects.bulk_update(changed, ["kind", "thing_id", "position", "alt"])


def files_of(message: Entry) -> list[File]:
    """Its files, in their order."""
    return list(File.objects.filter(kind=KIND, thing_id=message.pk).order_by("position", "pk"))


def described(files: Iterable[File]) -> list[MessageFile] | None:
    """The column of a message with these files."""
    return [_described(file) for file in files] or None


def _described(file: File) -> MessageFile:
    if file.hidden_at is not None:
        return {"id": file.pk, "hidden": True}
    shown = MessageFile(id=file.pk, name=file.name, type=file.content_type, size=file.size)
    if file.is_picture:
        shown |= {"w": file.width or 0, "h": file.height or 0}
    if file.alt:
        shown["alt"] = file.alt
    return shown


def words_of(files: list[MessageFile] | None) -> str:
    """What search finds a message by beside its text: the names of its files and what pictures show."""
    return " ".join(f"{file.get('name', '')} {file.get('alt', '')}" for file in files or ())


def in_words(name: str | None, content_type: str | None) -> str:
    """A file as a few words that stand for a message without a text."""
    if (content_type or "").startswith("image/"):
        return gettext("Picture")
    return name or gettext("File")


def visible_messages(user: "User", messages: Iterable[int]) -> set[int]:
    """Those of these messages (primary keys) that are not withdrawn and in a room of which this person is a
    member now."""
    rooms = RoomMember.objects.current().filter(user=user).values("room")
    rows = Entry.objects.filter(
        pk__in=list(messages), kind=Entry.Kind.MESSAGE, withdrawn_at=None, room__in=rooms
    )
    return set(rows.values_list("pk", flat=True))


def _existing(messages: Iterable[int]) -> set[int]:
    return set(Entry.objects.filter(pk__in=list(messages)).values_list("pk", flat=True))
