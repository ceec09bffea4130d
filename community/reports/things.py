"""What can be reported: posts, messages of rooms, and the files of both. How each is found, hidden and shown
again."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.urls import reverse

from common import clock
from common.html import plain, trusted
from community.posts import hiding_actions as posts
from community.posts import kinds
from community.posts.actions import lock_post
from community.posts.models import Post
from community.practices.actions import PARTS
from community.practices.models import Practice
from community.reports.models import WHOLE
from community.rooms.queries import message_path
from community.spaces.models import Space
from community.spaces.permissions import can_keep_order
from community.threads.models import Reply, Thread
from messaging.chat import hiding_actions as chat
from messaging.chat.entries import lock_room
from messaging.chat.models import Entry, RoomMember
from messaging.files.models import File

if TYPE_CHECKING:
    from community.people.models import User

MESSAGE = "message"
EXCERPT_WORDS = 40


@dataclass(frozen=True)
class Thing:
    """Something that was reported, or can be: a post or a message, with its space."""

    kind: str
    row: Any
    space: Space
    path: str
    words: str
    """The beginning of its text, as plain text."""
    html: str
    edit_path: str = ""

    @property
    def pk(self) -> int:
        pk: int = self.row.pk
        return pk

    @property
    def author(self) -> "User":
        author: User = self.row.author
        return author

    @property
    def private(self) -> bool:
        """Whether only those who answer may read it beside its author."""
        thread = self.row.thread if isinstance(self.row, Reply) else self.row
        return isinstance(thread, Thread) and thread.for_answerers_only

    @property
    def files(self) -> list[File]:
        """Its pictures and files, in their order."""
        return list(File.objects.filter(kind=self.kind, thing_id=self.pk).order_by("position", "pk"))

    @property
    def is_shown(self) -> bool:
        """Whether readers see it now."""
        return self.row.withdrawn_at is None

    def is_kept_in_order_by(self, user: "User") -> bool:
        """Whether this user may take it down."""
        if isinstance(self.row, Post):
            return kinds.kind_of(self.row).keeps_order(user, self.row)
        return can_keep_order(user, self.space)

    def lock(self) -> None:
        """Lock it until the end of the transaction, as every change of it does."""
        if isinstance(self.row, Post):
            lock_post(self.row)
        else:
            lock_room(self.row.room)

    def hide(self, file_pk: int = WHOLE) -> None:
        """Hide it in nobody's name, or one file of it."""
        if file_pk != WHOLE:
            self._set_hidden(file_pk, clock.now())
        elif isinstance(self.row, Post):
            posts.hide(post=self.row)
        else:
            chat.hide(message=self.row)

    def show_again(self, file_pk: int = WHOLE) -> None:
        """Undo `hide`. What was withdrawn or taken down by somebody stays so."""
        if file_pk != WHOLE:
            self._set_hidden(file_pk, None)
        elif isinstance(self.row, Post):
            posts.show_again(post=self.row)
        else:
            chat.show_again(message=self.row)

    def take_down(self, by: "User", file_pk: int = WHOLE) -> None:
        """Keep it hidden for good, by who decided that."""
        if file_pk != WHOLE:
            self._set_hidden(file_pk, clock.now())
        elif isinstance(self.row, Post):
            posts.take_down(post=self.row, by=by)
        else:
            chat.take_down(message=self.row, by=by)

    def _set_hidden(self, file_pk: int, at: dt.datetime | None) -> None:
        if isinstance(self.row, Post):
            File.objects.filter(pk=file_pk, kind=self.kind, thing_id=self.pk).update(hidden_at=at)
        else:
            chat.set_file_hidden(message=self.row, file=file_pk, at=at)


def find(user: "User", kind: str, pk: int) -> Thing | None:
    """What this user sees now and may report; None if there is no such thing for them."""
    if kind == MESSAGE:
        rooms = RoomMember.objects.current().filter(user=user).values("room")
        message = _messages().filter(pk=pk, room__in=rooms, withdrawn_at=None).first()
        return None if message is None else _thing(kind, message)
    post = kinds.visible_post(kind, pk, user)
    if post is None or kinds.kind_of(post).head(post).is_withdrawn:
        return None
    return _thing(kind, post)


def find_message(user: "User", space: int, number: int) -> Thing | None:
    """The message with this number in the room of a space, if the user sees it now."""
    message = Entry.objects.filter(room__space=space, number=number).values_list("pk", flat=True).first()
    return None if message is None else find(user, MESSAGE, message)


def reported(kind: str, pk: int) -> Thing | None:
    """What a report is on, hidden or not; None if it was deleted."""
    posts = None if kind == MESSAGE else kinds.kind_named(kind).model.objects.select_related("author")
    row = (_messages() if posts is None else posts).filter(pk=pk).first()
    return None if row is None else _thing(kind, row)


def _messages() -> "QuerySet[Entry]":
    return Entry.objects.filter(kind=Entry.Kind.MESSAGE).select_related("author", "room__space__institute")


def _thing(kind: str, row: Any) -> Thing:
    if kind == MESSAGE:
        space = row.room.space
        path, html, edit = message_path(space.pk, row.number), row.html, ""
    else:
        space, path, html = row.home, kinds.kind_of(row).path(row), _html_of(row)
        edit = reverse(f"{kind}_edit", args=[row.pk])
    title = getattr(row, "title", "")
    words = plain(html, EXCERPT_WORDS)
    return Thing(kind, row, space, path, f"{title}. {words}" if title else words, trusted(html), edit)


def _html_of(post: Any) -> str:
    if isinstance(post, Practice):
        return "".join(getattr(post, f"{part}_html") for part in PARTS)
    html: str = post.html
    return html
