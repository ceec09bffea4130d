"""A conversation's opening and its replies as plain values, of which their pieces are drawn and kept."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from django.utils.safestring import SafeString

from common import names
from common.moments import moment
from community.posts.mark_queries import ShownMark, marks_shown
from community.posts.permissions import can_edit, can_mark, can_restore_with, can_withdraw_with
from community.posts.queries import Kept, kept_messages_in
from community.rooms.queries import message_path
from community.spaces.kinds import Role
from community.spaces.permissions import can_talk
from community.spaces.queries import has_answerer
from community.threads.models import Reply, Thread
from community.threads.permissions import can_accept, can_open_to_everyone, can_pin, can_reply
from community.threads.queries import url_at_number
from community.threads.reading_queries import Opened, Shown
from messaging.files.shown import ShownFile, in_text, not_in

if TYPE_CHECKING:
    from community.people.models import User


class Badge(NamedTuple):
    """The role shown beside a name."""

    label: str
    badge: str


def badge_of(role: Role | None) -> Badge | None:
    """The badge of a role, in the active language; None without a role that has one."""
    return Badge(str(role.label), role.badge) if role else None


class ShownOpening(NamedTuple):
    """The first post of a conversation."""

    pk: int
    title: str
    language: str
    html: str
    author_id: int
    name: str
    role: Badge | None
    moment: SafeString | str
    changed: bool
    withdrawn: bool
    taken_down: bool
    hidden: bool
    """As `Post.was_hidden`."""
    private: str
    """Who alone reads it, in words; empty if everybody does."""
    pinned: bool
    answer_url: str
    """Where the accepted answer is."""
    needs_answer: bool
    files: tuple[ShownFile, ...]
    kept: tuple[Kept, ...]
    kept_path: str
    reader: int
    """The reader where what is shown depends on it: what was withdrawn, and messages of the room."""
    is_mine: bool
    nobody_reads: bool
    opens: bool
    pins: bool
    edits: bool
    withdraws: bool
    restores: bool
    marks: tuple[ShownMark, ...]
    may_mark: bool
    to_me: bool
    """Whether it mentions the reader."""
    quotes: bool
    """Whether the reader may quote it in a reply."""

    @property
    def initials(self) -> str:
        """For the avatar."""
        return names.initials(self.name)


class ShownReply(NamedTuple):
    """One reply."""

    pk: int
    number: int
    is_first_new: bool
    language: str
    html: str
    author_id: int
    name: str
    role: Badge | None
    moment: SafeString | str
    tried: bool
    changed: bool
    withdrawn: bool
    taken_down: bool
    files: tuple[ShownFile, ...]
    hidden: bool
    """As `Post.was_hidden`."""
    kept: tuple[Kept, ...]
    kept_path: str
    reader: int
    """As in `ShownOpening`."""
    answers: bool
    accepts: bool
    unaccepts: bool
    edits: bool
    withdraws: bool
    restores: bool
    marks: tuple[ShownMark, ...]
    may_mark: bool
    to_me: bool
    """Whether it mentions the reader."""
    quotes: bool
    """Whether the reader may quote it in a reply."""

    @property
    def initials(self) -> str:
        """For the avatar."""
        return names.initials(self.name)


class Writer(NamedTuple):
    """Somebody who wrote in a conversation; `badge` is that of their role."""

    name: str
    badge: str

    @property
    def initials(self) -> str:
        """For the avatar."""
        return names.initials(self.name)


def writers_of(opening: ShownOpening, replies: Iterable[ShownReply]) -> tuple[Writer, ...]:
    """Who wrote what a page shows of a conversation and was not withdrawn, in the order in which they came to
    it; nobody for a conversation of one."""
    posts: list[ShownOpening | ShownReply] = [opening, *replies]
    posts = [post for post in posts if not post.withdrawn]
    writers = {post.author_id: Writer(post.name, post.role.badge if post.role else "") for post in posts}
    return tuple(writers.values()) if len(writers) > 1 else ()


def opening_shown(
    opened: Opened, reader: "User", roles: Mapping[int, Role], *, keeps_order: bool
) -> ShownOpening:
    """The opening as this reader sees it."""
    thread, reading = opened.thread, opened.reading
    space, kept = thread.space, thread.kept_from is not None
    answered = thread.is_question and reading.is_answered
    is_mine = thread.author_id == reader.pk
    nobody_answers = thread.for_answerers_only and not has_answerer(space)
    messages = kept_messages_in([(Thread.KIND, thread.pk)]) if kept else {}
    may_mark = can_mark(reader, thread)
    return ShownOpening(
        pk=thread.pk,
        title=thread.title,
        language=thread.language,
        html=in_text(thread.html, reading.files),
        author_id=thread.author_id,
        name=reading.author_name,
        role=badge_of(roles.get(thread.author_id)),
        moment=moment(thread.created_at),
        changed=thread.edited_at is not None,
        withdrawn=thread.is_withdrawn,
        taken_down=thread.was_taken_down,
        hidden=thread.was_hidden,
        private=str(space.sentences.for_answerers) if thread.for_answerers_only else "",
        pinned=thread.pinned_at is not None,
        answer_url=url_at_number(thread.pk, reading.answer_number or 0) if reading.is_answered else "",
        needs_answer=thread.is_question and not answered and space.is_open,
        files=() if thread.is_withdrawn else tuple(not_in(reading.files, thread.html)),
        kept=tuple(messages.get((Thread.KIND, thread.pk), ())),
        kept_path=message_path(space.pk, thread.kept_from) if thread.kept_from is not None else "",
        reader=reader.pk if kept or thread.is_withdrawn else 0,
        is_mine=is_mine,
        nobody_reads=nobody_answers and is_mine and not reading.is_answered and space.is_open,
        opens=nobody_answers and can_open_to_everyone(reader, thread),
        pins=can_pin(reader, thread),
        edits=can_edit(reader, thread),
        withdraws=can_withdraw_with(reader, thread, keeps_order=keeps_order),
        restores=can_restore_with(reader, thread, keeps_order=keeps_order),
        marks=marks_shown(reading.marks, may_mark=may_mark),
        may_mark=may_mark,
        to_me=reading.mentions_reader,
        quotes=bool(thread.html) and can_reply(reader, thread),
    )


def replies_as_shown(
    opened: Opened, shown: Shown, reader: "User", roles: Mapping[int, Role], *, keeps_order: bool
) -> list[ShownReply]:
    """The replies of a page as this reader sees them."""
    thread, rows = opened.thread, shown.replies
    messages = kept_messages_in((Reply.KIND, row.pk) for row in rows if row.kept_from is not None)
    accepts, answered = can_accept(reader, thread), opened.reading.is_answered
    badges = {user: badge_of(role) for user, role in roles.items()}
    talks, may_reply = can_talk(reader, thread.space), can_reply(reader, thread)
    replies = []
    for row in rows:
        answers = row.pk == thread.answer_id and not row.is_withdrawn
        kept = row.kept_from is not None
        may_mark = talks and row.author_id != reader.pk and not row.is_withdrawn
        replies.append(
            ShownReply(
                pk=row.pk,
                number=row.number,
                is_first_new=row.number == shown.first_new,
                language=row.language,
                html=in_text(row.html, row.files),
                author_id=row.author_id,
                name=row.author_name,
                role=badges.get(row.author_id),
                moment=moment(row.created_at),
                tried=row.tried,
                changed=row.edited_at is not None,
                withdrawn=row.is_withdrawn,
                taken_down=row.was_taken_down,
                files=() if row.is_withdrawn else tuple(not_in(row.files, row.html)),
                hidden=row.was_hidden,
                kept=tuple(messages.get((Reply.KIND, row.pk), ())),
                kept_path=message_path(thread.space_id, row.kept_from) if row.kept_from is not None else "",
                reader=reader.pk if kept or row.is_withdrawn else 0,
                answers=answers,
                accepts=accepts and not answered,
                unaccepts=accepts and answers,
                edits=can_edit(reader, row),
                withdraws=can_withdraw_with(reader, row, keeps_order=keeps_order),
                restores=can_restore_with(reader, row, keeps_order=keeps_order),
                marks=marks_shown(row.marks, may_mark=may_mark),
                may_mark=may_mark,
                to_me=row.mentions_reader,
                quotes=bool(row.html) and may_reply,
            )
        )
    return replies
