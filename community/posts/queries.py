"""The messages of a room that posts hold, read from the room itself."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Q

from common.html import plain
from community.posts.models import KeptMessage, TextPost
from messaging.chat.models import Entry
from messaging.chat.serialize import author_of


@dataclass(frozen=True)
class Kept:
    """One message as the post shows it. Of a withdrawn one there is nothing but who wrote it."""

    author_id: int
    name: str
    time: str
    """Hour and minute by the clock of the space."""
    html: str = ""
    language: str = ""
    withdrawn: bool = False
    taken_down: bool = False
    follows: bool = False
    """Whether the message before it has the same author and is shown, so that the name is not repeated."""

    def line(self) -> str:
        """The message in one line of plain text, empty when withdrawn."""
        return "" if self.withdrawn else f"{self.name}, {self.time}: {plain(self.html)}"


def load_kept_messages(posts: Iterable[TextPost]) -> None:
    """Set `kept_messages` on each of these posts: one query, none when they hold no messages."""
    held = {(post.KIND, post.pk): post for post in posts}
    for post in held.values():
        post.kept_messages = []
    wanted = Q()
    for kind, pk in held:
        if held[kind, pk].kept_from is not None:
            wanted |= Q(post_kind=kind, post_id=pk)
    if not wanted:
        return
    messages = defaultdict(list)
    rows = KeptMessage.objects.filter(wanted).select_related("message__author", "message__room__space")
    for row in rows.order_by("message__number"):
        messages[row.post_kind, row.post_id].append(row.message)
    for key, entries in messages.items():
        shown = held[key].kept_messages
        for entry in entries:
            shown.append(_kept(entry, shown[-1] if shown else None))


def _kept(message: Entry, before: Kept | None) -> Kept:
    author, zone = author_of(message), ZoneInfo(message.room.space.time_zone)
    time = f"{message.at.astimezone(zone):%H:%M}"
    if message.withdrawn_at is not None:
        taken_down = message.withdrawn_by_id != author.pk
        return Kept(author.pk, author.name, time, withdrawn=True, taken_down=taken_down)
    follows = before is not None and before.author_id == author.pk and not before.withdrawn
    return Kept(author.pk, author.name, time, message.html, message.language, follows=follows)
