"""Mentions: "@Full Name" in a message notifies that member.

A mention is a row, inserted in the transaction of its message, with the moment its person was notified. They
are notified after the commit; the sweep notifies those that a killed process left. The subject that owns the
rooms decides how people are notified (`set_notifier`).
"""

import logging
import threading
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from django.db import connection, transaction

from common import clock
from common.mention_parser import find_mentioned, replace_name
from messaging.chat.models import Entry, Mention, RoomMember
from messaging.chat.texts import render
from messaging.jobs import loop
from messaging.jobs.due import sweep_rows

if TYPE_CHECKING:
    from community.people.models import User

logger = logging.getLogger("aftercourse.chat")


class MentionNotifier(Protocol):
    """How people are notified of mentions."""

    def lock(self, users: Collection["User"]) -> None:
        """Lock the rows that notifying these people will change, until the end of the transaction."""

    def notify(self, message: Entry, users: Collection["User"]) -> None:
        """Notify these people of a message. Idempotent."""

    def mark_seen(self, user: "User", messages: Collection[int]) -> None:
        """This person has read these messages (ids of rows)."""

    def recount(self, messages: Collection[int]) -> None:
        """These messages were withdrawn, restored or edited: recompute the unseen counts."""


ReadSpan = tuple[int, int, int, int]
"""The id of a user and of a room, and the numbers after which and up to which the user has newly read it."""
MESSAGES_PER_UPDATE = 200
"""Messages one statement rewrites."""

_notifiers: list[MentionNotifier] = []
_background = threading.local()
_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mentions")


def set_notifier(notifier: MentionNotifier) -> None:
    """Set how people are notified; replaces an earlier one."""
    _notifiers[:] = [notifier]


def register() -> None:
    """Register the sweep of mentions whose people were not notified."""
    loop.register("mentions", notify_due)


def notify_in_background() -> None:
    """Notify of mentions that the calling thread commits in another thread, because senders wait for the
    calling one."""
    _background.on = True


def record(messages: Iterable[Entry]) -> dict[int, list[int]]:
    """Insert the mentions of these new messages, and notify after the commit. Only members of their rooms can
    be mentioned.

    Returns the ids of the mentioned users by message id; messages without any are left out. No query for
    messages without an @; else one for all of them, and an insert if somebody is mentioned.
    """
    candidates = [message for message in messages if "@" in message.text]
    if not candidates:
        return {}
    members = _members_of({message.room_id for message in candidates})
    rows, mentioned = [], {}
    for message in candidates:
        room_members = members.get(message.room_id, [])
        found = sorted(find_mentioned(message.text, room_members) - {message.author_id})
        if found:
            mentioned[message.pk] = found
            names = dict(room_members)
            rows += [Mention(message=message, user_id=user, name=names[user]) for user in found]
    if rows:
        Mention.objects.bulk_create(rows, ignore_conflicts=True)
        transaction.on_commit(_notify_soon, robust=True)
    return mentioned


def record_again(message: Entry) -> None:
    """Update the mentions of an edited message: users who are mentioned for the first time are notified,
    mentions that are not in the text any more are deleted."""
    rows = Mention.objects.filter(message=message)
    before = dict(rows.values_list("user_id", "name"))
    if not before and "@" not in message.text:
        return
    now = set(record([message]).get(message.pk, []))
    # A member who was renamed since is still mentioned by the earlier name.
    by_earlier_name = find_mentioned(message.text, before.items())
    if removed := set(before) - now - by_earlier_name:
        # Bells before mentions, in the lock order of `_notify`, to avoid a deadlock.
        _recount([message.pk])
        rows.filter(user__in=removed).delete()
    if renamed := (set(before) & now) - by_earlier_name:
        for user, name in _members_of({message.room_id})[message.room_id]:
            if user in renamed:
                rows.filter(user=user).update(name=name)


def messages_changed(messages: Iterable[Entry]) -> None:
    """Messages were withdrawn or restored: recompute the unseen counts of those with mentions."""
    rows = Mention.objects.filter(message__in=[message.pk for message in messages])
    _recount(sorted(set(rows.values_list("message_id", flat=True))))


def erase_name(user: "User") -> set[int]:
    """Replace this person's name in all messages that mention them, except where it mentions somebody else of
    the same name too. Returns the ids of the messages that changed.

    Call it while their rooms are locked (`entries.lock_memberships`).
    """
    rows = list(Mention.objects.filter(message__mentions__user=user).select_related("message"))
    own_names = {row.message_id: row.name for row in rows if row.user_id == user.pk}
    changed: dict[int, Entry] = {}
    for pk, message in {row.message_id: row.message for row in rows}.items():
        others = [row.name for row in rows if row.message_id == pk and row.user_id != user.pk]
        text = replace_name(message.text, own_names[pk], others)
        if text != message.text:
            for column, value in render(text, message.files).items():
                setattr(message, column, value)
            changed[pk] = message
    Entry.objects.bulk_update(changed.values(), ["text", "html", "folded"], batch_size=MESSAGES_PER_UPDATE)
    return set(changed)


def is_mentioned(user: "User", messages: Iterable[int]) -> set[int]:
    """Those of these messages (primary keys) that mention this person, are not withdrawn, and are in a room
    of which they are a member now."""
    rooms = RoomMember.objects.current().filter(user=user).values("room")
    rows = Mention.objects.filter(
        user=user, message__in=list(messages), message__withdrawn_at=None, message__room__in=rooms
    )
    return set(rows.values_list("message_id", flat=True))


def mentioned_in(messages: Iterable[int]) -> dict[int, list[int]]:
    """The ids of the users mentioned in these messages (primary keys), in one query; messages without
    mentions are left out."""
    found: dict[int, list[int]] = {}
    rows = Mention.objects.filter(message__in=list(messages)).order_by("user_id")
    for message, user in rows.values_list("message_id", "user_id"):
        found.setdefault(message, []).append(user)
    return found


def mark_read(spans: Collection[ReadSpan]) -> None:
    """Mark the notifications of mentions in newly read messages as seen. One query to find all of them."""
    if not spans:
        return
    rows = Mention.objects.filter(
        user__in={user for user, *_rest in spans},
        message__room__in={room for _user, room, *_rest in spans},
        message__number__gt=min(since for *_rest, since, _number in spans),
    )
    numbers = {(user, room): range(since + 1, number + 1) for user, room, since, number in spans}
    seen: dict[User, list[int]] = {}
    for mention in rows.select_related("user", "message"):
        if mention.message.number in numbers.get((mention.user_id, mention.message.room_id), ()):
            seen.setdefault(mention.user, []).append(mention.message_id)
    for notifier in _notifiers:
        # Bells are locked by user id everywhere, to avoid deadlocks.
        for user, messages in sorted(seen.items(), key=lambda item: item[0].pk):
            notifier.mark_seen(user, messages)


def notify_due() -> int:
    """Notify everybody mentioned who was not notified yet; returns the number of messages. A message that
    fails is retried with back-off, and delays no other."""
    due = Mention.objects.filter(told_at=None).order_by("message_id")
    return sweep_rows("mentions", due, _notify, due_at="message__at", field="message_id")


def _notify_soon() -> None:
    if getattr(_background, "on", False):
        _pool.submit(_notify_in_pool)
    else:
        notify_due()


def _notify_in_pool() -> None:
    try:
        notify_due()
    except Exception:
        logger.exception("Could not notify of mentions; the sweep retries")
    finally:
        connection.close()


@transaction.atomic
def _notify(message_pk: int) -> int:
    due = Mention.objects.filter(message=message_pk, told_at=None).select_related("user")
    if not _notifiers or not (users := [row.user for row in due]):
        return 0
    # Lock order everywhere: bells before mentions. A transaction that notified or removed a person in the
    # meantime has therefore committed before the mentions are read again.
    _notifiers[0].lock(users)
    if not (mentions := list(due.all())):
        return 0
    message = Entry.objects.select_related("author", "room").get(pk=message_pk)
    # Users who have read it in the meantime, or are no members any more, are not notified.
    unread = RoomMember.objects.current().filter(
        room=message.room_id, read_number__lt=message.number, user__suspended_at=None
    )
    unread_by = set(unread.values_list("user_id", flat=True))
    users = [row.user for row in mentions if row.user_id in unread_by]
    if users:
        _notifiers[0].notify(message, users)
    Mention.objects.filter(pk__in=[row.pk for row in mentions]).update(told_at=clock.now())
    return 1


def _recount(messages: list[int]) -> None:
    for notifier in _notifiers:
        notifier.recount(messages)


def _members_of(rooms: Collection[int]) -> dict[int, list[tuple[int, str]]]:
    """The id and name of each current member, by room."""
    members = RoomMember.objects.current().filter(room__in=rooms, user__suspended_at=None)
    found: dict[int, list[tuple[int, str]]] = {}
    for room, user, name in members.values_list("room_id", "user_id", "user__name"):
        found.setdefault(room, []).append((user, name))
    return found
