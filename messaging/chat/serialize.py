"""Messages and quotes as JSON for a browser."""

from typing import TYPE_CHECKING, Any

from common import names
from messaging.chat.models import Entry
from messaging.chat.texts import quoted

if TYPE_CHECKING:
    from community.people.models import User

Marks = dict[str, list[tuple[int, str]]]
"""Who gave which mark: ids and names, in the order in which they gave it."""


def message_as_shown(
    message: Entry,
    role: str,
    marks: Marks | None = None,
    people: list[int] | None = None,
    name: str | None = None,
) -> dict[str, Any]:
    """A message as it is now, with the marks it has and whom it mentions. One taken back keeps its place and
    nothing of what it said. The author's name is read from their row unless it is told."""
    if name is None:
        name = author_of(message).name
    shown: dict[str, Any] = {
        "n": message.number,
        "by": {"id": message.author_id, "name": name, "initials": names.initials(name), "role": role},
        "at": message.at.isoformat(),
        "cid": str(message.client_id),
    }
    if message.withdrawn_at:
        return shown | {"gone": True, "own": message.withdrawn_by_id == message.author_id}
    shown |= {"html": message.html, "text": message.text, "lang": message.language}
    if message.edited_at:
        shown["edited"] = True
    if message.kept_path:
        shown["kept"] = {"path": message.kept_path, "title": message.kept_title}
    if message.re:
        shown["re"] = quote(message.re)
    if marks:
        shown["marks"] = marks
    if people:
        shown["to"] = people
    return shown


def quote(message: Entry) -> dict[str, Any]:
    """A message as a reply to it shows it; of one taken back, that it is."""
    if message.withdrawn_at:
        return {"n": message.number, "gone": True}
    author = author_of(message)
    return {
        "n": message.number,
        "by": {"id": author.pk, "name": author.name},
        "words": quoted(message.html),
    }


def author_of(message: Entry) -> "User":
    """Who wrote a message. Only an entry of somebody leaving may have no author."""
    assert message.author is not None
    return message.author
