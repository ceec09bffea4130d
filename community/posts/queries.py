"""What pages show of posts of any kind: which withdrawn ones still have a place among the others, and the
messages of a room that posts reference, read from the room itself."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q

from common import visibility
from common.html import plain
from community.posts.models import KeptMessage, PostMention, TextPost
from community.posts.permissions import Written, can_restore_with
from messaging.chat import attachments
from messaging.chat.models import Entry
from messaging.chat.serialize import author_of
from messaging.chat.shown import FileInMessage, files_shown
from messaging.chat.texts import MAX_MESSAGE_CHARS

if TYPE_CHECKING:
    from community.people.models import User


class Numbered(Written, Protocol):
    """A post with a number among those it stands with."""

    @property
    def number(self) -> int: ...


N = TypeVar("N", bound=Numbered)


def shown_of(
    rows: list[N], reader: "User", newest_published: Callable[[], int | None], *, keeps_order: bool
) -> list[N]:
    """Of a page of numbered posts those that are shown: a withdrawn one if others follow, or if the reader
    may restore it. `newest_published` is asked for the newest number that is not withdrawn if it matters."""
    if not any(row.is_withdrawn for row in rows):
        return rows
    newest = newest_published() or 0
    return [
        row
        for row in rows
        if not row.is_withdrawn
        or row.number < newest
        or can_restore_with(reader, row, keeps_order=keeps_order)
    ]


class Kept(NamedTuple):
    """One message as the post shows it. A withdrawn one has its author and time only."""

    author_id: int
    name: str
    time: str
    """Hour and minute by the clock of the space."""
    html: str = ""
    language: str = ""
    files: tuple[FileInMessage, ...] = ()
    withdrawn: bool = False
    taken_down: bool = False
    follows: bool = False
    """Whether the message before it has the same author and is shown, so that the name is not repeated."""

    def as_plain_text(self) -> str:
        """The message on one line of plain text; empty if withdrawn."""
        if self.withdrawn:
            return ""
        words = [plain(self.html, MAX_MESSAGE_CHARS), *(file.name for file in self.files)]
        return f"{self.name}, {self.time}: {', '.join(filter(None, words))}"


def register() -> None:
    """Register who may open the files of messages."""
    visibility.register_visibility(attachments.KIND, messages_shown_to)


def messages_shown_to(user: Any, messages: Iterable[int]) -> set[int]:
    """Those of these messages (primary keys) that this person reads, in their room or kept in a post;
    withdrawn ones are read by nobody."""
    if not user.is_authenticated:
        return set()
    asked = set(messages)
    found = attachments.visible_messages(user, asked)
    rows = KeptMessage.objects.filter(message__in=asked - found, message__withdrawn_at=None)
    kept: dict[str, dict[int, set[int]]] = {}
    for kind, post, message in rows.values_list("post_kind", "post_id", "message_id"):
        kept.setdefault(kind, {}).setdefault(post, set()).add(message)
    for kind, posts in kept.items():
        for post in visibility.visible(user, kind, posts):
            found |= posts[post]
    return found


def mentions(kind: str, reader: Any) -> Exists:
    """Whether each post of this kind mentions the reader, as a column of a statement."""
    return Exists(PostMention.objects.filter(post_kind=kind, post_id=OuterRef("pk"), user=reader))


def load_kept_messages(posts: Iterable[TextPost]) -> None:
    """Set `kept_messages` on each of these posts: one query, none if they reference no messages."""
    posts = list(posts)
    found = kept_messages_in((post.KIND, post.pk) for post in posts if post.kept_from is not None)
    for post in posts:
        post.kept_messages = found.get((post.KIND, post.pk), [])


def kept_messages_in(posts: Iterable[tuple[str, int]]) -> dict[tuple[str, int], list[Kept]]:
    """The messages that posts reference, given and returned by their kinds and ids: one query at most."""
    condition = Q()
    for kind, pk in posts:
        condition |= Q(post_kind=kind, post_id=pk)
    if not condition:
        return {}
    rows = KeptMessage.objects.filter(condition).select_related("message__author", "message__room__space")
    found: dict[tuple[str, int], list[Kept]] = {}
    for row in rows.order_by("message__number"):
        shown = found.setdefault((row.post_kind, row.post_id), [])
        shown.append(_kept(row.message, shown[-1] if shown else None))
    return found


def _kept(message: Entry, previous: Kept | None) -> Kept:
    author, zone = author_of(message), ZoneInfo(message.room.space.time_zone)
    time = f"{message.at.astimezone(zone):%H:%M}"
    if message.withdrawn_at is not None:
        taken_down = message.withdrawn_by_id != author.pk
        return Kept(author.pk, author.name, time, withdrawn=True, taken_down=taken_down)
    follows = previous is not None and previous.author_id == author.pk and not previous.withdrawn
    files = files_shown(message.files)
    return Kept(author.pk, author.name, time, message.html, message.language, files, follows=follows)
