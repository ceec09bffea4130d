"""Messages, quotes and entries of a room's log as JSON for a browser. The browser's side is static/js/."""

from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

from common import names
from messaging.chat.attachments import MessageFile
from messaging.chat.models import Entry
from messaging.chat.texts import quote_excerpt
from messaging.live.streams import StreamEntry

if TYPE_CHECKING:
    from community.people.models import User

Marks = dict[str, list[tuple[int, str]]]
"""Who gave which mark: ids and names, in the order in which they gave it."""


class Author(TypedDict):
    """Who wrote a message; `role` is their role in the room, empty for a plain member."""

    id: int | None
    name: str
    initials: str
    role: str


class QuoteAuthor(TypedDict):
    """Who wrote a quoted message."""

    id: int
    name: str


class Quote(TypedDict):
    """The message that another one replies to; of a withdrawn one only `n` and `gone`."""

    n: int
    gone: NotRequired[Literal[True]]
    by: NotRequired[QuoteAuthor]
    words: NotRequired[str]
    """Its first words, as plain text."""
    file: NotRequired[MessageFile]
    """The first of its files, where it has no words."""


class Message(TypedDict):
    """A message as it is now; of a withdrawn one only the keys that are always there, `gone` and `own`."""

    n: int
    by: Author
    at: str
    """When it was written, ISO 8601 in UTC."""
    cid: str
    """The client id its sender made."""
    gone: NotRequired[Literal[True]]
    own: NotRequired[bool]
    """Whether its author withdrew it, and not somebody who keeps order."""
    html: NotRequired[str]
    text: NotRequired[str]
    lang: NotRequired[str]
    """The language it was written in."""
    edited: NotRequired[Literal[True]]
    kept: NotRequired[str]
    """Path of the page where it was kept. Not its title, which may be edited, withdrawn or erased."""
    re: NotRequired[Quote]
    marks: NotRequired[Marks]
    files: NotRequired[list[MessageFile]]
    to: NotRequired[list[int]]
    """Ids of those it mentions."""


class RoomEntry(StreamEntry):
    """An entry of a room's log. A message or a change of one carries the message as it is now in `m`, so that
    receiving it twice, or an old change late, shows the same. An entry about leaving has `who` instead, and a
    notice neither."""

    m: NotRequired[Message]


def serialize_message(
    message: Entry,
    role: str,
    marks: Marks | None = None,
    mentioned: list[int] | None = None,
    name: str | None = None,
) -> Message:
    """A message as it is now; of a withdrawn one without its text. The author's name is read from their row
    unless it is given."""
    if name is None:
        name = author_of(message).name
    author: Author = {"id": message.author_id, "name": name, "initials": names.initials(name), "role": role}
    shown: Message = {
        "n": message.number,
        "by": author,
        "at": message.at.isoformat(),
        "cid": str(message.client_id),
    }
    if message.withdrawn_at:
        return {**shown, "gone": True, "own": message.withdrawn_by_id == message.author_id}
    shown |= {"html": message.html, "text": message.text, "lang": message.language}
    if message.edited_at:
        shown["edited"] = True
    if message.kept_path:
        shown["kept"] = message.kept_path
    if message.re:
        shown["re"] = serialize_quote(message.re)
    if marks:
        shown["marks"] = marks
    if mentioned:
        shown["to"] = mentioned
    if message.files:
        shown["files"] = message.files
    return shown


def serialize_quote(message: Entry) -> Quote:
    """A message as a reply to it shows it."""
    if message.withdrawn_at:
        return {"n": message.number, "gone": True}
    author = author_of(message)
    quote: Quote = {
        "n": message.number,
        "by": {"id": author.pk, "name": author.name},
        "words": quote_excerpt(message.html),
    }
    if message.files and not quote["words"]:
        quote["file"] = message.files[0]
    return quote


def author_of(message: Entry) -> "User":
    """Who wrote a message. Only entries about leaving and notices may have no author."""
    assert message.author is not None
    return message.author
